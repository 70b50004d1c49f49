// The capability doc.digest: the documents of one chunk, each read and made small. What it knows of each goes to an artifact, errors included.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { Count } from "../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { FolderParam } from "../paths/folder-param.ts";
import { resolveGrantedPath } from "../paths/granted-path.ts";
import { ChunkSchema, readChunk } from "../scan/file-list.ts";
import { throwIfAborted } from "../task-error.ts";
import { type DigestRecord, writeDigestRecords } from "./digest-record.ts";
import { digestDocument } from "./document-digest.ts";

const TEN_MINUTES_MS = 600_000;
const DEFAULT_SENTENCES = 3;
const DEFAULT_KEYWORDS = 8;
const DEFAULT_MAX_BYTES = 67_108_864;

const Input = Type.Object(
  {
    path: FolderParam("The folder that was scanned."),
    chunk: ChunkSchema,
    sentences: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, default: DEFAULT_SENTENCES, title: "Sentences", description: "Of each summary, at most." }),
    ),
    keywords: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 30, default: DEFAULT_KEYWORDS, title: "Keywords", description: "Of each document, at most." }),
    ),
    max_document_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: DEFAULT_MAX_BYTES,
        default: DEFAULT_MAX_BYTES,
        title: "Largest document",
        description: "Larger ones are named as too_large and not read.",
      }),
    ),
  },
  { additionalProperties: false, title: "doc.digest input", description: "A chunk of doc.list." },
);

const Output = Type.Object(
  {
    chunk: Count("Chunk", "Position of the chunk."),
    documents: Count("Documents", "Documents of the chunk."),
    read: Count("Read", "Those that could be read."),
    failed: Count("Not read", "Those that could not; each is named in the details with its reason."),
    words: Count(
      "Words",
      "Words of the documents read: runs of letters and digits, also across an apostrophe or a hyphen; a character each in scripts without spaces.",
    ),
    words_checked: Count(
      "Words, second count",
      "The same by Unicode's word boundaries and the language's dictionary, which cut at hyphens.",
    ),
    details: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "doc.digest output", "x-kos-type": "doc.digest_part" },
);

export const docDigest = defineCapability({
  name: "doc.digest",
  title: "Summarise the documents of a folder",
  description:
    "Reads the documents of one chunk: title, language, words, summary, keywords and reading level of each, in an artifact. A document that cannot be read is " +
    "named there with its reason, and the others go on. Join the parts with digest.report. Errors: FORBIDDEN outside the granted folders, NOT_FOUND.",
  input: Input,
  output: Output,
  effects: ["fs.read"],
  output_labels: ["untrusted", "confidential"],
  timeout_ms: TEN_MINUTES_MS,
  async run(params, context) {
    const { path: root } = resolveGrantedPath(params.path, context.fsRoots, "/path");
    const entries = await readChunk(params.chunk, context.artifacts);
    const options = {
      sentences: params.sentences ?? DEFAULT_SENTENCES,
      keywords: params.keywords ?? DEFAULT_KEYWORDS,
      maxBytes: params.max_document_bytes ?? DEFAULT_MAX_BYTES,
    };
    const records: DigestRecord[] = [];
    for (const entry of entries) {
      throwIfAborted(context.signal);
      records.push(await digestDocument(entry, root, options, context));
      const done = records.length;
      context.progress({ fraction: done / entries.length, done, total: entries.length, message: `${done} of ${entries.length} documents` });
    }
    const name = `digest-${String(params.chunk.index + 1).padStart(4, "0")}.ndjson`;
    const details = await context.artifacts.put({ name, media_type: "application/x-ndjson", content: writeDigestRecords(records) });
    const failed = records.filter(({ error }) => error !== undefined).length;
    return {
      chunk: params.chunk.index,
      documents: records.length,
      read: records.length - failed,
      failed,
      words: records.reduce((sum, { words }) => sum + words, 0),
      words_checked: records.reduce((sum, { words_checked: words }) => sum + words, 0),
      details: { ...details },
      measured_by: measuredBy(context, "doc.digest"),
    };
  },
});

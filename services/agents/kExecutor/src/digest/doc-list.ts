// The capability doc.list: which files of a scan are documents, cut into small chunks of work. It reads names, no content.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { Count } from "../count-schema.ts";
import { DOCUMENT_FORMATS } from "../documents/document-format.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { spellPath } from "../paths/byte-path.ts";
import { ChunkSchema, readChunk, writeFileLists } from "../scan/file-list.ts";
import type { TreeEntry } from "../scan/tree-entry.ts";
import { throwIfAborted } from "../task-error.ts";
import { documentFormatOf, endingOf } from "./document-name.ts";

const CHUNK_DOCUMENTS = 20;
const CHUNK_BYTES = 8_388_608;
const MOST_ENDINGS = 50;
const TWO_MINUTES_MS = 120_000;

const Input = Type.Object(
  {
    chunks: Type.Array(ChunkSchema, { title: "Chunks", description: "All chunks of fs.scan.", "x-kos-type": "fs.chunks" }),
  },
  { additionalProperties: false, title: "doc.list input" },
);

export const DocListOutput = Type.Object(
  {
    documents_total: Count(
      "Documents",
      "Regular files whose name ends in one of md markdown mdown html htm xhtml pdf docx docm dotx odt ott epub txt text rst adoc, in any case, readable or not. " +
        "Symlinks are not followed and do not count.",
    ),
    bytes_total: Count("Bytes", "Sum of their sizes at the time of the scan."),
    by_format: Type.Array(
      Type.Object({ format: Type.Enum(DOCUMENT_FORMATS, { title: "Format" }), documents: Type.Integer({ title: "Documents" }) }),
      {
        title: "By format",
        description: "By what their names say.",
      },
    ),
    others_total: Count("Other files", "Entries of the scan that are no documents, of every kind."),
    others: Type.Array(Type.Object({ ending: Type.String({ title: "Ending" }), files: Type.Integer({ title: "Files" }) }), {
      title: "Other files by ending",
      description: `Regular files that are no documents, most first, at most ${MOST_ENDINGS} endings.`,
    }),
    lists: Type.Array(ArtifactRefSchema, {
      title: "Lists",
      description: "NDJSON artifacts, one {path, raw?, bytes, kind} a line, in byte order of path.",
    }),
    chunks: Type.Array(ChunkSchema, {
      title: "Chunks",
      description: `At most ${CHUNK_DOCUMENTS} documents each, or 8 MiB and one document more.`,
      "x-kos-type": "doc.chunks",
    }),
    measured_by: MeasuredBySchema,
  },
  { title: "doc.list output", "x-kos-type": "doc.list" },
);

export const docList = defineCapability({
  name: "doc.list",
  title: "Find the documents of a folder",
  description:
    "Picks the documents from the files of fs.scan, by the endings of their names, and cuts them into chunks for doc.digest. " +
    "Errors: BAD_REQUEST when a chunk is none of fs.scan, NOT_FOUND when its list is gone.",
  input: Input,
  output: DocListOutput,
  output_labels: ["untrusted", "confidential"],
  timeout_ms: TWO_MINUTES_MS,
  async run(params, context) {
    const documents: TreeEntry[] = [];
    const [formats, endings] = [new Map<string, number>(), new Map<string, number>()];
    let total = 0;
    for (const chunk of params.chunks) {
      throwIfAborted(context.signal);
      for (const entry of await readChunk(chunk, context.artifacts)) {
        total += 1;
        if (entry.kind !== "file") continue;
        const { path } = spellPath(entry.path);
        const format = documentFormatOf(path);
        if (format !== undefined) documents.push(entry);
        const [counts, key] = format === undefined ? ([endings, endingOf(path)] as const) : ([formats, format] as const);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const { lists, chunks } = await writeFileLists(documents, context.artifacts, {
      name: "documents",
      chunkEntries: CHUNK_DOCUMENTS,
      chunkBytes: CHUNK_BYTES,
    });
    return {
      documents_total: documents.length,
      bytes_total: documents.reduce((sum, { bytes }) => sum + bytes, 0),
      by_format: DOCUMENT_FORMATS.flatMap((format) => {
        const count = formats.get(format);
        return count === undefined ? [] : [{ format, documents: count }];
      }),
      others_total: total - documents.length,
      others: [...endings]
        .map(([ending, files]) => ({ ending, files }))
        .sort((one, other) => other.files - one.files || (one.ending < other.ending ? -1 : 1))
        .slice(0, MOST_ENDINGS),
      lists: [...lists],
      chunks: [...chunks],
      measured_by: measuredBy(context, "doc.list"),
    };
  },
});

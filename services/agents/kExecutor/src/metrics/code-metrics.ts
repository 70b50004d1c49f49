// The capability code.metrics: measures the files of one chunk of a scan, or of a whole small folder. What it knows of each file goes to an artifact.

import { type CapabilityContext, defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { Count } from "../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import type { BytePath } from "../paths/byte-path.ts";
import { FolderParam } from "../paths/folder-param.ts";
import { realRoots, resolveGrantedPath } from "../paths/granted-path.ts";
import { ChunkSchema, readChunk } from "../scan/file-list.ts";
import type { TreeEntry } from "../scan/tree-entry.ts";
import { scanTree } from "../scan/tree-scan.ts";
import { type FileRecord, writeRecords } from "./file-record.ts";
import { LanguageSchema, TodosByMarkerSchema, TodosSchema } from "./metrics-schema.ts";
import { createTally } from "./tally.ts";

const FIVE_MINUTES_MS = 300_000;
const BLOCK_BYTES = 1_048_576;
const LANES = 4;
const DEFAULT_MAX_FILE_BYTES = 268_435_456;
const MAX_UNCHUNKED_FILES = 20_000;
const PROGRESS_EVERY = 50;

const Input = Type.Object(
  {
    path: FolderParam("The folder that was scanned."),
    chunk: Type.Optional(ChunkSchema),
    max_file_bytes: Type.Optional(
      Type.Integer({
        minimum: 0,
        default: DEFAULT_MAX_FILE_BYTES,
        title: "Largest file",
        description: "Larger files are counted with their size but not read: no lines, no hash.",
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "code.metrics input",
    description: "A chunk of fs.scan, or without one the whole folder if it is small.",
  },
);

const Output = Type.Object(
  {
    chunk: Type.Integer({ minimum: 0, title: "Chunk", description: "Position of the chunk; 0 for a whole folder." }),
    files: Count("Files", "Entries of the chunk, of every kind."),
    bytes: Count("Bytes", "Sum of their sizes at the time of the scan."),
    text_files: Count(
      "Text files",
      "Regular files read that hold no NUL in their first 8000 bytes (as git decides), or begin with a UTF-16 byte order mark.",
    ),
    binary_files: Count("Binary files", "The other regular files read."),
    skipped: Count("Not read", "Regular files that could not be read or are too large."),
    lines: Count("Lines", "Lines of the text files."),
    languages: Type.Array(LanguageSchema, { title: "Languages", description: "Most lines first." }),
    todos: TodosSchema,
    todos_by_marker: TodosByMarkerSchema,
    details: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "code.metrics output", "x-kos-type": "code.metrics_part" },
);

export const codeMetrics = defineCapability({
  name: "code.metrics",
  title: "Measure the files of a code base",
  description:
    "Reads the files of one chunk of a scan, each once: lines by language, lines marked for later, content hashes, licences, manifests. " +
    "Join the parts with code.merge. Errors: FORBIDDEN outside the granted folders, NOT_FOUND, TOO_LARGE for a large folder without a chunk.",
  input: Input,
  output: Output,
  effects: ["fs.read"],
  output_labels: ["untrusted", "confidential"],
  timeout_ms: FIVE_MINUTES_MS,
  async run(params, context) {
    const { path: root } = resolveGrantedPath(params.path, context.fsRoots, "/path");
    const entries = params.chunk === undefined ? await wholeFolder(root, context) : await readChunk(params.chunk, context.artifacts);
    const records = await measureAll(entries, root, params.max_file_bytes ?? DEFAULT_MAX_FILE_BYTES, context);
    const index = params.chunk?.index ?? 0;
    const tally = createTally();
    for (const record of records) tally.add(record);
    const totals = tally.totals();
    const name = `metrics-${String(index + 1).padStart(4, "0")}.ndjson`;
    const details = await context.artifacts.put({ name, media_type: "application/x-ndjson", content: writeRecords(records) });
    return {
      chunk: index,
      files: totals.files_total,
      bytes: totals.bytes_total,
      text_files: totals.text_files,
      binary_files: totals.binary_files,
      skipped: totals.skipped.length,
      lines: totals.lines_total,
      languages: [...totals.languages],
      todos: totals.todos,
      todos_by_marker: { ...totals.todos_by_marker },
      details: { ...details },
      measured_by: measuredBy(context, "code.metrics"),
    };
  },
});

async function wholeFolder(root: BytePath, context: CapabilityContext): Promise<readonly TreeEntry[]> {
  const { entries } = await scanTree({
    folder: root,
    roots: realRoots(context.fsRoots),
    maxFiles: MAX_UNCHUNKED_FILES,
    signal: context.signal,
    onProgress: () => {},
  });
  return entries;
}

/** Some files at a time, since reading one is mostly waiting; the records come in the order of the entries. */
async function measureAll(
  entries: readonly TreeEntry[],
  root: BytePath,
  maxFileBytes: number,
  context: CapabilityContext,
): Promise<readonly FileRecord[]> {
  // Loaded with the first chunk: the node, which holds this file for its description only, needs no parsers, licences and languages.
  const { measureFile } = await import("./file-metrics.ts");
  const records: FileRecord[] = [];
  let [next, done] = [0, 0];
  const lane = async (): Promise<void> => {
    const options = { root, maxFileBytes, signal: context.signal, block: Buffer.allocUnsafe(BLOCK_BYTES) };
    for (let index = next++; index < entries.length; index = next++) {
      const entry = entries[index];
      if (entry === undefined) break;
      records[index] = await measureFile(entry, options);
      done += 1;
      if (done % PROGRESS_EVERY !== 0) continue;
      context.progress({ fraction: done / entries.length, done, total: entries.length, message: `${done} of ${entries.length} files` });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const outcome of ended) if (outcome.status === "rejected") throw outcome.reason;
  return records;
}

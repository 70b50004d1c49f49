// The list of a scan as artifacts: NDJSON, one entry a line, cut into lists of a bounded length, and the chunks of work over them.
// A chunk names a list by hash and a range of its lines, so it fits into a task's params whatever the size of the tree.

import type { ArtifactRef, ArtifactSink } from "@kos/agent";
import Type from "typebox";
import { HashSchema } from "../artifact/artifact-schema.ts";
import { pathOfSpelling, spellPath } from "../paths/byte-path.ts";
import { badParam } from "../task-error.ts";
import { ENTRY_KINDS, type EntryKind, type TreeEntry } from "./tree-entry.ts";

export const ChunkSchema = Type.Object(
  {
    index: Type.Integer({ minimum: 0, title: "Position", description: "Position of the chunk in the scan, from 0." }),
    list: HashSchema,
    from: Type.Integer({ minimum: 0, title: "First line", description: "Position of the first entry in the list artifact, from 0." }),
    to: Type.Integer({ minimum: 0, title: "End", description: "Position after the last entry." }),
    files: Type.Integer({ minimum: 0, title: "Entries", description: "Entries in this chunk." }),
    bytes: Type.Integer({ minimum: 0, title: "Bytes", description: "Sum of their sizes." }),
  },
  {
    additionalProperties: false,
    title: "Chunk",
    description: "A range of a file list that one task works through.",
    "x-kos-type": "fs.chunk",
  },
);
export type Chunk = Type.Static<typeof ChunkSchema>;

export interface FileLists {
  readonly lists: readonly ArtifactRef[];
  readonly chunks: readonly Chunk[];
}

interface ListLine {
  readonly path: string;
  readonly raw?: string;
  readonly bytes: number;
  readonly kind: EntryKind;
}

const LIST_ENTRIES = 10_000;
const CHUNK_ENTRIES = 500;
const CHUNK_BYTES = 33_554_432;
const MAX_LIST_BYTES = 134_217_728;

export interface FileListOptions {
  /** What the artifacts are called. */
  readonly name: string;
  /** A chunk ends with the entry that reaches either. */
  readonly chunkEntries: number;
  readonly chunkBytes: number;
}

const FILES: FileListOptions = { name: "files", chunkEntries: CHUNK_ENTRIES, chunkBytes: CHUNK_BYTES };

/** Writes the lists and cuts them into chunks, by default of at most 500 entries, or of 32 MiB and one entry more. */
export async function writeFileLists(
  entries: readonly TreeEntry[],
  artifacts: ArtifactSink,
  options: FileListOptions = FILES,
): Promise<FileLists> {
  const lists: ArtifactRef[] = [];
  const chunks: Chunk[] = [];
  for (let start = 0; start < entries.length; start += LIST_ENTRIES) {
    const part = entries.slice(start, start + LIST_ENTRIES);
    const number = entries.length > LIST_ENTRIES ? `-${String(lists.length + 1).padStart(3, "0")}` : "";
    const content = part.map(lineOf).join("");
    const list = await artifacts.put({ name: `${options.name}${number}.ndjson`, media_type: "application/x-ndjson", content });
    lists.push(list);
    for (const range of ranges(part, options)) chunks.push({ index: chunks.length, list: list.hash, ...range });
  }
  return { lists, chunks };
}

/** The entries of a chunk. Errors: those of the artifact store; BAD_REQUEST when the artifact is no file list or is shorter than the chunk says. */
export async function readChunk(chunk: Chunk, artifacts: ArtifactSink): Promise<readonly TreeEntry[]> {
  const bytes = await artifacts.get(chunk.list, { maxBytes: MAX_LIST_BYTES });
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8").split("\n");
  const wanted = lines.slice(chunk.from, chunk.to).filter((line) => line !== "");
  if (wanted.length !== chunk.to - chunk.from) throw notAList(`It has no lines ${chunk.from} to ${chunk.to}.`);
  return wanted.map(entryOf);
}

function* ranges(
  part: readonly TreeEntry[],
  { chunkEntries, chunkBytes }: FileListOptions,
): Generator<Pick<Chunk, "from" | "to" | "files" | "bytes">> {
  let from = 0;
  let bytes = 0;
  for (const [position, entry] of part.entries()) {
    bytes += entry.bytes;
    const files = position + 1 - from;
    if (files < chunkEntries && bytes < chunkBytes && position + 1 < part.length) continue;
    yield { from, to: position + 1, files, bytes };
    from = position + 1;
    bytes = 0;
  }
}

function lineOf({ path, bytes, kind }: TreeEntry): string {
  const line: ListLine = { ...spellPath(path), bytes, kind };
  return `${JSON.stringify(line)}\n`;
}

function entryOf(line: string): TreeEntry {
  const value = parseLine(line);
  if (!isListLine(value)) throw notAList("A line of it is no entry.");
  return { path: pathOfSpelling(value), bytes: value.bytes, kind: value.kind };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw notAList("A line of it is not JSON.");
  }
}

function isListLine(value: unknown): value is ListLine {
  if (typeof value !== "object" || value === null) return false;
  const { path, raw, bytes, kind } = value as Partial<Record<keyof ListLine, unknown>>;
  const isSpelled = typeof path === "string" && (raw === undefined || typeof raw === "string");
  return isSpelled && typeof bytes === "number" && ENTRY_KINDS.some((known) => known === kind);
}

function notAList(why: string): Error {
  return badParam("/chunk/list", `The artifact is not a file list. ${why}`, "Pass a chunk as fs.scan gave it.");
}

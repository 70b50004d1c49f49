// Reads one file once, start to end, and takes from it all that the metrics need. Memory is bounded by one block, whatever the size of the file.

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { isLicenceFile, spdxHeader } from "../licences/licence-file.ts";
import { recogniseLicences } from "../licences/licence-text.ts";
import { manifestKind, readManifest } from "../manifests/manifest.ts";
import { type BytePath, joinPath, spellPath } from "../paths/byte-path.ts";
import { isRefusal, openRegularFile } from "../paths/guarded-open.ts";
import type { TreeEntry } from "../scan/tree-entry.ts";
import { systemCode, throwIfAborted } from "../task-error.ts";
import { decodeText, detectText, type TextEncoding, textStream } from "../text/text-encoding.ts";
import type { FileRecord } from "./file-record.ts";
import { languageOf } from "./language.ts";
import { createTextScan } from "./text-scan.ts";

export interface FileMetricsOptions {
  /** Real absolute path of the folder the entries are relative to. */
  readonly root: BytePath;
  /** Larger files are not read. */
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
  /** Working memory, used anew for each file. Manifests and licences are read from files that fit into it. */
  readonly block: Buffer;
}

type Content = Omit<FileRecord, "path" | "raw" | "kind" | "bytes">;

const BEGINNING_BYTES = 8192;

/** What is wrong with the file becomes `skipped`. Errors: CANCELLED or the abort reason. */
export async function measureFile(entry: TreeEntry, options: FileMetricsOptions): Promise<FileRecord> {
  throwIfAborted(options.signal);
  const record = { ...spellPath(entry.path), kind: entry.kind, bytes: entry.bytes };
  if (entry.kind !== "file") return record;
  if (entry.bytes > options.maxFileBytes) return { ...record, skipped: "too_big" };
  const file = await openRegularFile(joinPath(options.root, entry.path));
  if (isRefusal(file)) return { ...record, skipped: file.refused };
  try {
    return { ...record, ...(await measureContent(file.handle, record, options)) };
  } catch (error) {
    if (systemCode(error) === "" || !/^E[A-Z]+$/.test(systemCode(error))) throw error;
    return { ...record, skipped: "io_error" };
  } finally {
    await file.handle.close();
  }
}

async function measureContent(
  handle: FileHandle,
  entry: { readonly path: string; readonly bytes: number },
  options: FileMetricsOptions,
): Promise<Content> {
  const { block } = options;
  const hash = createHash("sha256");
  const textScan = createTextScan();
  let length = await fill(handle, block);
  const encoding = detectText(block.subarray(0, length));
  const named =
    encoding === undefined ? { binary: true } : fromBeginning(entry.path, block.subarray(0, length), encoding, length < block.length);
  const decode = textStream(encoding ?? "bytes");
  let total = 0;
  for (;;) {
    const bytes = block.subarray(0, length);
    total += length;
    hash.update(bytes);
    if (encoding !== undefined) textScan.feed(decode(bytes));
    if (length < block.length) break;
    if (total > options.maxFileBytes) return { skipped: "too_big" };
    throwIfAborted(options.signal);
    length = await fill(handle, block);
  }
  const content = { ...(total === entry.bytes ? {} : { read_bytes: total }), sha256: hash.digest("hex"), ...named };
  if (encoding === undefined) return content;
  const { lines, blank, marked, markedBy, items } = textScan.end();
  return { ...content, lines, blank, ...(marked === 0 ? {} : { todos: marked, todos_by_marker: markedBy, todo_items: [...items] }) };
}

/** What the first block of a text tells: its language, and licence and manifest if the file is one and fits into the block. */
function fromBeginning(path: string, bytes: Buffer, encoding: TextEncoding, isWhole: boolean): Content {
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  const beginning = decodeText(bytes.subarray(0, BEGINNING_BYTES), encoding);
  const language = languageOf(fileName, beginning);
  const header = spdxHeader(beginning);
  const isManifest = manifestKind(fileName) !== undefined && isWhole;
  const manifest = isManifest ? readManifest(fileName, decodeText(bytes, encoding)) : undefined;
  return {
    ...(language === undefined ? {} : { language: language.name, type: language.type }),
    ...(header === undefined ? {} : { spdx_header: header }),
    ...(isLicenceFile(path) && isWhole ? { licences: recogniseLicences(decodeText(bytes, encoding)).map((match) => ({ ...match })) } : {}),
    ...(manifest === undefined
      ? {}
      : { manifest: { ...manifest, groups: [...manifest.groups], dependency_names: [...manifest.dependency_names] } }),
  };
}

/** Fills the block and gives the bytes read. A regular file gives fewer than asked for only at its end. */
async function fill(handle: FileHandle, block: Buffer): Promise<number> {
  const { bytesRead } = await handle.read(block, 0, block.length, null);
  return bytesRead;
}

// Reads git's index file (versions 2, 3 and 4, and the split index), for the paths it tracks. It verifies no objects and changes nothing.
// Format: gitformat-index(5).

import { asBytePath, type BytePath } from "../paths/byte-path.ts";
import { decodeEwahBitmap } from "./ewah-bitmap.ts";

export interface IndexEntry {
  readonly path: BytePath;
  /** A submodule: a commit of another repository. */
  readonly isSubmodule: boolean;
}

export interface GitIndex {
  /** Each path once, in byte order, directories of a sparse index left out. */
  readonly entries: readonly IndexEntry[];
}

/** What is wrong with the index, in plain words. */
export class GitIndexError extends Error {
  override readonly name = "GitIndexError";
}

interface RawEntry extends IndexEntry {
  readonly isFolder: boolean;
}

interface RawIndex {
  readonly entries: readonly RawEntry[];
  readonly extensions: ReadonlyMap<string, Buffer>;
}

const ENTRY_FIXED_BYTES = 40;
const MODE_OFFSET = 24;
const TYPE_MASK = 0o170000;
const TYPE_SUBMODULE = 0o160000;
const TYPE_FOLDER = 0o040000;
const FLAG_EXTENDED = 0x4000;
/** Lower-case extensions change the meaning of the entries; these two are understood. */
const NEEDED_EXTENSIONS: ReadonlySet<string> = new Set(["link", "sdir"]);

/**
 * `readShared` gives the bytes of `sharedindex.<hex id>` beside the index, which a split index builds on.
 * Errors: GitIndexError for anything that is not a well-formed index.
 */
export async function parseGitIndex(bytes: Buffer, hashBytes: number, readShared: (id: string) => Promise<Buffer>): Promise<GitIndex> {
  try {
    const own = parseRaw(bytes, hashBytes);
    const link = own.extensions.get("link");
    const id = link?.subarray(0, hashBytes);
    const raw =
      link === undefined || id === undefined || id.every((byte) => byte === 0)
        ? own.entries
        : mergeShared(parseRaw(await readShared(id.toString("hex")), hashBytes).entries, own.entries, link.subarray(hashBytes));
    return { entries: listed(raw) };
  } catch (error) {
    if (error instanceof RangeError) throw new GitIndexError("it ends too early", { cause: error });
    throw error;
  }
}

function parseRaw(bytes: Buffer, hashBytes: number): RawIndex {
  if (bytes.toString("latin1", 0, 4) !== "DIRC") throw new GitIndexError("it does not begin with DIRC");
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) throw new GitIndexError(`its version ${version} is not known`);
  const count = bytes.readUInt32BE(8);
  const entries: RawEntry[] = [];
  let at = 12;
  let previous = "";
  for (let index = 0; index < count; index += 1) {
    const start = at;
    const type = bytes.readUInt32BE(at + MODE_OFFSET) & TYPE_MASK;
    at += ENTRY_FIXED_BYTES + hashBytes;
    const flags = bytes.readUInt16BE(at);
    at += version > 2 && (flags & FLAG_EXTENDED) !== 0 ? 4 : 2;
    let kept = "";
    if (version === 4) {
      const strip = readVarint(bytes, at);
      if (strip.value > previous.length) throw new GitIndexError(`entry ${index + 1} shares more than its predecessor has`);
      kept = previous.slice(0, previous.length - strip.value);
      at = strip.end;
    }
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new GitIndexError("a path is not terminated");
    const path = kept + bytes.toString("latin1", at, end);
    at = version === 4 ? end + 1 : start + Math.ceil((end - start + 1) / 8) * 8;
    entries.push({ path: asBytePath(path), isSubmodule: type === TYPE_SUBMODULE, isFolder: type === TYPE_FOLDER });
    previous = path;
  }
  return { entries, extensions: readExtensions(bytes, at, hashBytes) };
}

function readVarint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let at = start;
  let byte = bytes.readUInt8(at);
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    at += 1;
    byte = bytes.readUInt8(at);
    value = (value + 1) * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 256) throw new GitIndexError("a length is out of range");
  }
  return { value, end: at + 1 };
}

function readExtensions(bytes: Buffer, start: number, hashBytes: number): ReadonlyMap<string, Buffer> {
  const extensions = new Map<string, Buffer>();
  for (let at = start; at + 8 <= bytes.length - hashBytes; ) {
    const name = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32BE(at + 4);
    if (at + 8 + size > bytes.length) throw new GitIndexError(`its extension ${name} runs past the end`);
    if (/^[a-z]/.test(name) && !NEEDED_EXTENSIONS.has(name)) throw new GitIndexError(`it needs the extension ${JSON.stringify(name)}`);
    extensions.set(name, bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return extensions;
}

/** The shared entries without the deleted ones, with the replaced ones taken from `own` (nameless, in order), then the rest of `own`. */
function mergeShared(shared: readonly RawEntry[], own: readonly RawEntry[], bitmaps: Buffer): readonly RawEntry[] {
  const deleted = decodeEwahBitmap(bitmaps, 0);
  const replaced = decodeEwahBitmap(bitmaps, deleted.end);
  const replacements = own.filter((entry) => entry.path === "");
  let taken = 0;
  const kept = shared.flatMap((entry, position) => {
    const replacement = replaced.bits.has(position) ? replacements[taken++] : undefined;
    if (deleted.bits.has(position)) return [];
    return [replacement === undefined ? entry : { ...replacement, path: entry.path }];
  });
  return [...kept, ...own.filter((entry) => entry.path !== "")];
}

/** Conflict stages of one path become one entry. A path git itself would refuse (absolute, `..`, `.git`) is left out: it names nothing in the tree. */
function listed(raw: readonly RawEntry[]): readonly IndexEntry[] {
  const byPath = new Map<BytePath, IndexEntry>();
  for (const { path, isSubmodule, isFolder } of raw) {
    if (!isFolder && isPlainPath(path) && !byPath.has(path)) byPath.set(path, { path, isSubmodule });
  }
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function isPlainPath(path: string): boolean {
  return (
    path !== "" &&
    path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== ".." && segment.toLowerCase() !== ".git")
  );
}

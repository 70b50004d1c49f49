// A zip archive read with suspicion: names as they are, every entry judged before a byte of it is unpacked, and unpacked within bounds.
// The bombs it knows: entries of absurd ratio, entries that share their bytes (D. Fifield, "A better zip bomb", WOOT 2019), false sizes.

import { crc32 } from "node:zlib";
import type Yauzl from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { throwIfAborted } from "../task-error.ts";
import type { Source } from "./source.ts";
import { parsing, unreadable } from "./unreadable.ts";

export interface ZipEntry {
  /** As written in the archive, "/" between segments. */
  readonly name: string;
  /** Declared; enforced when it is read. */
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly isEncrypted: boolean;
  /** Stored or deflated: what can be unpacked here. */
  readonly isSupported: boolean;
  readonly method: number;
  /** Unix mode with file type, 0 where the archive gives none. */
  readonly mode: number;
  readonly modifiedMs: number;
  /** Shares bytes with another entry. */
  readonly isOverlapping: boolean;
}

export interface ZipContainer {
  readonly entries: readonly ZipEntry[];
  /**
   * The content of one of `entries`. Errors (by `details.reason`): `encrypted`, `unsupported`, `too_large` above `maxBytes`, `bomb`, `unsafe` (overlapping), `broken`.
   */
  read(entry: ZipEntry, maxBytes: number): Promise<Buffer>;
}

export interface ZipOptions {
  /** What it is, in a sentence: "The archive". */
  readonly what: string;
  readonly maxEntries: number;
  readonly signal: AbortSignal;
}

/** More than this from one byte is no honest content once it is also large: text compresses some tenfold, logs and tables some hundredfold. */
const MAX_RATIO = 250;
const ALWAYS_ALLOWED_BYTES = 8_388_608;
/** Of a local file header without name and extra field. */
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
/** Bit 6 of the general purpose flag: strong encryption, central directory included. Only zips of these versions have it (APPNOTE 4.4.3, 4.4.4). */
const STRONG_ENCRYPTION = 0x40;
const [FIRST_STRONG_VERSION, LAST_VERSION] = [50, 63];

/** Reads the central directory. Errors: as the entry's, and `too_large` for more than `maxEntries` entries. */
export async function openZip(source: Source, options: ZipOptions): Promise<ZipContainer> {
  const { at } = source;
  const { what, signal } = options;
  if (hidesItsList(await source.read(0, LOCAL_HEADER_BYTES))) throw encrypted(at, what);
  const zip = await parsing(what, at, () => openFile(source));
  if (zip.entryCount > options.maxEntries) {
    throw unreadable("too_large", at, `${what} has ${zip.entryCount} entries, more than ${options.maxEntries}.`, "Split it.", {
      details: { entries: zip.entryCount },
    });
  }
  const found = await parsing(what, at, () => readEntries(zip, signal));
  const overlapping = overlaps(found, source.bytes);
  const raw = new Map<ZipEntry, Entry>();
  for (const { entry, name } of found) raw.set(describe(entry, name, overlapping.has(entry)), entry);

  return {
    entries: [...raw.keys()],
    async read(entry, maxBytes) {
      const inside = raw.get(entry);
      if (inside === undefined) throw new TypeError("The entry is of another archive.");
      refuse(entry, maxBytes, at, what);
      throwIfAborted(signal);
      return parsing(`${what}'s entry ${JSON.stringify(entry.name.slice(0, 200))}`, at, () => unpack(zip, inside, signal));
    },
  };
}

/** Whether this is a whole first header that says of itself that the list of entries is encrypted; bytes that merely begin like one do not. */
function hidesItsList(head: Buffer): boolean {
  if (head.length < LOCAL_HEADER_BYTES || head.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE) return false;
  const [version, flags] = [head.readUInt16LE(4), head.readUInt16LE(6)];
  return version >= FIRST_STRONG_VERSION && version <= LAST_VERSION && (flags & STRONG_ENCRYPTION) !== 0;
}

/** Whether an entry claims to unpack to far more than any honest content. */
export function isBomb(bytes: number, compressedBytes: number): boolean {
  return bytes > ALWAYS_ALLOWED_BYTES && bytes > compressedBytes * MAX_RATIO;
}

async function openFile(source: Source): Promise<ZipFile> {
  const { fromRandomAccessReaderPromise } = await loadYauzl();
  const { sourceReader } = await import("./zip-reader.ts");
  return fromRandomAccessReaderPromise(sourceReader(source), source.bytes, {
    autoClose: false,
    // Names are decoded and judged by us: a bad one is named in the listing instead of ending it.
    decodeStrings: false,
    validateEntrySizes: true,
  });
}

/** A package of the older format: in a bundle it has nothing but its default export. */
async function loadYauzl(): Promise<typeof Yauzl> {
  return (await import("yauzl")).default;
}

interface Found {
  readonly entry: Entry;
  readonly name: string;
}

async function readEntries(zip: ZipFile, signal: AbortSignal): Promise<readonly Found[]> {
  const { getFileNameLowLevel } = await loadYauzl();
  const found: Found[] = [];
  for await (const entry of zip.eachEntry()) {
    throwIfAborted(signal);
    const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
    found.push({ entry, name });
  }
  return found;
}

function describe(entry: Entry, name: string, isOverlapping: boolean): ZipEntry {
  return {
    name,
    bytes: entry.uncompressedSize,
    compressedBytes: entry.compressedSize,
    isEncrypted: entry.isEncrypted(),
    isSupported: entry.compressionMethod === 0 || entry.compressionMethod === 8,
    method: entry.compressionMethod,
    mode: isFromUnix(entry) ? entry.externalFileAttributes >>> 16 : 0,
    modifiedMs: entry.getLastModDate({ timezone: "UTC" }).getTime(),
    isOverlapping,
  };
}

/** The upper byte of "version made by": 3 is Unix, 19 is OS X. */
function isFromUnix(entry: Entry): boolean {
  return [3, 19].includes(entry.versionMadeBy >>> 8);
}

/** Entries whose bytes, counted as the least they can take, begin before those of the one before them end. */
function overlaps(found: readonly Found[], archiveBytes: number): ReadonlySet<Entry> {
  const bad = new Set<Entry>();
  const byOffset = found
    .map(({ entry }) => entry)
    .sort((one, other) => one.relativeOffsetOfLocalHeader - other.relativeOffsetOfLocalHeader);
  let last: { readonly entry: Entry; readonly end: number } | undefined;
  for (const entry of byOffset) {
    const start = entry.relativeOffsetOfLocalHeader;
    const end = start + LOCAL_HEADER_BYTES + entry.fileNameLength + entry.compressedSize;
    if (end > archiveBytes) bad.add(entry);
    if (last !== undefined && start < last.end) bad.add(entry).add(last.entry);
    if (last === undefined || end > last.end) last = { entry, end };
  }
  return bad;
}

function refuse(entry: ZipEntry, maxBytes: number, at: string, what: string): void {
  const name = JSON.stringify(entry.name.slice(0, 200));
  if (entry.isEncrypted) throw encrypted(at, what);
  if (entry.isOverlapping) {
    throw unreadable(
      "unsafe",
      at,
      `${what}'s entry ${name} shares its bytes with another, as only bombs do.`,
      "Do not trust this archive.",
    );
  }
  if (!entry.isSupported) {
    const hint = "Pack it again as an ordinary zip.";
    throw unreadable("unsupported", at, `${what}'s entry ${name} is packed by method ${entry.method}, which is not read here.`, hint);
  }
  if (isBomb(entry.bytes, entry.compressedBytes)) {
    const message = `${what}'s entry ${name} would unpack from ${entry.compressedBytes} to ${entry.bytes} bytes.`;
    throw unreadable("bomb", at, message, "Do not trust this archive.", { details: { bytes: entry.bytes } });
  }
  if (entry.bytes > maxBytes) {
    throw unreadable(
      "too_large",
      at,
      `${what}'s entry ${name} has ${entry.bytes} bytes, more than ${maxBytes}.`,
      "Take it out, or split it.",
      {
        details: { bytes: entry.bytes, max_bytes: maxBytes },
      },
    );
  }
}

function encrypted(at: string, what: string): Error {
  return unreadable("encrypted", at, `${what} is encrypted.`, "Remove its password in the program that made it, then try again.");
}

/** yauzl ends the stream with an error once it gives more or less than the declared size; the checksum is ours to compare. */
async function unpack(zip: ZipFile, entry: Entry, signal: AbortSignal): Promise<Buffer> {
  const stream = await zip.openReadStreamPromise(entry);
  const content = Buffer.alloc(entry.uncompressedSize);
  let length = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    if (signal.aborted) break;
    length += piece.copy(content, length);
  }
  throwIfAborted(signal);
  if (length !== entry.uncompressedSize || crc32(content) !== entry.crc32) throw new Error("the content does not fit its checksum");
  return content;
}

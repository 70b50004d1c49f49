// Paths as bytes: file names need not be UTF-8, and git sorts them by byte. It owns the two spellings; it does no I/O.

declare const brand: unique symbol;
/**
 * A path in which every character stands for one byte (latin1 of the raw bytes), segments joined by "/". Comparing two of them with `<`
 * compares bytes. Absolute or relative, as the name of the variable says.
 */
export type BytePath = string & { readonly [brand]: true };

export const EMPTY_PATH = "" as BytePath;

export function bytePathOf(text: string): BytePath {
  return Buffer.from(text, "utf8").toString("latin1") as BytePath;
}

/** Takes a text that already holds one byte a character, as `readdir` with `latin1` gives it. */
export function asBytePath(latin1: string): BytePath {
  return latin1 as BytePath;
}

export function bytesOf(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

export function joinPath(parent: BytePath, name: string): BytePath {
  if (parent === "" || name === "") return (parent + name) as BytePath;
  return (parent.endsWith("/") ? parent + name : `${parent}/${name}`) as BytePath;
}

export function parentOf(path: BytePath): BytePath {
  const slash = path.lastIndexOf("/");
  return (slash < 0 ? "" : path.slice(0, slash)) as BytePath;
}

/** A path as documents carry it: `path` to read; `raw` (base64 of the bytes) only where the name is not UTF-8 and `path` had to escape bytes. */
export interface SpelledPath {
  readonly path: string;
  readonly raw?: string;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ASCII = /^[\x00-\x7f]*$/;

/** Bytes that are not UTF-8 are written `\xHH` in `path`, and the exact bytes are given beside it. */
export function spellPath(path: BytePath): SpelledPath {
  if (ASCII.test(path)) return { path };
  const bytes = bytesOf(path);
  try {
    return { path: UTF8.decode(bytes) };
  } catch {
    return { path: escapeInvalid(bytes), raw: bytes.toString("base64") };
  }
}

export function pathOfSpelling(spelled: SpelledPath): BytePath {
  return spelled.raw === undefined ? bytePathOf(spelled.path) : (Buffer.from(spelled.raw, "base64").toString("latin1") as BytePath);
}

/** Decodes what is valid and escapes the rest, byte by byte. */
function escapeInvalid(bytes: Buffer): string {
  let text = "";
  for (let position = 0; position < bytes.length; ) {
    const length = sequenceLength(bytes[position] ?? 0);
    const piece = bytes.subarray(position, position + length);
    try {
      text += UTF8.decode(piece);
      position += length;
    } catch {
      text += `\\x${(bytes[position] ?? 0).toString(16).padStart(2, "0")}`;
      position += 1;
    }
  }
  return text;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

// An archive of whatever format, read in one pass: each entry with its content on demand. Which format it is, its bytes say.

import type { Source } from "../source/source.ts";
import { parsing, unreadable } from "../source/unreadable.ts";
import { type VisitOptions, type Visitor, WHAT } from "./archive-visit.ts";
import { visitGzip } from "./gzip-archive.ts";
import { gunzipped } from "./gzip-stream.ts";
import { visitTar } from "./tar-archive.ts";
import { visitZip } from "./zip-archive.ts";

export const ARCHIVE_EXTENSIONS = ["zip", "tar", "tgz", "gz"] as const;
export const ARCHIVE_FORMATS = ["zip", "tar", "tar.gz", "gzip"] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

const TAR_MAGIC_AT = 257;
const TAR_BLOCK = 512;

/** Errors: `empty`, `unsupported`, and those of the format. */
export async function archiveFormat(source: Source, signal: AbortSignal): Promise<ArchiveFormat> {
  const { at } = source;
  if (source.bytes === 0) throw unreadable("empty", at, "It has no content (0 bytes).", "Check how it was saved or sent.");
  const head = await source.read(0, TAR_BLOCK);
  const start = head.toString("latin1", 0, 4);
  if (start === "PK\x03\x04" || start === "PK\x05\x06") return "zip";
  if (isTar(head)) return "tar";
  if (head[0] === 0x1f && head[1] === 0x8b) return isTar(await parsing(WHAT, at, () => beginning(source, signal))) ? "tar.gz" : "gzip";
  throw unreadable("unsupported", at, "It is no archive that is read here.", "zip, tar, tar.gz and gz are.");
}

export function visitArchive(format: ArchiveFormat, source: Source, options: VisitOptions, visit: Visitor): Promise<void> {
  switch (format) {
    case "zip":
      return visitZip(source, options, visit);
    case "tar":
      return visitTar(source, pieces(source), options, visit);
    case "tar.gz":
      return visitTar(source, gunzipped(source, pieces(source), options.signal), options, visit);
    case "gzip":
      return visitGzip(source, gunzipped(source, pieces(source), options.signal), visit);
  }
}

const PIECE_BYTES = 65_536;

async function* pieces(source: Source): AsyncGenerator<Buffer> {
  for (let position = 0; position < source.bytes; ) {
    const piece = await source.read(position, PIECE_BYTES);
    if (piece.length === 0) return;
    position += piece.length;
    yield piece;
  }
}

/** The first block of what a gzip file unpacks to; nothing where it is damaged, which reading it will say. */
async function beginning(source: Source, signal: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of gunzipped(source, pieces(source), signal)) {
    parts.push(part);
    length += part.length;
    if (length >= TAR_BLOCK) break;
  }
  return Buffer.concat(parts);
}

/** POSIX.1-1988 and GNU archives say `ustar`; older ones only have a header whose checksum is right. */
function isTar(head: Buffer): boolean {
  if (head.length < TAR_BLOCK) return false;
  if (head.toString("latin1", TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === "ustar") return true;
  const stated = Number.parseInt(
    head
      .toString("latin1", 148, 156)
      .replace(/[\0 ]+$/, "")
      .trim(),
    8,
  );
  let sum = 0;
  for (const [index, byte] of head.subarray(0, TAR_BLOCK).entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return head[0] !== 0 && stated === sum;
}

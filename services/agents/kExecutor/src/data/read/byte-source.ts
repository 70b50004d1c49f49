// The bytes of one source: a file behind an open descriptor, or a pipe that is read once. It opens no path.

import { read } from "node:fs";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import { badData, dataTooLarge } from "./data-error.ts";

const PIECE_BYTES = 262_144;
const readAt = promisify(read);
/** Enough to tell format, charset and delimiter by. */
const HEAD_BYTES = 262_144;

export interface ByteSource {
  /** File name, without folders: its ending is a hint at the format. */
  readonly name: string;
  readonly descriptor: number;
  /** A pipe is read from beginning to end, a file anywhere. */
  readonly kind: "file" | "pipe";
  readonly bytes: number;
}

export interface OpenBytes {
  /** The beginning, decompressed: all of it if it is shorter than the bound. */
  readonly head: Buffer;
  readonly headIsAll: boolean;
  readonly compression: "gzip" | "none";
  /** From the beginning, decompressed, once. */
  pieces(): AsyncGenerator<Buffer, void, undefined>;
}

export interface OpenBytesOptions {
  /** More than this after decompression is TOO_LARGE. */
  readonly maxBytes: number;
  /** Bytes taken from the source so far, before decompression. */
  readonly onBytes: (bytes: number) => void;
}

/** Errors: TOO_LARGE above `maxBytes`; BAD_REQUEST for a damaged gzip stream. */
export async function openBytes(source: ByteSource, options: OpenBytesOptions): Promise<OpenBytes> {
  const raw = rawPieces(source, options.onBytes);
  const first = await gather(raw, 2);
  const zipped = first.bytes[0] === 0x1f && first.bytes[1] === 0x8b;
  const whole = joined(first.bytes, raw);
  const plain = bounded(zipped ? gunzipped(whole) : whole, options.maxBytes);
  const { bytes: head, ended } = await gather(plain, HEAD_BYTES);
  return { head, headIsAll: ended, compression: zipped ? "gzip" : "none", pieces: () => joined(head, plain) };
}

/** Random access, as Parquet needs it: the file itself, or everything in memory where it came through a pipe or compressed. */
export interface RandomBytes {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

export async function randomBytesOf(source: ByteSource, opened: OpenBytes, maxInMemory: number): Promise<RandomBytes> {
  if (source.kind === "file" && opened.compression === "none") return fileBytes(source);
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of opened.pieces()) {
    length += piece.length;
    if (length > maxInMemory)
      throw dataTooLarge(
        `Parquet that is compressed as a whole or comes as an artifact is read into memory, and this is more than ${maxInMemory} bytes.`,
        "Give the uncompressed file by its path.",
      );
    pieces.push(piece);
  }
  const all = Buffer.concat(pieces);
  return {
    byteLength: all.length,
    slice: (start, end = all.length) => {
      const part = all.subarray(start, end);
      return Promise.resolve(new Uint8Array(part).buffer);
    },
  };
}

function fileBytes(source: ByteSource): RandomBytes {
  return {
    byteLength: source.bytes,
    async slice(start, end = source.bytes) {
      const length = Math.max(0, Math.min(end, source.bytes) - start);
      const buffer = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await readAt(source.descriptor, buffer, filled, length - filled, start + filled);
        if (bytesRead === 0) throw badData("The file became shorter while it was read.", "Try again when nothing writes to it.");
        filled += bytesRead;
      }
      return buffer.buffer;
    },
  };
}

/** A stream of Node would close the descriptor when it is left early; it belongs to whoever opened it. */
async function* rawPieces(source: ByteSource, onBytes: (bytes: number) => void): AsyncGenerator<Buffer, void, undefined> {
  let taken = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    const { bytesRead } = await readAt(source.descriptor, buffer, 0, PIECE_BYTES, source.kind === "file" ? taken : null);
    if (bytesRead === 0) return;
    taken += bytesRead;
    onBytes(taken);
    yield buffer.subarray(0, bytesRead);
  }
}

async function* gunzipped(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  let failure: Error | undefined;
  const feeding = feed(pieces, gunzip).catch((error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
    gunzip.destroy();
  });
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) yield piece;
  } catch (error) {
    throw failure ?? damagedGzip(error);
  } finally {
    gunzip.destroy();
    await feeding;
  }
  if (failure !== undefined) throw failure;
}

async function feed(pieces: AsyncIterable<Buffer>, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  for await (const piece of pieces) {
    if (gunzip.destroyed) return;
    if (!gunzip.write(piece)) await new Promise<void>((resolve) => void gunzip.once("drain", resolve).once("close", resolve));
  }
  gunzip.end();
}

function damagedGzip(cause: unknown): Error {
  const error = badData("The gzip data is damaged or cut short.", "Check it with `gzip -t`, and get it again from where it came.");
  error.cause ??= cause;
  return error;
}

async function* bounded(pieces: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer, void, undefined> {
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > maxBytes)
      throw dataTooLarge(`There are more than ${maxBytes} bytes of data after decompression.`, "Give a smaller file, or raise max_bytes.");
    yield piece;
  }
}

/** Takes at least `least` bytes without ending the generator. */
async function gather(
  pieces: AsyncGenerator<Buffer, void, undefined>,
  least: number,
): Promise<{ readonly bytes: Buffer; readonly ended: boolean }> {
  const taken: Buffer[] = [];
  for (let length = 0; length < least; ) {
    const { value, done } = await pieces.next();
    if (done === true) return { bytes: Buffer.concat(taken), ended: true };
    taken.push(value);
    length += value.length;
  }
  return { bytes: Buffer.concat(taken), ended: false };
}

async function* joined(head: Buffer, rest: AsyncGenerator<Buffer, void, undefined>): AsyncGenerator<Buffer, void, undefined> {
  if (head.length > 0) yield head;
  yield* rest;
}

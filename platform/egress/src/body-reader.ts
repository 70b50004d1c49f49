// Reads a response body to its end or to its cap, on the wire and decompressed, and undoes one Content-Encoding. Knows no charsets.

import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { tooLarge } from "./egress-error.ts";

export const OVERFLOW_MODES = ["error", "truncate"] as const;
export type OverflowMode = (typeof OVERFLOW_MODES)[number];

export interface BodyLimits {
  /** Holds for the bytes on the wire and, on its own, for the decompressed ones. */
  readonly maxBytes: number;
  readonly overflow: OverflowMode;
}

export interface BodyBytes {
  readonly bytes: Uint8Array;
  /** Received before decompression. */
  readonly wireBytes: number;
  /** The cap was reached and the rest not read. */
  readonly truncated: boolean;
  /** False when the Content-Encoding is not one we undo: the bytes are then as they came. */
  readonly decoded: boolean;
}

/** What is asked for in Accept-Encoding. Deflate is undone too, but not asked for: servers disagree about what it means. */
export const ACCEPTED_ENCODINGS = "gzip, br";

/** What compressing incompressible bytes may add, so that a body of exactly the cap passes. */
const COMPRESSION_OVERHEAD = 1024;

/**
 * Reads `source` and destroys it. `onChunk` is called for each piece off the wire. Errors: TOO_LARGE in mode `error`; those of the source;
 * zlib's when the body is not what its encoding says.
 */
export async function readBody(source: Readable, encoding: string, limits: BodyLimits, onChunk: () => void): Promise<BodyBytes> {
  const name = encoding.trim().toLowerCase();
  const decoder = DECODERS.get(name)?.();
  const collected: Buffer[] = [];
  let wireBytes = 0;
  let total = 0;
  let truncated = false;
  let ended = false;
  const countWire = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onChunk();
      wireBytes += chunk.length;
      done(decoder !== undefined && wireBytes > limits.maxBytes * 1.01 + COMPRESSION_OVERHEAD ? OVERFLOW : null, chunk);
    },
    flush(done) {
      ended = true;
      done();
    },
  });
  const collect = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      const room = limits.maxBytes - total;
      collected.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
      total += Math.min(chunk.length, room);
      if (chunk.length > room) throw OVERFLOW;
    }
  };
  try {
    if (decoder === undefined) await pipeline(source, countWire, collect);
    else await pipeline(source, countWire, decoder, collect);
  } catch (error) {
    // No bytes at all are no valid gzip, and what servers send all the same.
    const isEmpty = ended && wireBytes === 0;
    if (!isEmpty) {
      if (error !== OVERFLOW) throw error;
      if (limits.overflow === "error") throw tooLarge("The response body", limits.maxBytes, OVERFLOW_HINT);
      truncated = true;
    }
  }
  return { bytes: Buffer.concat(collected), wireBytes, truncated, decoded: decoder !== undefined || name === "" || name === "identity" };
}

const OVERFLOW_HINT = "Ask for more with max_bytes, up to egress.max_bytes, or take its beginning with on_overflow: truncate.";
/** Thrown inside this module only. */
const OVERFLOW = new Error("the body is over its cap");

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ["gzip", () => createGunzip()],
  ["x-gzip", () => createGunzip()],
  ["deflate", () => createInflate()],
  ["br", () => createBrotliDecompress()],
]);

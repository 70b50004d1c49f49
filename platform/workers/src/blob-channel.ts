// Blobs for a process that may not touch the disk: it asks over a byte stream, the node reads and keeps. One request at a time; a request and
// its answer are a byte for the kind, four for the length, and that many bytes. What does not fit this ends the stream.

import type { Duplex } from "node:stream";
import { fromWireError, isHashText, KosError, toWireError } from "@kos/klp";

/** The part of a blob store that crosses the stream. */
export interface ChannelBlobs {
  /** Durable when it resolves. Errors: TOO_LARGE, STORAGE_FULL. */
  put(content: Uint8Array, options?: { readonly maxBytes?: number }): Promise<{ readonly hash: string; readonly bytes: number }>;
  /** Checked against the hash. Errors: NOT_FOUND, TOO_LARGE. */
  get(hash: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array>;
}

export interface BlobDoorOptions {
  readonly blobs: ChannelBlobs;
  /** Largest blob either way; the node holds one in memory while it crosses. */
  readonly maxBytes: number;
}

const KIND = { put: 1, get: 2, done: 3, content: 4, error: 5 } as const;
const HEADER_BYTES = 5;
/** Of a request or answer that is JSON. */
const MAX_WORDS_BYTES = 65_536;

interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

/** The node's end. Resolves when the stream has ended: undefined for a clean end, else what was wrong with what came in. */
export async function serveBlobs(stream: Duplex, options: BlobDoorOptions): Promise<KosError | undefined> {
  try {
    for await (const request of framesOf(stream, options.maxBytes)) await answer(stream, request, options);
    return undefined;
  } catch (error) {
    stream.destroy();
    return error instanceof KosError ? error : undefined; // A pipe that breaks with its process is no fault of what it said.
  }
}

async function answer(stream: Duplex, { kind, payload }: Frame, { blobs, maxBytes }: BlobDoorOptions): Promise<void> {
  try {
    if (kind === KIND.put) {
      const { hash, bytes } = await blobs.put(payload, { maxBytes });
      await write(stream, KIND.done, Buffer.from(JSON.stringify({ hash, bytes })));
    } else if (kind === KIND.get) {
      const { hash, max_bytes } = readQuestion(payload);
      await write(stream, KIND.content, await blobs.get(hash, { maxBytes: Math.min(maxBytes, max_bytes) }));
    } else throw badFrame(`kind ${kind}`);
  } catch (error) {
    if (error instanceof KosError && error.code === "BAD_ENVELOPE") throw error;
    await write(stream, KIND.error, Buffer.from(JSON.stringify(toWireError(error))));
  }
}

/** The process's end. Requests wait for each other. Errors of both calls: what the node answers, UNAVAILABLE once the stream has ended. */
export function connectBlobs(stream: Duplex): ChannelBlobs {
  const answers = framesOf(stream, Number.POSITIVE_INFINITY);
  let last: Promise<unknown> = Promise.resolve();

  function ask(kind: number, payload: Uint8Array): Promise<Frame> {
    const asked = last.then(async () => {
      await write(stream, kind, payload);
      const next = await answers.next();
      if (next.done === true) throw gone();
      if (next.value.kind === KIND.error) throw fromWireError(JSON.parse(next.value.payload.toString("utf8")));
      return next.value;
    });
    last = asked.catch(() => undefined); // Told to whoever asked.
    return asked;
  }

  return {
    async put(content, options) {
      const { maxBytes } = options ?? {};
      if (maxBytes !== undefined && content.length > maxBytes) {
        throw new KosError("TOO_LARGE", `The content is larger than ${maxBytes} bytes. Send less, or have the limit raised.`);
      }
      const { payload } = await ask(KIND.put, content);
      return JSON.parse(payload.toString("utf8")) as { hash: string; bytes: number };
    },
    async get(hash, options) {
      const question = { hash, ...(options?.maxBytes !== undefined && { max_bytes: options.maxBytes }) };
      const { payload } = await ask(KIND.get, Buffer.from(JSON.stringify(question)));
      return payload;
    },
  };
}

function readQuestion(payload: Buffer): { readonly hash: string; readonly max_bytes: number } {
  if (payload.length > MAX_WORDS_BYTES) throw badFrame("a question of this length");
  const value = parsed(payload);
  const hash: unknown = typeof value === "object" && value !== null && "hash" in value ? value.hash : undefined;
  const limit: unknown = typeof value === "object" && value !== null && "max_bytes" in value ? value.max_bytes : undefined;
  if (!isHashText(hash)) throw new KosError("BAD_REQUEST", "A blob is named sha256: and 64 lower-case hex digits.");
  return { hash, max_bytes: typeof limit === "number" && limit >= 0 ? limit : Number.POSITIVE_INFINITY };
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch (cause) {
    throw new KosError("BAD_ENVELOPE", "A question for a blob is not JSON.", { cause });
  }
}

async function* framesOf(stream: Duplex, maxBytes: number): AsyncGenerator<Frame, void> {
  let parts: Buffer[] = [];
  let length = 0;
  let head: { readonly kind: number; readonly bytes: number } | undefined;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    for (;;) {
      const needed = head?.bytes ?? HEADER_BYTES;
      if (length < needed) break;
      const all = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      const taken = all.subarray(0, needed);
      const rest = all.subarray(needed);
      parts = rest.length === 0 ? [] : [rest];
      length = rest.length;
      if (head === undefined) {
        head = { kind: taken[0] ?? 0, bytes: taken.readUInt32BE(1) };
        if (head.bytes > maxBytes) throw badFrame(`${head.bytes} bytes`);
      } else {
        yield { kind: head.kind, payload: taken };
        head = undefined;
      }
    }
  }
}

/** Resolves once the stream takes more, so that an answer is never piled upon another. */
function write(stream: Duplex, kind: number, payload: Uint8Array): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = kind;
  header.writeUInt32BE(payload.length, 1);
  if (stream.destroyed || !stream.writable) return Promise.reject(gone());
  stream.write(header);
  return new Promise((resolve, reject) => {
    stream.write(payload, (error) => (error ? reject(gone(error)) : resolve()));
  });
}

function badFrame(what: string): KosError {
  return new KosError("BAD_ENVELOPE", `The process sent ${what} where blobs are asked for.`);
}

function gone(cause?: unknown): KosError {
  return new KosError("UNAVAILABLE", "The node no longer keeps blobs for this process.", { cause });
}

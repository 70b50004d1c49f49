// Blobs in memory: the reference driver, for tests. Nothing outlives the process.

import { KosError } from "@kos/klp";
import { damaged, hashOfBytes, hexOfHash, notFound, rangeWithin, stopIfAborted, tooLarge } from "./blob-hash.ts";
import type { Blobs } from "./blobs.ts";

export interface MemoryBlobs extends Blobs {
  /** Flips one bit of a kept blob, as a failing disk would. */
  damage(hash: string): void;
}

/** `capacityBytes` makes a put beyond it fail with STORAGE_FULL. */
export function memoryBlobs(options: { readonly capacityBytes?: number } = {}): MemoryBlobs {
  const kept = new Map<string, Uint8Array>();
  /** By hash: which put was the last. */
  const putAt = new Map<string, number>();
  let puts = 0;
  const capacity = options.capacityBytes ?? Number.POSITIVE_INFINITY;

  function find(hash: string): Uint8Array {
    const content = kept.get(hexOfHash(hash));
    if (content === undefined) throw notFound(hash);
    return content;
  }

  function verified(hash: string): Uint8Array {
    const content = find(hash);
    if (hashOfBytes(content) === hash) return content;
    kept.delete(hexOfHash(hash));
    throw damaged(hash);
  }

  return {
    async put(content, { maxBytes = Number.POSITIVE_INFINITY, signal } = {}) {
      stopIfAborted(signal);
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of content instanceof Uint8Array ? [content] : content) {
        stopIfAborted(signal);
        bytes += piece.length;
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        pieces.push(Uint8Array.from(piece));
      }
      const whole = new Uint8Array(Buffer.concat(pieces));
      const used = [...kept.values()].reduce((sum, blob) => sum + blob.length, 0);
      if (used + bytes > capacity) throw new KosError("STORAGE_FULL", "There is no room for the content.");
      const hash = hashOfBytes(whole);
      kept.set(hexOfHash(hash), whole);
      puts++;
      putAt.set(hexOfHash(hash), puts);
      return { hash, bytes };
    },
    async get(hash, { maxBytes = Number.POSITIVE_INFINITY, signal } = {}) {
      stopIfAborted(signal);
      if (find(hash).length > maxBytes) throw tooLarge(maxBytes);
      return verified(hash).slice();
    },
    async stream(hash, streamOptions = {}) {
      const { length: bytes } = find(hash);
      const { start, end } = rangeWithin(bytes, streamOptions);
      async function* content(): AsyncGenerator<Uint8Array> {
        stopIfAborted(streamOptions.signal);
        const part = verified(hash).slice(start, end);
        if (part.length > 0) yield part;
      }
      return { bytes, start, end, content: content() };
    },
    async stat(hash) {
      const content = kept.get(hexOfHash(hash));
      return content === undefined ? undefined : { hash, bytes: content.length };
    },
    async delete(hash) {
      return kept.delete(hexOfHash(hash));
    },
    async sweep() {
      const begun = puts;
      return { delete: async (hash) => (putAt.get(hexOfHash(hash)) ?? 0) <= begun && kept.delete(hexOfHash(hash)) };
    },
    async *list() {
      for (const [hex, content] of [...kept]) yield { hash: `sha256:${hex}`, bytes: content.length };
    },
    damage(hash) {
      const content = find(hash);
      content[0] = (content[0] ?? 0) ^ 1;
    },
    async [Symbol.asyncDispose]() {
      kept.clear();
    },
  };
}

// What every driver of the blobs port must do; the numbers are those of SPEC.md.

import { hashText } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlobInfo, Blobs } from "./blobs.ts";

export interface OpenedBlobs extends AsyncDisposable {
  readonly blobs: Blobs;
  /** Flips one bit of a kept blob behind the driver's back. */
  damage(hash: string): Promise<void>;
  /** Makes a kept blob look as if it had been put long ago. */
  age(hash: string): Promise<void>;
}

const HELLO = new TextEncoder().encode("hello blobs");
const HELLO_HASH = hashText(HELLO);
const ABSENT = hashText("absent");
const NOT_HASHES = [
  "",
  "sha256:",
  "../../etc/passwd",
  `sha256:../../../../etc/passwd`,
  `sha256:${"a".repeat(63)}`,
  `sha256:${"A".repeat(64)}`,
  `sha256:${"a".repeat(62)}/.`,
  `sha256:${"a".repeat(64)}\n`,
  `sha256:${"a".repeat(64)}\0`,
  "__proto__",
];

export function testBlobsContract(name: string, open: () => Promise<OpenedBlobs>): void {
  describe(`blobs contract: ${name}`, () => {
    it("[B1] names bytes by their SHA-256 and gives back what was put, from bytes and from a stream", async () => {
      await using opened = await open();
      const { blobs } = opened;
      expect(await blobs.put(HELLO)).toEqual({ hash: HELLO_HASH, bytes: HELLO.length });
      expect(await blobs.put(pieces(HELLO, 3))).toEqual({ hash: HELLO_HASH, bytes: HELLO.length });
      expect(await blobs.get(HELLO_HASH)).toEqual(HELLO);
      expect(await blobs.stat(HELLO_HASH)).toEqual({ hash: HELLO_HASH, bytes: HELLO.length });
      const empty = await blobs.put(new Uint8Array());
      expect(await blobs.get(empty.hash)).toEqual(new Uint8Array());
    });

    it("[B1] keeps any bytes, in any pieces, and streams any range of them", async () => {
      await using opened = await open();
      const { blobs } = opened;
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 2000 }),
          fc.integer({ min: 1, max: 700 }),
          fc.nat(2000),
          fc.nat(2000),
          async (content, size, a, b) => {
            const { hash } = await blobs.put(pieces(content, size));
            const [start = 0, end = 0] = [a % (content.length + 1), b % (content.length + 1)].sort((x, y) => x - y);
            const stream = await blobs.stream(hash, { start, end });
            expect(stream).toMatchObject({ bytes: content.length, start, end });
            expect(await read(stream.content)).toEqual(content.slice(start, end));
            expect(await read((await blobs.stream(hash)).content)).toEqual(content);
          },
        ),
        { numRuns: 30 },
      );
    });

    it("[B2] keeps the same bytes once, also when put at the same time", async () => {
      await using opened = await open();
      const { blobs } = opened;
      const infos = await Promise.all(Array.from({ length: 20 }, () => blobs.put(pieces(HELLO, 2))));
      expect(new Set(infos.map(({ hash }) => hash))).toEqual(new Set([HELLO_HASH]));
      expect(await list(blobs)).toEqual([{ hash: HELLO_HASH, bytes: HELLO.length }]);
      expect(await blobs.get(HELLO_HASH)).toEqual(HELLO);
    });

    it("[B3] refuses more than maxBytes and leaves nothing of it", async () => {
      await using opened = await open();
      const { blobs } = opened;
      await expect(blobs.put(HELLO, { maxBytes: HELLO.length - 1 })).rejects.toMatchObject({ code: "TOO_LARGE" });
      await expect(blobs.put(endless(), { maxBytes: 10_000 })).rejects.toMatchObject({ code: "TOO_LARGE" });
      expect(await list(blobs)).toEqual([]);
      await blobs.put(HELLO, { maxBytes: HELLO.length });
      await expect(blobs.get(HELLO_HASH, { maxBytes: HELLO.length - 1 })).rejects.toMatchObject({ code: "TOO_LARGE" });
      expect(await blobs.get(HELLO_HASH, { maxBytes: HELLO.length })).toEqual(HELLO);
    });

    it("[B3] passes the error of a source on and leaves nothing of it", async () => {
      await using opened = await open();
      const failure = new Error("the sender went away");
      await expect(opened.blobs.put(failing(failure))).rejects.toBe(failure);
      expect(await list(opened.blobs)).toEqual([]);
    });

    it("[B4] says NOT_FOUND, or undefined from stat, for what is not there", async () => {
      await using opened = await open();
      const { blobs } = opened;
      await expect(blobs.get(ABSENT)).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(blobs.stream(ABSENT)).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(await blobs.stat(ABSENT)).toBeUndefined();
      expect(await blobs.delete(ABSENT)).toBe(false);
    });

    it("[B4] deletes", async () => {
      await using opened = await open();
      const { blobs } = opened;
      await blobs.put(HELLO);
      expect(await blobs.delete(HELLO_HASH)).toBe(true);
      expect(await blobs.stat(HELLO_HASH)).toBeUndefined();
      await blobs.put(HELLO);
      expect(await blobs.get(HELLO_HASH)).toEqual(HELLO);
    });

    it("[B5] refuses ranges outside", async () => {
      await using opened = await open();
      const { blobs } = opened;
      await blobs.put(HELLO);
      for (const range of [{ start: -1 }, { start: 12 }, { start: 5, end: 4 }, { start: 0.5 }, { start: Number.NaN }, { end: -1 }]) {
        await expect(blobs.stream(HELLO_HASH, range)).rejects.toMatchObject({ code: "BAD_REQUEST", details: { bytes: HELLO.length } });
      }
      expect(await blobs.stream(HELLO_HASH, { start: 6, end: 999 })).toMatchObject({ start: 6, end: HELLO.length });
    });

    it("[B6] [R124] finds a flipped bit on every way of reading, quarantines the blob, and takes the content anew", async () => {
      const ways: Readonly<Record<string, (blobs: Blobs) => Promise<unknown>>> = {
        get: (blobs) => blobs.get(HELLO_HASH),
        whole: async (blobs) => read((await blobs.stream(HELLO_HASH)).content),
        part: async (blobs) => read((await blobs.stream(HELLO_HASH, { start: 4, end: 6 })).content),
      };
      for (const [way, attempt] of Object.entries(ways)) {
        await using opened = await open();
        const { blobs } = opened;
        await blobs.put(HELLO);
        await opened.damage(HELLO_HASH);
        await expect(attempt(blobs), way).rejects.toMatchObject({ code: "INTERNAL", details: { hash: HELLO_HASH, quarantined: true } });
        expect(await blobs.stat(HELLO_HASH), way).toBeUndefined();
        await blobs.put(HELLO);
        expect(await blobs.get(HELLO_HASH), way).toEqual(HELLO);
      }
    });

    it("[B6] [R124] never ends the stream of a damaged blob as if it were whole", async () => {
      await using opened = await open();
      const content = new Uint8Array(1_000_000).fill(7);
      const { hash, bytes } = await opened.blobs.put(content);
      await opened.damage(hash);
      let received = 0;
      const reading = async () => {
        for await (const piece of (await opened.blobs.stream(hash)).content) received += piece.length;
      };
      await expect(reading()).rejects.toMatchObject({ code: "INTERNAL" });
      expect(received).toBeLessThan(bytes);
    });

    it("[B6] heals a damaged blob by the next put of its content", async () => {
      await using opened = await open();
      await opened.blobs.put(HELLO);
      await opened.damage(HELLO_HASH);
      await opened.blobs.put(HELLO);
      expect(await opened.blobs.get(HELLO_HASH)).toEqual(HELLO);
    });

    it("[B7] [R92] takes no text but a hash", async () => {
      await using opened = await open();
      const { blobs } = opened;
      for (const text of NOT_HASHES) {
        await expect(blobs.get(text)).rejects.toMatchObject({ code: "BAD_REQUEST" });
        await expect(blobs.stream(text)).rejects.toMatchObject({ code: "BAD_REQUEST" });
        await expect(blobs.stat(text)).rejects.toMatchObject({ code: "BAD_REQUEST" });
        await expect(blobs.delete(text)).rejects.toMatchObject({ code: "BAD_REQUEST" });
      }
    });

    it("[B8] stops when the signal says so", async () => {
      await using opened = await open();
      const { blobs } = opened;
      const reason = new Error("no longer wanted");
      const stop = new AbortController();
      async function* source(): AsyncGenerator<Uint8Array> {
        yield HELLO;
        stop.abort(reason);
        yield HELLO;
      }
      await expect(blobs.put(source(), { signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED", cause: reason });
      expect(await list(blobs)).toEqual([]);
      await blobs.put(HELLO);
      await expect(blobs.get(HELLO_HASH, { signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    });

    it("[B15] a sweep deletes what was there before it, and nothing that is put meanwhile, also when it is put once more", async () => {
      await using opened = await open();
      const put = (text: string) => opened.blobs.put(new TextEncoder().encode(text));
      const [old, wanted] = [await put("old"), await put("wanted")];
      for (const { hash } of [old, wanted]) await opened.age(hash);
      const sweep = await opened.blobs.sweep();
      const [again, fresh] = [await put("wanted"), await put("fresh")];
      expect(again.hash).toBe(wanted.hash);
      expect(await sweep.delete(old.hash)).toBe(true);
      expect(await sweep.delete(old.hash)).toBe(false);
      for (const { hash } of [wanted, fresh]) expect(await sweep.delete(hash)).toBe(false);
      expect((await list(opened.blobs)).map(({ hash }) => hash).sort()).toEqual([wanted.hash, fresh.hash].sort());
      const next = await opened.blobs.sweep();
      await expect(next.delete("../../etc/passwd")).rejects.toMatchObject({ code: "BAD_REQUEST" });
    });

    it("[B9] lists every blob", async () => {
      await using opened = await open();
      const hashes = await Promise.all(["a", "b", "c"].map(async (text) => (await opened.blobs.put(new TextEncoder().encode(text))).hash));
      expect((await list(opened.blobs)).map(({ hash }) => hash).sort()).toEqual(hashes.sort());
    });
  });
}

async function* pieces(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

async function* endless(): AsyncGenerator<Uint8Array> {
  while (true) yield new Uint8Array(1000);
}

async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  yield HELLO;
  throw error;
}

async function read(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of content) parts.push(piece);
  return new Uint8Array(Buffer.concat(parts));
}

async function list(blobs: Blobs): Promise<readonly BlobInfo[]> {
  const found: BlobInfo[] = [];
  for await (const info of blobs.list()) found.push(info);
  return found;
}

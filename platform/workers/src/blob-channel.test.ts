import { Duplex, type DuplexOptions } from "node:stream";
import { hashText, isKosError, KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { type ChannelBlobs, connectBlobs, serveBlobs } from "./blob-channel.ts";

const LIMIT = 1_000_000;

function memoryBlobs(): ChannelBlobs & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    async put(content) {
      const hash = hashText(content);
      kept.set(hash, Buffer.from(content));
      return { hash, bytes: content.length };
    },
    async get(hash, options) {
      const content = kept.get(hash);
      if (content === undefined) throw new KosError("NOT_FOUND", "There is no such blob.");
      if (content.length > (options?.maxBytes ?? LIMIT)) throw new KosError("TOO_LARGE", "It is too large.");
      return content;
    },
  };
}

/** Two streams, each of which gives what was written to the other, in pieces of at most `pieceBytes`. */
function streamPair(pieceBytes: number): readonly [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const optionsOf = (other: 0 | 1): DuplexOptions => ({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += pieceBytes) ends[other]?.push(chunk.subarray(at, at + pieceBytes));
      done();
    },
    final(done) {
      ends[other]?.push(null);
      done();
    },
  });
  const [near, far] = [new Duplex(optionsOf(1)), new Duplex(optionsOf(0))];
  ends.push(near, far);
  return [near, far];
}

function setUp(pieceBytes = 7) {
  const [near, far] = streamPair(pieceBytes);
  const blobs = memoryBlobs();
  const ended = serveBlobs(far, { blobs, maxBytes: LIMIT });
  return { blobs, ended, stream: near, client: connectBlobs(near) };
}

describe("the door for blobs", () => {
  it.each([1, 7, 100_000])("brings bytes both ways, whatever the pieces (%i)", async (pieceBytes) => {
    const { client, blobs } = setUp(pieceBytes);
    const content = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 256));
    const { hash, bytes } = await client.put(content);
    expect({ hash, bytes }).toEqual({ hash: hashText(content), bytes: 3000 });
    expect(Buffer.from(blobs.kept.get(hash) ?? [])).toEqual(content);
    expect(Buffer.from(await client.get(hash))).toEqual(content);
    expect(await client.put(new Uint8Array())).toEqual({ hash: hashText(new Uint8Array()), bytes: 0 });
  });

  it("answers each of many at once", async () => {
    const { client } = setUp();
    const texts = Array.from({ length: 50 }, (_, index) => Buffer.from(`content ${index}`));
    const kept = await Promise.all(texts.map((text) => client.put(text)));
    const got = await Promise.all(kept.map(({ hash }) => client.get(hash)));
    expect(got.map(String)).toEqual(texts.map(String));
  });

  it("passes errors on by code and goes on", async () => {
    const { client } = setUp();
    const code = (work: Promise<unknown>) =>
      work.then(
        () => "no error",
        (error) => (isKosError(error) ? error.code : String(error)),
      );
    expect(await code(client.get(hashText("absent")))).toBe("NOT_FOUND");
    expect(await code(client.get("../../etc/passwd"))).toBe("BAD_REQUEST");
    const { hash } = await client.put(Buffer.from("abc"));
    expect(await code(client.get(hash, { maxBytes: 2 }))).toBe("TOO_LARGE");
    expect(await code(client.put(Buffer.from("abc"), { maxBytes: 2 }))).toBe("TOO_LARGE");
    expect(String(await client.get(hash))).toBe("abc");
  });

  it.each([
    ["a kind that is none", Buffer.from([9, 0, 0, 0, 0])],
    ["more bytes than allowed", Buffer.from([1, 0xff, 0xff, 0xff, 0xff])],
    ["a question that is no JSON", Buffer.concat([Buffer.from([2, 0, 0, 0, 1]), Buffer.from("{")])],
  ])("ends for %s", async (_what, bytes) => {
    const { stream, ended, blobs } = setUp();
    stream.write(bytes);
    expect(await ended).toMatchObject({ code: "BAD_ENVELOPE" });
    expect(blobs.kept.size).toBe(0);
  });

  it("ends cleanly with its process, and says so to who still asks", async () => {
    const { stream, ended, client } = setUp();
    await client.put(Buffer.from("a"));
    stream.end();
    expect(await ended).toBeUndefined();
    await expect(client.put(Buffer.from("b"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { body, collect, open, read } from "./artifacts.fixture.ts";
import { contentResponse } from "./content-response.ts";

const upload = { tenant: "local", created_by: "owner" };

describe("uploads", () => {
  it("[A8] are stored under their hash, listed and labelled untrusted", async () => {
    await using opened = open();
    const made = await opened.uploads.upload({ ...upload, name: "notes.md", body: body("# Notes\n".repeat(2000), 700) });
    expect(made).toMatchObject({
      name: "notes.md",
      media_type: "text/markdown",
      bytes: 16_000,
      labels: ["untrusted"],
      created_by: "owner",
      version: 1,
    });
    expect(await read((await opened.index.content("local", made.artifact_id)).content)).toBe("# Notes\n".repeat(2000));
    const again = await opened.uploads.upload({ ...upload, name: "notes.md", body: body("second") });
    expect(again.version).toBe(2);
    const empty = await opened.uploads.upload({ ...upload, name: "empty", body: body("") });
    expect(empty.bytes).toBe(0);
  });

  it("[A9] [R93] beyond the size or the quota are refused, before reading where the length is said, and list nothing", async () => {
    await using opened = open({ maxBytes: 1000, quotaBytes: 1500 });
    const { uploads, index } = opened;
    let wasRead = false;
    async function* watched(): AsyncGenerator<Uint8Array> {
      wasRead = true;
      yield new Uint8Array(1);
    }
    await expect(uploads.upload({ ...upload, name: "a", content_length: 1001, body: watched() })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    expect(wasRead).toBe(false);
    await expect(uploads.upload({ ...upload, name: "a", body: body("x".repeat(1001)) })).rejects.toMatchObject({
      code: "TOO_LARGE",
      details: { max_bytes: 1000 },
    });
    await uploads.upload({ ...upload, name: "a", body: body("x".repeat(900)) });
    await expect(uploads.upload({ ...upload, name: "b", body: body("y".repeat(601)) })).rejects.toMatchObject({
      code: "TOO_LARGE",
      details: { quota_bytes: 1500 },
    });
    expect((await index.search({ tenant: "local" })).items).toHaveLength(1);
    await uploads.upload({ ...upload, name: "b", body: body("y".repeat(600)) });
    expect(await index.usedBytes("local")).toBe(1500);
  });

  it("[A9] [R93] under way together stay within the quota", async () => {
    await using opened = open({ maxBytes: 1000, quotaBytes: 1000 });
    async function* slow(letter: string): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < 6; piece++) {
        await Promise.resolve();
        yield new TextEncoder().encode(letter.repeat(100));
      }
    }
    const outcomes = await Promise.allSettled(
      ["a", "b", "c", "d"].map((name) => opened.uploads.upload({ ...upload, name, body: slow(name) })),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(1);
    const stored = await collect(opened.blobs.list());
    expect(stored.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(1000);
    await opened.uploads.upload({ ...upload, name: "later", body: body("x".repeat(400)) });
  });

  it("[A9] give back what a failed upload had taken of the quota, while others are under way", async () => {
    await using opened = open({ quotaBytes: 1000 });
    const gate = Promise.withResolvers<void>();
    async function* waiting(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100);
      await gate.promise;
    }
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(600);
      throw new Error("connection reset");
    }
    const first = opened.uploads.upload({ ...upload, name: "a", body: waiting() });
    await expect(opened.uploads.upload({ ...upload, name: "b", body: failing() })).rejects.toThrow("connection reset");
    expect((await opened.uploads.upload({ ...upload, name: "c", body: body("x".repeat(600)) })).bytes).toBe(600);
    gate.resolve();
    expect((await first).bytes).toBe(100);
  });

  it("[A10] [R98] are refused when the content is not what it is said to be", async () => {
    await using opened = open();
    const png = Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1");
    for (const [claim, content] of [
      ["image/png", "<script>alert(1)</script>"],
      ["image/jpeg", png],
      ["text/plain", png],
      ["application/json", Buffer.from([0, 1, 2, 3])],
      ["image/svg+xml", png],
      ["application/pdf", "MZ\u0000\u0000\u0001"],
      ["application/vnd.unheard-of", "PK\u0003\u0004zip"],
    ] as const) {
      await expect(opened.uploads.upload({ ...upload, name: "a", content_type: claim, body: body(content) }), claim).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    }
    expect((await opened.index.search({ tenant: "local" })).items).toEqual([]);
    const accepted = await opened.uploads.upload({ ...upload, name: "a", content_type: "image/png", body: body(png, 3) });
    expect(accepted.media_type).toBe("image/png");
  });

  it("[A11] refuse names with control characters, without end or without text", async () => {
    await using opened = open();
    for (const name of ["", "a\nb", "a\u0000", "x".repeat(256), "\ud800", "a\u2028b", "\u001b[2J"]) {
      await expect(opened.uploads.upload({ ...upload, name, body: body("x") }), JSON.stringify(name)).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    }
  });

  it("[A12] [R92] [R93] with names made for traversal touch nothing but their hash, and never come back as a path", async () => {
    await using opened = open({ quotaBytes: Number.MAX_SAFE_INTEGER });
    const hostile = [
      "../../etc/passwd",
      "..\\..\\windows\\win.ini",
      "/etc/shadow",
      "C:\\x",
      "....//....//x",
      "%2e%2e%2fx",
      ".",
      "..",
      "con",
      "a/../../b",
      "~/.ssh/id_rsa",
      '"; filename=evil.exe',
      "a;b",
      "ünï.txt",
    ];
    for (const name of hostile) {
      const made = await opened.uploads.upload({ ...upload, name, body: body("same") });
      expect(made.name).toBe(name);
      const header = contentResponse(made).headers["content-disposition"] ?? "";
      const [, plain = ""] = /^inline; filename="([^"]*)"; filename\*=UTF-8''[A-Za-z0-9%._~-]+$/.exec(header) ?? [];
      expect(plain, header).not.toBe("");
      expect(plain).not.toMatch(/[/\\]|^\./);
    }
    expect(await collect(opened.blobs.list())).toHaveLength(1);
  });

  it("[A12] any name at all is kept as it is or refused", async () => {
    await using opened = open({ quotaBytes: Number.MAX_SAFE_INTEGER });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 }), async (name) => {
        const made = await opened.uploads.upload({ ...upload, name, body: body("x") }).catch((error: { code: string }) => error.code);
        expect(typeof made === "string" ? made : made.name).toBe(typeof made === "string" ? "BAD_REQUEST" : name);
      }),
      { numRuns: 50 },
    );
  });

  it("[A9] stop when they are cancelled or the sender fails, and list nothing", async () => {
    await using opened = open();
    const stop = new AbortController();
    async function* cancelled(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(5000);
      stop.abort();
      yield new Uint8Array(5000);
    }
    await expect(opened.uploads.upload({ ...upload, name: "a", body: cancelled(), signal: stop.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    const failure = new Error("connection reset");
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      throw failure;
    }
    await expect(opened.uploads.upload({ ...upload, name: "a", body: failing() })).rejects.toBe(failure);
    expect((await opened.index.search({ tenant: "local" })).items).toEqual([]);
  });
});

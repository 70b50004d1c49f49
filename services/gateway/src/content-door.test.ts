import { once } from "node:events";
import { createServer } from "node:net";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { type ContentDoorOptions, openContentDoor } from "./content-door.ts";
import { ask, testTime, upgrade } from "./gateway.fixture.ts";
import type { ByteAnswer } from "./handler.ts";

const PAGE: ByteAnswer = {
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": "sandbox; default-src 'none'" },
  body: "<p>shown</p>",
};

async function opened(options: Partial<ContentDoorOptions> = {}) {
  const time = testTime();
  const internalErrors: unknown[] = [];
  const door = await openContentDoor({
    host: "127.0.0.1",
    port: 0,
    now: time.now,
    after: time.after,
    newTraceId: () => "0".repeat(32),
    onInternalError: (error) => internalErrors.push(error),
    ...options,
  });
  const { port } = new URL(door.origin);
  return {
    door,
    time,
    port: Number(port),
    internalErrors,
    get: (url: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
      ask(Number(port), method, new URL(url).pathname, { host: `127.0.0.1:${port}`, ...headers }),
    [Symbol.asyncDispose]: () => door.close(),
  };
}

describe("the door for untrusted content", () => {
  it("[R94] shows what is offered once, under the policy it comes with, without a cookie", async () => {
    await using content = await opened();
    const { url } = content.door.offer(async () => PAGE);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/preview\/[A-Za-z0-9_-]{43}$/);
    const first = await content.get(url, { "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site" });
    expect(first).toMatchObject({ status: 200, text: "<p>shown</p>" });
    expect(first.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(first.headers).not.toHaveProperty("set-cookie");
    const again = await content.get(url);
    expect(again.status).toBe(410);
    expect(again.text).toContain("Open it again in the console");
    expect(again.text).not.toContain("<p>");
  });

  it("[R94] forgets an offer after a minute", async () => {
    await using content = await opened();
    const { url, expiresAtMs } = content.door.offer(async () => PAGE);
    expect(expiresAtMs - content.time.now()).toBe(60_000);
    content.time.advance(60_000);
    expect((await content.get(url)).status).toBe(410);
  });

  it("keeps a bounded number of offers, the newest", async () => {
    await using content = await opened();
    const offers = Array.from({ length: 257 }, () => content.door.offer(async () => PAGE));
    expect((await content.get(offers[0]?.url ?? "")).status).toBe(410);
    expect((await content.get(offers[1]?.url ?? "")).status).toBe(200);
    expect((await content.get(offers[256]?.url ?? "")).status).toBe(200);
  });

  it.each(["/", "/preview/", "/preview/short", "/agent/plan", `/preview/${"A".repeat(43)}/x`, "/preview/../openapi.json", "/ws"])(
    "[R10] has nothing at %s",
    async (path) => {
      await using content = await opened();
      const answer = await content.get(`${content.door.origin}/x`.replace("/x", path));
      expect([404, 410]).toContain(answer.status);
      expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    },
  );

  it("[R6] answers to its own name only, opens no socket, and takes no other method; none of them uses an offer up", async () => {
    await using content = await opened();
    const { url } = content.door.offer(async () => PAGE);
    for (const host of ["evil.example", `localhost:${content.port}`, "127.0.0.1", `127.0.0.1.nip.io:${content.port}`])
      expect((await content.get(url, { host })).status, host).toBe(403);
    for (const method of ["POST", "HEAD", "PUT", "OPTIONS"]) expect((await content.get(url, {}, method)).status, method).toBe(404);
    await expect(upgrade(content.port, { host: `127.0.0.1:${content.port}` }, new URL(url).pathname)).rejects.toThrow();
    expect((await content.get(url)).status).toBe(200);
  });

  it("is not read as a script, a style or a picture by whoever got hold of the address", async () => {
    await using content = await opened();
    const { url } = content.door.offer(async () => PAGE);
    for (const dest of ["script", "style", "image", "empty", "worker"])
      expect((await content.get(url, { "sec-fetch-dest": dest })).status, dest).toBe(404);
    expect((await content.get(url, { "sec-fetch-dest": "document" })).status).toBe(200);
  });

  it("says in words what went wrong, and nothing of what is inside", async () => {
    await using content = await opened();
    const refused = content.door.offer(async () => {
      throw new KosError("NOT_FOUND", "This file is not there any more.");
    });
    expect(await content.get(refused.url)).toMatchObject({ status: 404, text: "This file is not there any more.\n" });
    const broken = content.door.offer(async () => {
      throw new Error("/srv/secret/path");
    });
    const answer = await content.get(broken.url);
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("/srv/secret");
    expect(content.internalErrors).toHaveLength(1);
  });

  it("ends the connection when the bytes break: a part is never taken for the whole", async () => {
    await using content = await opened();
    const { url } = content.door.offer(async () => ({
      ...PAGE,
      body: (async function* () {
        yield new TextEncoder().encode("half");
        throw new Error("the disk");
      })(),
    }));
    await expect(content.get(url)).rejects.toThrow(/socket hang up|aborted|ECONNRESET/);
  });

  it("takes another port when its own is in use, and no host that others reach", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    try {
      await using content = await opened({ port });
      expect(content.port).not.toBe(port);
    } finally {
      taken.close();
    }
    await expect(opened({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

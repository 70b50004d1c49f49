import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { call } from "../../testing/call.fixture.ts";
import { testContext } from "../../testing/test-context.fixture.ts";
import { redirectTo, type TestPage, type TestWeb, testWeb } from "../../testing/web.fixture.ts";
import { webFetch } from "./web-fetch.ts";

const ROOT = "http://site.example";
const HTML = { "content-type": "text/html; charset=utf-8" };

const fetchOn = (web: TestWeb, params: Partial<Parameters<ReturnType<typeof webFetch>["run"]>[0]> = {}, context = testContext()) =>
  call(webFetch(web.access), { url: `${ROOT}/`, ...params }, { ...context, now: web.now });

describe("web.fetch", () => {
  test("gives a page with all that its answer says, redirects followed", async () => {
    await using web = await testWeb({
      "/": redirectTo("/moved", 301),
      "/moved": {
        headers: { ...HTML, etag: '"v1"', "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT", "content-encoding": "gzip" },
        body: gzipSync('<html lang="fr"><title>caf\u00e9</title>'),
      },
    });
    expect(await fetchOn(web)).toEqual({
      url: `${ROOT}/moved`,
      status: 200,
      not_modified: false,
      redirects: [{ status: 301, url: `${ROOT}/` }],
      media_type: "text/html",
      charset: "utf-8",
      title: "caf\u00e9",
      language: "fr",
      bytes: 36,
      wire_bytes: expect.any(Number),
      etag: '"v1"',
      last_modified: "Fri, 02 Jan 2026 03:04:05 GMT",
      html: '<html lang="fr"><title>caf\u00e9</title>',
      notes: [],
    });
  });

  test("asks with what an earlier answer gave, and says when nothing has changed", async () => {
    await using web = await testWeb({
      "/": (response) => {
        const is = response.req.headers["if-none-match"] === '"v1"';
        response.writeHead(is ? 304 : 200, { ...HTML, etag: '"v1"' }).end(is ? undefined : "<title>x</title>");
      },
    });
    expect(await fetchOn(web, { etag: '"v1"' })).toMatchObject({ status: 304, not_modified: true, bytes: 0, etag: '"v1"' });
    expect(await fetchOn(web, { etag: '"v0"' })).toMatchObject({ status: 200, not_modified: false });
    await using lying = await testWeb({ "/": { status: 304 } });
    await expect(fetchOn(lying)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test.each<[string, TestPage, object]>([
    ["text", { headers: { "content-type": "application/json" }, body: '{"a":1}' }, { text: '{"a":1}' }],
    [
      "HTML of no declared type",
      { body: "<!-- c --><!DOCTYPE html><title>T</title>" },
      { title: "T", html: expect.any(String), media_type: "" },
    ],
    [
      "a charset in its meta element",
      { headers: { "content-type": "text/html" }, body: Buffer.from('<meta charset="windows-1251"><title>\xcf</title>', "latin1") },
      { title: "\u041f", charset: "windows-1251" },
    ],
    [
      "a charset that it is not in",
      { headers: HTML, body: Buffer.from("<title>\xe9</title>", "latin1") },
      { title: "\u00e9", notes: [expect.stringContaining("utf-8")] },
    ],
    [
      "a mark that contradicts its header",
      { headers: { "content-type": "text/html; charset=latin1" }, body: "\ufeff<title>\u00e9</title>" },
      { title: "\u00e9", charset: "utf-8" },
    ],
  ])("reads %s", async (_name, page, expected) => {
    await using web = await testWeb({ "/": page });
    expect(await fetchOn(web)).toMatchObject(expected);
  });

  test("bytes, what is long, and what has a name become an artifact with the bytes as they are", async () => {
    await using web = await testWeb({
      "/bytes": { headers: { "content-type": "image/png" }, body: Buffer.from([137, 80, 78, 71]) },
      "/long": { headers: HTML, body: `<title>L</title>${"x".repeat(600_000)}` },
      "/named": { headers: HTML, body: "<title>N</title>" },
    });
    const context = testContext();
    const bytes = await fetchOn(web, { url: `${ROOT}/bytes` }, context);
    expect(bytes).toMatchObject({ artifact: { name: "page.bin", media_type: "image/png", bytes: 4 } });
    expect([bytes.html, bytes.text]).toEqual([undefined, undefined]);
    const long = await fetchOn(web, { url: `${ROOT}/long` }, context);
    expect([long.title, long.html, long.artifact?.bytes]).toEqual(["L", undefined, 600_016]);
    expect(await fetchOn(web, { url: `${ROOT}/named`, save_as: "n.html" }, context)).toMatchObject({
      html: "<title>N</title>",
      artifact: { name: "n.html" },
    });
    expect(context.textOf("n.html")).toBe("<title>N</title>");
  });

  test.each([
    [404, "NOT_FOUND"],
    [403, "FORBIDDEN"],
    [429, "RATE_LIMITED"],
    [418, "BAD_REQUEST"],
    [502, "UNAVAILABLE"],
  ])("status %s is %s, or the page that came with it where that is asked for", async (status, code) => {
    await using web = await testWeb({ "/": { status, headers: HTML, body: "<title>sorry</title>" } });
    await expect(fetchOn(web)).rejects.toMatchObject({ code, details: { status } });
    expect(await fetchOn(web, { error_status: "give" })).toMatchObject({ status, title: "sorry" });
  });

  test("[R89] a body over its cap is an error, compressed or not", async () => {
    await using web = await testWeb({ "/": { headers: { ...HTML, "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(5_000_000)) } });
    await expect(fetchOn(web, { max_bytes: 100_000 })).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  test("[WM1] requests to a public host are apart, two calls or one; a host the owner opened is theirs", async () => {
    await using web = await testWeb(
      { "/": "x", "http://models.lan:8080/": "y" },
      { names: { "models.lan": ["192.168.1.2"] }, egress: { allow_hosts: ["models.lan:8080"] } },
    );
    await Promise.all([fetchOn(web), fetchOn(web), fetchOn(web)]);
    expect(web.passedMs()).toBe(400);
    const url = "http://models.lan:8080/";
    await Promise.all([fetchOn(web, { url }), fetchOn(web, { url })]);
    expect(web.passedMs()).toBe(400);
    await Promise.all([fetchOn(web, { url, delay_ms: 50 }), fetchOn(web, { url, delay_ms: 50 })]);
    expect(web.passedMs()).toBeGreaterThan(400);
  });
});

// Links that give one artifact to somebody without a token, made by kai and opened by plain HTTP.

import { afterAll, beforeAll, expect, test } from "vitest";
import { kai } from "./support/kai.fixture.ts";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { type RawAnswer, rawRequest } from "./support/raw-request.fixture.ts";

let node: RunningNode;

beforeAll(async () => {
  node = await runningNode();
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  const { origin, pathname } = new URL(url);
  return rawRequest(origin, pathname, { headers });
}

async function shared(content: string): Promise<{ readonly artifactId: string; readonly shareId: string; readonly url: string }> {
  const artifact = await node.client.upload("page.html", new TextEncoder().encode(content), "text/html");
  const { code, json } = await kai(["artifact", "share", artifact.artifact_id, "--for", "2h", "--json"], { data: node.data });
  expect(code).toBe(0);
  const [{ share_id, url } = {}] = json;
  return { artifactId: artifact.artifact_id, shareId: String(share_id), url: String(url) };
}

test("[R97] a link gives its artifact to whoever has it, as a locked download, whole or in part", async () => {
  const { url } = await shared("<!doctype html><title>for you</title>");
  const whole = await get(url);
  expect(whole).toMatchObject({ status: 200, body: "<!doctype html><title>for you</title>" });
  expect(whole.headers["content-disposition"]).toMatch(/^attachment; filename="page\.html"/);
  expect(whole.headers["content-security-policy"]).toMatch(/^sandbox;/);
  expect(whole.headers["x-content-type-options"]).toBe("nosniff");
  expect(await get(url, { range: "bytes=2-8" })).toMatchObject({ status: 206, body: "doctype" });
  expect((await get(url, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).status).toBe(200);
  expect((await get(url, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
});

test("[R97] a link that was changed, is of another artifact or was taken back is refused in the same words", async () => {
  const [one, two] = [await shared("one"), await shared("two")];
  expect((await get(one.url)).body).toBe("one");
  const token = one.url.split("/").at(-1) ?? "";
  const crossed = two.url.replace(/[^/.]+(?=\.)/, token.split(".")[0] ?? "");
  const refused = [
    await get(`${one.url}A`),
    await get(one.url.slice(0, -2)),
    await get(crossed),
    await get(`${node.url}/artifact/shared/x`),
  ];
  const { artifactId, shareId } = one;
  const back = await kai(["artifact", "unshare", artifactId, shareId, "--json"], { data: node.data });
  expect(back).toMatchObject({ code: 0, json: [{ share_id: shareId }] });
  refused.push(await get(one.url));
  const said = refused.map(({ status, body }) => `${status} ${(JSON.parse(body) as { message: string }).message}`);
  expect(new Set(said).size).toBe(1);
  expect(said[0]).toMatch(/^403 This link is not good/);
  expect((await get(two.url)).body).toBe("two");
});

test("links are listed without what would open them, and a time that is too long is refused", async () => {
  const { artifactId, shareId, url } = await shared("listed");
  const listed = await kai(["artifact", "shares", artifactId, "--json"], { data: node.data });
  expect(listed.json).toMatchObject([{ share_id: shareId, artifact_id: artifactId }]);
  expect(listed.stdout).not.toContain(url.split(".").at(-1));
  expect((await kai(["artifact", "shares", artifactId], { data: node.data })).stdout).toMatch(/GOOD UNTIL/);
  const long = await kai(["artifact", "share", artifactId, "--for", "31d"], { data: node.data });
  expect(long.code).toBe(2);
  expect(long.stderr).toContain("lifetime_ms");
  expect((await kai(["artifact", "unshare", artifactId, "ffffffff"], { data: node.data })).stderr).toContain("NOT_FOUND");
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ask, openGateway } from "./gateway.fixture.ts";

const CONTENT_ORIGIN = "http://127.0.0.1:4711";

async function withConsole() {
  const root = mkdtempSync(join(tmpdir(), "kos-console-"));
  const folder = join(root, "console");
  const door = await openGateway({ console: { folder, contentOrigin: CONTENT_ORIGIN } });
  return {
    door,
    build() {
      mkdirSync(join(folder, "assets"), { recursive: true });
      writeFileSync(
        join(folder, "index.html"),
        '<!doctype html><title>built</title><script type="module" src="/console/assets/index-a1.js"></script>',
      );
      writeFileSync(join(folder, "assets", "index-a1.js"), "export {};");
      writeFileSync(join(folder, "assets", "index-a1.css"), "body {}");
      writeFileSync(join(folder, "build.json"), "{}");
      writeFileSync(join(root, "secret.js"), "secret");
    },
    async [Symbol.asyncDispose]() {
      await door.gateway.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

describe("the console", () => {
  it("is at / as soon as it is built; before that, and always at /plain, there is the plain page", async () => {
    await using served = await withConsole();
    const text = async (path: string) => (await served.door.fetch(path, { token: null })).text();
    expect(await text("/")).toContain("<title>kOS node</title>");
    served.build();
    expect(await text("/")).toContain("<title>built</title>");
    expect(await text("/plain")).toContain("<title>kOS node</title>");
  });

  it("[R139] [R99] may run its own files and frame the content origin, and nothing else", async () => {
    await using served = await withConsole();
    served.build();
    const { headers } = await served.door.fetch("/", { token: null });
    const policy = headers.get("content-security-policy") ?? "";
    const directives = new Map(
      policy.split("; ").map((line): [string, string] => [line.split(" ")[0] ?? "", line.split(" ").slice(1).join(" ")]),
    );
    expect(directives.get("default-src")).toBe("'none'");
    expect(directives.get("script-src")).toBe("'self'");
    expect(directives.get("style-src")).toBe("'self'");
    expect(directives.get("frame-src")).toBe(CONTENT_ORIGIN);
    expect(directives.get("frame-ancestors")).toBe("'none'");
    expect(directives.get("connect-src")).toBe(`'self' ws://localhost:${served.door.port}`);
    expect(directives.get("require-trusted-types-for")).toBe("'script'");
    expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
  });

  it("has files that a browser keeps for ever, with their types", async () => {
    await using served = await withConsole();
    served.build();
    for (const [name, type] of [
      ["index-a1.js", "text/javascript; charset=utf-8"],
      ["index-a1.css", "text/css; charset=utf-8"],
    ]) {
      const { status, headers } = await served.door.fetch(`/console/assets/${name}`, { token: null });
      expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
        200,
        type,
        "public, max-age=31536000, immutable",
      ]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("[R92] has no file but those of its build", async () => {
    await using served = await withConsole();
    served.build();
    const { port } = served.door;
    for (const path of [
      "../build.json",
      "..%2fbuild.json",
      "%2e%2e%2fbuild.json",
      "..%5c..%5csecret.js",
      "build.json",
      "index-a1.js%00",
      ".js",
      "index-a1.map",
      "../../secret.js",
    ]) {
      const { status, text } = await ask(port, "GET", `/console/assets/${path}`, { host: `localhost:${port}` });
      expect([400, 404], path).toContain(status);
      expect(text).not.toContain("secret;");
    }
    expect((await served.door.fetch("/console/assets/index-a1.js", { token: null, method: "POST" })).status).toBe(404);
  });
});

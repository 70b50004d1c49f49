import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openGateway } from "./gateway.fixture.ts";

describe("the page at /", () => {
  it("[R139] runs its own script and style and nothing else", async () => {
    await using door = await openGateway();
    const answer = await door.fetch("/", { token: null });
    const html = await answer.text();
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const [tag, directive] of [
      ["script", "script-src"],
      ["style", "style-src"],
    ]) {
      const parts = [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, "g"))].map(([, text]) => text ?? "");
      const hashes = parts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
      expect(parts).toHaveLength(1);
      expect(policy).toContain(`${directive} ${hashes.join(" ")};`);
    }
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(html).not.toMatch(/\son[a-z]+=|\sstyle=|javascript:|innerHTML|localStorage|document\.cookie/);
  });

  it("[R9] looks at no parameter of its address and says nothing of the node to strangers", async () => {
    await using door = await openGateway();
    const [plain, asked] = await Promise.all([
      door.fetch("/", { token: null }),
      door.fetch("/?url=https://evil.example&ticket=x", { token: null }),
    ]);
    expect(await asked.text()).toBe(await plain.text());
    expect(door.calls).toEqual([]);
  });
});

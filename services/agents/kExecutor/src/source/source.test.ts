import { execFileSync } from "node:child_process";
import { truncateSync } from "node:fs";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { docExtract } from "../documents/doc-extract.ts";
import { imageInfo } from "../images/image-info.ts";
import { call } from "../testing/call.fixture.ts";
import { pngFile } from "../testing/images.fixture.ts";
import { temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "read";
  } catch (error) {
    if (!isKosError(error)) throw error;
    const details = error.details ?? {};
    return [error.code, details["reason"] ?? details["at"]].filter((part) => typeof part === "string").join(" ");
  }
}

describe("what is read", () => {
  test("[R92] lies under a granted folder, and is a regular file", async () => {
    using tree = temporaryTree();
    tree.write("root/a.txt", "good");
    tree.write("root-sibling/a.txt", "secret");
    tree.write("secret.txt", "secret");
    tree.link("root/link.txt", "../secret.txt");
    tree.link("root/inside.txt", "a.txt");
    execFileSync("mkfifo", [`${tree.path}/root/pipe`]);
    const root = `${tree.path}/root`;
    const read = (path: string) => outcome(call(docExtract, { path }, testContext({ fsRoots: [root] })));
    const paths = [
      "a.txt",
      "inside.txt",
      "link.txt",
      "../secret.txt",
      `${root}-sibling/a.txt`,
      "/etc/passwd",
      "/dev/zero",
      "pipe",
      ".",
      "nothing.txt",
      "a\0b",
    ];
    expect(await Promise.all(paths.map(read))).toEqual([
      "read",
      "read",
      "FORBIDDEN /path",
      "FORBIDDEN /path",
      "FORBIDDEN /path",
      "FORBIDDEN /path",
      "FORBIDDEN /path",
      "BAD_REQUEST unreachable",
      "BAD_REQUEST unreachable",
      "NOT_FOUND /path",
      "BAD_REQUEST /path",
    ]);
  });

  test("can be an artifact instead, of which only the bytes are known", async () => {
    const context = testContext();
    const { hash } = await context.artifacts.put({
      name: "x.html",
      media_type: "text/html",
      content: "<html><head><title>T</title></head><body>text",
    });
    expect(await call(docExtract, { artifact: hash }, context)).toMatchObject({ format: "html", title: "T", text: "text" });
    const text = await context.artifacts.put({ name: "x", media_type: "text/plain", content: "# Head\n\ntext" });
    expect(await call(docExtract, { artifact: text.hash }, context)).toMatchObject({ format: "text", headings: [] });
    expect(await call(docExtract, { artifact: text.hash, media_type: "text/markdown" }, context)).toMatchObject({
      format: "markdown",
      title: "Head",
    });
    const image = await context.artifacts.put({ name: "x", media_type: "image/png", content: pngFile(3, 2) });
    expect(await call(imageInfo, { artifact: image.hash }, context)).toMatchObject({ width: 3, height: 2 });
    expect(await outcome(call(docExtract, { artifact: `sha256:${"0".repeat(64)}` }, context))).toBe("NOT_FOUND");
  });

  test("is one thing, not two", async () => {
    expect(await outcome(call(docExtract, { path: "a", artifact: `sha256:${"0".repeat(64)}` }, testContext()))).toBe(
      "BAD_REQUEST /artifact",
    );
    await expect(call(docExtract, {}, testContext())).rejects.toThrow(/schema/);
  });

  test("is no larger than the capability can take", async () => {
    using tree = temporaryTree();
    tree.write("sparse.txt");
    truncateSync(`${tree.path}/sparse.txt`, 65 * 1_048_576);
    const context = testContext({ fsRoots: [tree.path] });
    expect(await outcome(call(docExtract, { path: "sparse.txt" }, context))).toBe("TOO_LARGE too_large");
  });

  test("stops when the call is cancelled", async () => {
    using tree = temporaryTree();
    tree.write("a.txt", "text");
    const context = testContext({ fsRoots: [tree.path], signal: AbortSignal.abort() });
    expect(await outcome(call(docExtract, { path: "a.txt" }, context))).toBe("CANCELLED");
  });
});

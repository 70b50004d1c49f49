import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { fsRead } from "./fs-read.ts";

type Params = Parameters<typeof fsRead.run>[0];

async function read(content: string | Uint8Array, params: Partial<Params> = {}): ReturnType<typeof fsRead.run> {
  using tree = temporaryTree();
  tree.write("file", content);
  return await call(fsRead, { path: `${tree.path}/file`, ...params }, testContext({ fsRoots: [tree.path] }));
}

describe("fs.read", () => {
  test.each([
    ["plain text", Buffer.from("a\nb"), { encoding: "utf-8", certain: true, text: "a\nb" }],
    ["UTF-8", Buffer.from("h\u00e9\u{1f600}"), { encoding: "utf-8", certain: true, text: "h\u00e9\u{1f600}" }],
    ["UTF-8 with a mark", Buffer.from("\ufeffa"), { encoding: "utf-8", certain: true, text: "a" }],
    ["UTF-16 with a mark", Buffer.from("\ufeffh\u00e9", "utf16le"), { encoding: "utf-16le", certain: true, text: "h\u00e9" }],
    ["big-endian UTF-16 with a mark", Buffer.from("\ufeffh", "utf16le").swap16(), { encoding: "utf-16be", certain: true, text: "h" }],
    ["some 8-bit encoding", Buffer.from("caf\u00e9", "latin1"), { encoding: "latin1", certain: false, text: "caf\u00e9" }],
    ["bytes with a NUL", Buffer.from([0, 255]), { encoding: "binary", certain: true, base64: "AP8=" }],
    ["nothing", Buffer.alloc(0), { encoding: "utf-8", certain: true, text: "" }],
  ])("gives %s as what it is", async (_, content, expected) => {
    const { path: _path, ...output } = await read(content);
    expect(output).toEqual({ bytes: content.length, truncated: false, ...expected });
  });

  test("gives the beginning of a large file, cut between characters", async () => {
    expect(await read("\u00e9\u00e9\u00e9", { max_bytes: 3 })).toMatchObject({
      bytes: 6,
      truncated: true,
      encoding: "utf-8",
      text: "\u00e9",
    });
  });

  test("gives bytes or another encoding when asked", async () => {
    expect(await read("abc", { encoding: "base64" })).toMatchObject({ encoding: "binary", base64: "YWJj" });
    expect(await read(Buffer.from([0xe9]), { encoding: "latin1" })).toMatchObject({ text: "\u00e9", certain: true });
    await expect(read(Buffer.from([0xe9]), { encoding: "utf-8" })).rejects.toSatisfy(
      (error) => isKosError(error, "BAD_REQUEST") && error.details?.["at"] === "/encoding",
    );
  });

  test("[R92] reads nothing outside the granted folders, and no folder, pipe or device", async () => {
    using tree = temporaryTree();
    mkdirSync(join(tree.path, "root/folder"), { recursive: true });
    tree.write("secret", "x");
    tree.link("root/out", "../secret");
    execFileSync("mkfifo", [join(tree.path, "root/pipe")]);
    const root = join(tree.path, "root");
    const codes = ["out", "../secret", "/etc/passwd", "/dev/zero", "folder", "pipe", "nothing"].map(async (path) => {
      try {
        await call(fsRead, { path }, testContext({ fsRoots: [root] }));
        return "read";
      } catch (error) {
        return isKosError(error) ? error.code : String(error);
      }
    });
    expect(await Promise.all(codes)).toEqual([
      "FORBIDDEN",
      "FORBIDDEN",
      "FORBIDDEN",
      "FORBIDDEN",
      "BAD_REQUEST",
      "BAD_REQUEST",
      "NOT_FOUND",
    ]);
  });
});

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isKosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { type BytePath, bytePathOf } from "./byte-path.ts";
import { isUnder, resolveGrantedPath } from "./granted-path.ts";
import { isRefusal, openFolder, openRegularFile } from "./guarded-open.ts";

/** What came of a path: the real path, or the code of the refusal. */
function resolved(text: string, roots: readonly string[]): string {
  try {
    return resolveGrantedPath(text, roots, "/path").path;
  } catch (error) {
    if (isKosError(error)) return error.code;
    throw error;
  }
}

describe("resolveGrantedPath", () => {
  test("gives the real path of what lies under a root", () => {
    using tree = temporaryTree();
    tree.write("a/file");
    expect(resolved(`${tree.path}/a/../a/./file`, [tree.path])).toBe(`${tree.path}/a/file`);
    expect(resolved("a", [tree.path])).toBe(`${tree.path}/a`);
    expect(resolved(tree.path, ["/"])).toBe(tree.path);
  });

  test("[R92] a sibling whose name begins like the root is outside", () => {
    using tree = temporaryTree();
    mkdirSync(join(tree.path, "root"));
    tree.write("root-secret/file");
    expect(resolved(`${tree.path}/root-secret/file`, [`${tree.path}/root`])).toBe("FORBIDDEN");
    expect(resolved("../root-secret/file", [`${tree.path}/root`])).toBe("FORBIDDEN");
  });

  test("[R92] a symlink to the outside is outside, one to the inside is what it leads to", () => {
    using tree = temporaryTree();
    tree.write("root/real/file");
    tree.write("secret/file");
    tree.link("root/out", "../secret");
    tree.link("root/out-file", "/etc/passwd");
    tree.link("root/in", "real");
    tree.link("alias", "root");
    const roots = [`${tree.path}/root`];
    expect(resolved(`${tree.path}/root/out/file`, roots)).toBe("FORBIDDEN");
    expect(resolved(`${tree.path}/root/out-file`, roots)).toBe("FORBIDDEN");
    expect(resolved(`${tree.path}/root/in/file`, roots)).toBe(`${tree.path}/root/real/file`);
    expect(resolved(`${tree.path}/alias/real`, roots)).toBe(`${tree.path}/root/real`);
    expect(resolved(`${tree.path}/root/real`, [`${tree.path}/alias`])).toBe(`${tree.path}/root/real`);
  });

  test("[R92] does not tell whether a path outside exists", () => {
    using tree = temporaryTree();
    mkdirSync(join(tree.path, "root"));
    tree.write("there");
    const codes = ["there", "not-there", "there/below", "root/../nothing"].map((name) =>
      resolved(`${tree.path}/${name}`, [`${tree.path}/root`]),
    );
    expect(codes).toEqual(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
  });

  test("names what to grant", () => {
    using tree = temporaryTree();
    expect(() => resolveGrantedPath("/etc", [tree.path], "/path")).toThrow(/"\/etc" is outside .*granted: ".*--path/);
    expect(() => resolveGrantedPath("/etc", [], "/path")).toThrow(/no folder is granted/);
  });

  test("refuses what is no path", () => {
    using tree = temporaryTree();
    for (const text of ["", "a\0b", `${tree.path}\0/../../etc`, "a".repeat(5000)]) expect(resolved(text, [tree.path])).toBe("BAD_REQUEST");
    expect(resolved("relative", [tree.path, "/usr"])).toBe("BAD_REQUEST");
    expect(resolved("relative", [])).toBe("BAD_REQUEST");
  });

  test("a root that is gone or not absolute grants nothing", () => {
    using tree = temporaryTree();
    for (const root of [`${tree.path}/gone`, ".", "", "..", "\0"])
      expect(["FORBIDDEN", "BAD_REQUEST"]).toContain(resolved("/etc/passwd", [root]));
  });

  test("[R92] 21,000 traversal texts never lead out", () => {
    using tree = temporaryTree();
    tree.write("root/a/b/file");
    tree.write("root-secret/file");
    tree.write("secret");
    tree.link("root/up", "..");
    tree.link("root/a/top", "/");
    tree.link("root/a/loop", "loop");
    const root = bytePathOf(`${tree.path}/root`);
    const outcomes = traversalCorpus(tree.path).map((text) => resolved(text, [`${tree.path}/root`]));
    expect(outcomes.length).toBeGreaterThanOrEqual(21_000);
    const refusals = ["FORBIDDEN", "NOT_FOUND", "BAD_REQUEST"];
    expect(outcomes.filter((outcome) => !refusals.includes(outcome) && !isUnder(outcome as BytePath, root))).toEqual([]);
    for (const refusal of refusals) expect(outcomes).toContain(refusal);
    expect(outcomes).toContain(`${tree.path}/root/a/b/file`);
  });

  test("[R92] any text at all gives a path inside or a coded error", () => {
    using tree = temporaryTree();
    tree.write("root/a/b");
    tree.link("root/up", "../..");
    const piece = fc.oneof(
      fc.constantFrom("..", ".", "/", "a", "b", "up", "root", tree.path, "~", "//", "\\", "%2e%2e", "\0"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom("", "/"), (pieces, separator) => {
        const outcome = resolved(pieces.join(separator), [`${tree.path}/root`]);
        expect(/^[A-Z_]+$/.test(outcome) || isUnder(outcome as BytePath, bytePathOf(`${tree.path}/root`))).toBe(true);
      }),
    );
  });
});

describe("guarded opening", () => {
  test("[R92] does not open through a symlink, at the end or on the way", async () => {
    using tree = temporaryTree();
    tree.write("real/file", "x");
    tree.link("folder-link", "real");
    tree.link("file-link", "real/file");
    const at = (name: string) => bytePathOf(`${tree.path}/${name}`);
    tree.write("real/sub/file", "x");
    expect(openFolder(at("folder-link/sub"))).toEqual({ refused: "moved" });
    const outcomes = [openFolder(at("folder-link")), await openRegularFile(at("file-link")), await openRegularFile(at("folder-link/file"))];
    expect(outcomes).toEqual([{ refused: "not_a_folder" }, { refused: "symlink" }, { refused: "moved" }]);
    const file = await openRegularFile(at("real/file"));
    expect(isRefusal(file)).toBe(false);
    if (!isRefusal(file)) await file.handle.close();
  });

  test("opens no folder, socket or pipe as a file, and waits for none", async () => {
    using tree = temporaryTree();
    mkdirSync(join(tree.path, "folder"));
    execFileSync("mkfifo", [join(tree.path, "pipe")]);
    for (const name of ["folder", "pipe"])
      expect(await openRegularFile(bytePathOf(`${tree.path}/${name}`))).toEqual({ refused: "not_a_file" });
    expect(await openRegularFile(bytePathOf("/dev/zero"))).toEqual({ refused: "not_a_file" });
    expect(await openRegularFile(bytePathOf(`${tree.path}/nothing`))).toEqual({ refused: "gone" });
  });
});

/** Every mix of a start, one to eight steps up in some spelling, and a target. */
function traversalCorpus(base: string): readonly string[] {
  const starts = [
    "",
    "/",
    "a/",
    "a/b/",
    "./",
    `${base}/root/`,
    `${base}/root/a/b/`,
    `${base}/root/up/`,
    "up/",
    "a/top/",
    `${base}/root-secret/../root/`,
  ];
  const steps = [
    "../",
    "..//",
    ".././",
    "./../",
    "..\\",
    "..%2f",
    "%2e%2e/",
    "..%00/",
    "....//",
    "..;/",
    "%252e%252e/",
    "\u2025/",
    "..\u2215",
    "up/",
    "a/../../",
    "..\u0000/",
    "%c0%ae%c0%ae/",
    ".. /",
  ];
  const targets = [
    "etc/passwd",
    "secret",
    "root-secret/file",
    "a/b/file",
    "root/a/b/file",
    "",
    "..",
    "proc/self/root/etc/passwd",
    "a/loop",
    "a/top/etc/passwd",
    "up/secret",
    "etc/passwd\0.txt",
    "~",
    "dev/stdin",
  ];
  const texts = starts.flatMap((start) =>
    steps.flatMap((step) => [1, 2, 3, 4, 5, 6, 7, 8].flatMap((times) => targets.map((target) => start + step.repeat(times) + target))),
  );
  return [...texts, `${base}/root/a/b/file`];
}

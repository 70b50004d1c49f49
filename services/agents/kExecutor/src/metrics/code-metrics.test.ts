import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { fsScan } from "../scan/fs-scan.ts";
import { call } from "../testing/call.fixture.ts";
import { measureTree } from "../testing/measure-tree.fixture.ts";
import { gitListing, type TemporaryTree, temporaryRepository, temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { codeMerge } from "./code-merge.ts";
import { codeMetrics } from "./code-metrics.ts";

/** The same program under its two names. */
const SHA256 = process.platform === "darwin" ? "shasum -a 256" : "sha256sum";

/** Standard output of a shell line that gets the files, NUL after each, on its standard input. */
function shell(tree: TemporaryTree, line: string, files: readonly string[] = []): string {
  const input = Buffer.from(files.map((file) => `${file}\0`).join(""), "latin1");
  return execFileSync("sh", ["-c", line], { cwd: tree.path, input, env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" }, maxBuffer: 1e9 })
    .toString()
    .trim();
}

function onDisk(tree: TemporaryTree, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${tree.path}/`), Buffer.from(name, "latin1")]);
}

/** A repository of several chunks with text, binary, odd names, copies, ignored and tracked-but-ignored files. */
function mixedRepository(): TemporaryTree {
  const tree = temporaryRepository();
  tree.write(".gitignore", "*.log\n/out/\n");
  for (let index = 0; index < 1300; index += 1) {
    const words = ["plain", "// TODO now", "FIXME: x", "XXXX", "my_HACK", "HACK", "", "  "];
    const lines = Array.from({ length: index % 13 }, (_, line) => words[(index + line) % words.length]);
    const extension = ["ts", "py", "c", "md", "txt", "sh"][index % 6];
    tree.write(`src/d${index % 9}/file ${index}.${extension}`, lines.join("\n") + (index % 2 === 0 ? "\n" : ""));
  }
  tree.write("binary.bin", Buffer.from([0x54, 0, 0x0a, 0x54, 0x4f, 0x44, 0x4f]));
  tree.write("late-nul.txt", Buffer.concat([Buffer.alloc(8000, "a\n"), Buffer.from("\0 TODO\n")]));
  tree.write("out/ignored.ts", "TODO\n");
  tree.write("x.log", "TODO\n");
  tree.write("tracked.log", "TODO\n");
  tree.git("add", "-f", "tracked.log");
  tree.link("link.ts", "src/d0/file 0.ts");
  tree.write("caf\u00e9 \u202e'\"`|.js", "// TODO\n");
  return tree;
}

describe("code.metrics and code.merge", () => {
  test("agree with git, wc, grep and sha256sum", async () => {
    using tree = mixedRepository();
    const { scan, gitFiles, metrics, parts } = await measureTree(tree.path);
    const listed = gitListing(tree.path);
    const contents = new Map(
      listed.filter((name) => !lstatSync(onDisk(tree, name)).isSymbolicLink()).map((name) => [name, readFileSync(onDisk(tree, name))]),
    );
    const texts = [...contents].flatMap(([name, bytes]) => (bytes.subarray(0, 8000).includes(0) ? [] : [name]));
    expect(parts.length).toBeGreaterThan(2);
    expect([scan.files_total, metrics.files_total, gitFiles.count, metrics.complete]).toEqual([
      listed.length,
      listed.length,
      listed.length,
      true,
    ]);
    const bytes = listed.reduce((sum, name) => sum + lstatSync(onDisk(tree, name)).size, 0);
    expect([scan.bytes_total, metrics.bytes_total, gitFiles.bytes]).toEqual([bytes, bytes, bytes]);
    expect([metrics.text_files, metrics.binary_files]).toEqual([texts.length, contents.size - texts.length]);
    expect(metrics.todos).toBe(Number(shell(tree, "xargs -0 grep -hawE 'TODO|FIXME|XXX|HACK' -- | wc -l", texts)));
    expect(metrics.todos_by_marker.HACK).toBe(Number(shell(tree, "xargs -0 grep -haw HACK -- | wc -l", texts)));
    const unterminated = texts.filter((name) => (contents.get(name)?.at(-1) ?? 0x0a) !== 0x0a).length;
    expect(metrics.lines_total).toBe(Number(shell(tree, "xargs -0 cat -- | wc -l", texts)) + unterminated);
    const full = [...contents.keys()].filter((name) => contents.get(name)?.length !== 0);
    const groups = shell(tree, `xargs -0 ${SHA256} -- | cut -c1-64 | sort | uniq -d`, full).split("\n");
    expect(metrics.duplicates_total.groups).toBe(groups.length);
    expect(metrics.duplicates.every(({ sha256 }) => groups.includes(sha256))).toBe(true);
  });

  test("counts the files and lines of each language", async () => {
    using tree = temporaryTree();
    tree.write("a.ts", "1\n2\n");
    tree.write("b.tsx", "1\n\n3");
    tree.write("run", "#!/usr/bin/env -S python3.11 -u\nx\n");
    tree.write("LICENSE", "x\n");
    tree.write("unknown.zzz", "1\n");
    tree.write("picture.png", Buffer.from([0x89, 0x50, 0]));
    const { metrics } = await measureTree(tree.path);
    expect(metrics.languages).toEqual([
      { name: "TypeScript", type: "programming", files: 2, lines: 5, blank: 1, bytes: 8 },
      { name: "Python", type: "programming", files: 1, lines: 2, blank: 0, bytes: 34 },
      { name: "Text", type: "prose", files: 1, lines: 1, blank: 0, bytes: 2 },
    ]);
    expect([metrics.unrecognised, metrics.binary_files, metrics.lines_total]).toEqual([{ files: 1, lines: 1 }, 1, 9]);
  });

  test("reads UTF-16 with a byte order mark as text", async () => {
    using tree = temporaryTree();
    tree.write("le.txt", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("one\n\u010a TODO two", "utf16le")]));
    tree.write("be.txt", Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from("one\nTODO", "utf16le").swap16()]));
    tree.write("no-mark.txt", Buffer.from("TODO", "utf16le"));
    const { metrics } = await measureTree(tree.path);
    expect(metrics).toMatchObject({ text_files: 2, binary_files: 1, lines_total: 4, todos: 2 });
  });

  test("a file of many blocks is counted like any other", async () => {
    using tree = temporaryTree();
    tree.write("big.txt", `${"x".repeat(99)}\n`.repeat(35_000) + "TODO");
    const { metrics, parts, context } = await measureTree(tree.path);
    expect(metrics).toMatchObject({ lines_total: 35_001, todos: 1 });
    const record = (await context.artifacts.get(parts[0]?.details.hash ?? "")).toString();
    expect(record).toContain(shell(tree, `${SHA256} big.txt`).slice(0, 64));
  });

  test("names what it could not read, and goes on", async () => {
    using outside = temporaryTree();
    outside.write("secret", "TODO\n");
    using tree = temporaryTree();
    for (const name of ["gone", "swapped", "folder/inside", "stays"]) tree.write(name, "TODO\n");
    tree.write("huge", "");
    truncateSync(join(tree.path, "huge"), 10_737_418_240);
    const { metrics } = await measureTree(tree.path, {
      afterScan() {
        rmSync(join(tree.path, "gone"));
        rmSync(join(tree.path, "swapped"));
        symlinkSync(join(outside.path, "secret"), join(tree.path, "swapped"));
        rmSync(join(tree.path, "folder"), { recursive: true });
        symlinkSync(outside.path, join(tree.path, "folder"));
        outside.write("inside", "TODO\n");
      },
    });
    expect(metrics.skipped).toEqual([
      { path: "folder/inside", reason: "moved" },
      { path: "gone", reason: "gone" },
      { path: "huge", reason: "too_big" },
      { path: "swapped", reason: "symlink" },
    ]);
    expect([metrics.files_total, metrics.todos, metrics.largest[0]]).toEqual([5, 1, { path: "huge", bytes: 10_737_418_240 }]);
  });

  test("says when a file changed after the scan", async () => {
    using tree = temporaryTree();
    tree.write("a", "1\n");
    const { metrics } = await measureTree(tree.path, { afterScan: () => writeFileSync(join(tree.path, "a"), "1\n2\n") });
    expect(metrics).toMatchObject({ changed: 1, lines_total: 2, bytes_total: 2 });
  });

  test("[R92] a forged list does not lead out of the folder", async () => {
    using tree = temporaryTree();
    tree.write("root/file", "x");
    tree.write("secret", "TODO\n");
    const root = join(tree.path, "root");
    const context = testContext({ fsRoots: [root] });
    const paths = ["../secret", "/etc/passwd", "./../secret", "x/../../secret", "..", "", "a\0b", "file/../../secret"];
    const lines = paths.map((path) => `${JSON.stringify({ path, bytes: 1, kind: "file" })}\n`);
    const { hash } = await context.artifacts.put({ name: "list", media_type: "application/x-ndjson", content: lines.join("") });
    const chunk = { index: 0, list: hash, from: 0, to: paths.length, files: paths.length, bytes: 1 };
    const output = await call(codeMetrics, { path: root, chunk }, context);
    expect(output).toMatchObject({ files: paths.length, skipped: paths.length, text_files: 0, todos: 0 });
  });

  test("measures a small folder without a scan before it", async () => {
    using tree = temporaryTree();
    tree.write("a.ts", "x\n");
    expect(await call(codeMetrics, { path: tree.path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({
      chunk: 0,
      files: 1,
      lines: 1,
    });
  });

  test("stops when it is cancelled", async () => {
    using tree = temporaryTree();
    tree.write("a.ts", "x\n");
    const scanned = testContext({ fsRoots: [tree.path] });
    const { chunks } = await call(fsScan, { path: tree.path }, scanned);
    const [chunk] = chunks;
    const context = testContext({ fsRoots: [tree.path], after: scanned, signal: AbortSignal.abort() });
    await expect(call(codeMetrics, { path: tree.path, ...(chunk && { chunk }) }, context)).rejects.toSatisfy((error) =>
      isKosError(error, "CANCELLED"),
    );
  });

  test("finds licences by text, by SPDX line and in manifests, and reads manifests", async () => {
    using tree = temporaryTree();
    tree.write("LICENSE", execFileSync("cat", [join(import.meta.dirname, "../../../../../node_modules/yaml/LICENSE")]));
    tree.write("a.c", "/* SPDX-License-Identifier: GPL-2.0-only OR MIT */\n");
    tree.write("b.c", "// SPDX-License-Identifier: GPL-2.0-only OR MIT\n");
    tree.write("COPYING.weird", "do what my grandmother says\n");
    tree.write("package.json", '{"name":"x","license":"ISC","dependencies":{"a":"1"}}');
    tree.write("broken/package.json", "{");
    const { metrics } = await measureTree(tree.path);
    expect(metrics.licences).toEqual([
      { path: "COPYING.weird", spdx: "NOASSERTION", confidence: 0, source: "file" },
      { path: "LICENSE", spdx: "ISC", confidence: expect.any(Number), source: "file" },
      { path: "package.json", spdx: "ISC", confidence: 1, source: "manifest" },
      { path: "a.c", spdx: "GPL-2.0-only OR MIT", confidence: 1, source: "header", files: 2 },
    ]);
    expect(metrics.manifests).toMatchObject([
      { path: "broken/package.json", kind: "npm", error: expect.any(String) },
      { path: "package.json", kind: "npm", name: "x", dependencies: 1, groups: [{ group: "dependencies", count: 1 }] },
    ]);
  });
});

describe("code.merge", () => {
  test("says which parts are missing", async () => {
    using tree = temporaryTree();
    tree.write("a.ts", "x\n");
    const { parts, context } = await measureTree(tree.path);
    const merged = await call(codeMerge, { parts: [null, ...parts], files_expected: 7 }, context);
    expect(merged).toMatchObject({ complete: false, missing_chunks: [0], files_total: 1 });
  });

  test("of nothing is nothing", async () => {
    expect(await call(codeMerge, { parts: [], files_expected: 0 }, testContext())).toMatchObject({
      files_total: 0,
      complete: true,
      languages: [],
      todos: 0,
      duplicates: [],
    });
  });

  test("does not depend on the order of the parts, and finds copies across them", async () => {
    using tree = temporaryTree();
    for (let index = 0; index < 501; index += 1) tree.write(`f${String(index).padStart(3, "0")}`, `${index % 500}\n`);
    tree.write("empty1");
    tree.write("empty2");
    const { parts, metrics, context } = await measureTree(tree.path);
    expect(metrics.duplicates).toMatchObject([{ bytes: 2, files: ["f000", "f500"] }]);
    expect(metrics.duplicates_total).toEqual({ groups: 1, files: 2, wasted_bytes: 2 });
    const reversed = await call(codeMerge, { parts: parts.toReversed(), files_expected: 503 }, context);
    expect(reversed).toEqual({ ...metrics, measured_by: reversed.measured_by });
  });

  test("refuses an artifact that is no measurement", async () => {
    const context = testContext();
    const { hash } = await context.artifacts.put({ name: "x", media_type: "text/plain", content: '{"path":1}\n' });
    const part = { chunk: 0, details: { hash }, measured_by: { task: "metrics" } };
    await expect(call(codeMerge, { parts: [part] }, context)).rejects.toSatisfy(
      (error) => isKosError(error, "BAD_REQUEST") && error.details?.["at"] === "/parts/0/details",
    );
  });
});

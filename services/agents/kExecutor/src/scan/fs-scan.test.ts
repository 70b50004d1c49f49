import { writeFileSync } from "node:fs";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { spellPath } from "../paths/byte-path.ts";
import { temporaryRepository, temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { readChunk } from "./file-list.ts";
import { fsScan } from "./fs-scan.ts";

describe("fs.scan", () => {
  test("counts, and lists the entries in an artifact", async () => {
    using tree = temporaryRepository();
    tree.write("b", "12345");
    tree.write("a/c", "1");
    tree.link("l", "b");
    const context = testContext({ fsRoots: [tree.path], taskId: "scan" });
    const output = await fsScan.run({ path: tree.path }, context);
    expect(output).toMatchObject({
      root: tree.path,
      repository: true,
      files_total: 3,
      bytes_total: 7,
      kinds: { file: 2, symlink: 1, submodule: 0, other: 0 },
    });
    expect(output).toMatchObject({
      scanned_at: "2026-01-02T03:04:05.000Z",
      measured_by: { task: "scan", capability: "fs.scan" },
      unreadable_total: 0,
    });
    expect(context.textOf("files.ndjson")).toBe(
      '{"path":"a/c","bytes":1,"kind":"file"}\n{"path":"b","bytes":5,"kind":"file"}\n{"path":"l","bytes":1,"kind":"symlink"}\n',
    );
  });

  test("cuts a large tree into chunks that together give every entry once and in order", async () => {
    using tree = temporaryTree();
    for (let index = 0; index < 1203; index += 1) tree.write(`${index % 7}/file-${index}`, "x");
    const context = testContext({ fsRoots: [tree.path] });
    const { chunks, files_total } = await fsScan.run({ path: tree.path }, context);
    expect(chunks.map((chunk) => [chunk.index, chunk.files, chunk.bytes])).toEqual([
      [0, 500, 500],
      [1, 500, 500],
      [2, 203, 203],
    ]);
    const entries = (await Promise.all(chunks.map((chunk) => readChunk(chunk, context.artifacts)))).flat();
    const names = entries.map((entry) => entry.path);
    expect([names.length, new Set(names).size, [...names].sort()]).toEqual([files_total, files_total, names]);
  });

  test.skipIf(process.platform === "darwin")("a name that is not UTF-8 travels through the list unharmed", async () => {
    using tree = temporaryTree();
    tree.write("plain");
    const context = testContext({ fsRoots: [tree.path] });
    const raw = Buffer.from("caf\u00e9\u00ff", "latin1");
    writeFileSync(Buffer.concat([Buffer.from(`${tree.path}/`), raw]), "x");
    const { chunks } = await fsScan.run({ path: tree.path }, context);
    const [chunk] = chunks;
    const entries = chunk === undefined ? [] : await readChunk(chunk, context.artifacts);
    expect(entries.map((entry) => entry.path)).toEqual([raw.toString("latin1"), "plain"]);
    expect(spellPath(entries[0]?.path ?? ("" as never))).toEqual({ path: "caf\\xe9\\xff", raw: raw.toString("base64") });
  });

  test("an empty folder has no chunks", async () => {
    using tree = temporaryTree();
    expect(await fsScan.run({ path: tree.path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({
      files_total: 0,
      bytes_total: 0,
      chunks: [],
      lists: [],
    });
  });

  test("says that a file is not a folder, and where that was asked", async () => {
    using tree = temporaryTree();
    tree.write("file");
    const call = fsScan.run({ path: `${tree.path}/file` }, testContext({ fsRoots: [tree.path] }));
    await expect(call).rejects.toSatisfy((error) => isKosError(error, "BAD_REQUEST") && error.details?.["at"] === "/path");
  });

  test("a chunk that names another artifact is refused", async () => {
    const context = testContext();
    const { hash } = await context.artifacts.put({ name: "x", media_type: "text/plain", content: "not a list\n" });
    const chunk = { index: 0, list: hash, from: 0, to: 1, files: 1, bytes: 1 };
    await expect(readChunk(chunk, context.artifacts)).rejects.toSatisfy((error) => isKosError(error, "BAD_REQUEST"));
    await expect(readChunk({ ...chunk, to: 9 }, context.artifacts)).rejects.toSatisfy((error) => isKosError(error, "BAD_REQUEST"));
  });
});

import { rmSync } from "node:fs";
import { join } from "node:path";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { reportRender } from "../render/report-render.ts";
import { call } from "../testing/call.fixture.ts";
import { activeParts } from "../testing/html-tags.fixture.ts";
import { type Measurement, measureTree } from "../testing/measure-tree.fixture.ts";
import { type TemporaryTree, temporaryRepository, temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { type TestContext, testContext } from "../testing/test-context.fixture.ts";
import { missingLockfiles } from "./lockfiles.ts";
import { repoReport } from "./repo-report.ts";
import type { ReportData } from "./report-data.ts";

interface Written {
  readonly output: Awaited<ReturnType<typeof repoReport.run>>;
  readonly data: ReportData;
  readonly context: TestContext;
  readonly measured: Measurement;
}

type Params = Parameters<typeof repoReport.run>[0];

async function reportOn(tree: TemporaryTree, change: (params: Params) => Params = (params) => params): Promise<Written> {
  const measured = await measureTree(tree.path);
  const context = testContext({ taskId: "report", after: measured.context });
  const output = await call(repoReport, change({ scan: measured.scan, metrics: measured.metrics, git_files: measured.gitFiles }), context);
  return { output, data: JSON.parse(context.textOf("report.json")), context, measured };
}

async function riskIds(tree: TemporaryTree, change?: (params: Params) => Params): Promise<readonly string[]> {
  return (await reportOn(tree, change)).output.risks.map(({ id }) => id);
}

/** A small project with nothing to complain about. */
function soundProject(): TemporaryTree {
  const tree = temporaryRepository();
  tree.write("README.md", "# x\n");
  tree.write("index.ts", "// SPDX-License-Identifier: MIT\nexport const x = 1;\n");
  tree.write("index.test.ts", "x\n");
  tree.write(".github/workflows/ci.yml", "on: push\n");
  return tree;
}

describe("repo.report", () => {
  test("writes a JSON whose numbers are those of the tasks, each with its origin", async () => {
    using tree = soundProject();
    tree.write("package.json", '{"name":"sound","version":"1.0.0","license":"MIT"}');
    tree.write("copy1", "same TODO\n");
    tree.write("copy2", "same TODO\n");
    const { data, output, measured } = await reportOn(tree);
    expect(data).toMatchObject({
      report: "repo-report",
      title: "sound",
      root: tree.path,
      repository: true,
      files_total: 7,
      complete: true,
    });
    expect(data).toMatchObject({
      bytes_total: measured.scan.bytes_total,
      todos: 2,
      duplicates: [{ bytes: 10, files: ["copy1", "copy2"] }],
    });
    expect(data.languages.find(({ name }) => name === "TypeScript")).toMatchObject({ files: 2, lines: 3 });
    expect(data.todo_items.map(({ path, line }) => [path, line])).toEqual([
      ["copy1", 1],
      ["copy2", 1],
    ]);
    expect(data.manifests).toMatchObject([{ path: "package.json", kind: "npm" }]);
    expect(data.largest[0]).toEqual({ path: "index.ts", bytes: 52 });
    expect(data.provenance["files_total"]).toEqual({
      task: "scan",
      capability: "fs.scan",
      checked_by: { task: "git_files", capability: "git.ls_files", value: 7, agrees: true },
    });
    expect(data.provenance["todos"]).toEqual({ task: "join", capability: "code.merge", from: ["metrics[0]"] });
    const named = new Set(["report", "format", "title", "provenance"]);
    expect(Object.keys(data).filter((key) => !named.has(key) && data.provenance[key] === undefined)).toEqual([]);
    expect(output).toMatchObject({
      title: "sound",
      facts: [{ label: "Files", value: "7", note: "git counts the same" }, {}, {}, {}, {}, {}],
    });
    expect(output.risks).toEqual([]);
  });

  test("the JSON holds every list in full where the outputs are short", async () => {
    using tree = temporaryTree();
    for (let index = 0; index < 130; index += 1) {
      tree.write(`a${index}.md`, `TODO ${index}\n`);
      tree.write(`b${index}.md`, `TODO ${index}\n`);
    }
    const { data, measured, output } = await reportOn(tree);
    expect([
      measured.metrics.todo_items.length,
      data.todo_items.length,
      measured.metrics.duplicates.length,
      data.duplicates.length,
    ]).toEqual([50, 260, 25, 130]);
    expect(JSON.stringify(output).length).toBeLessThan(32_768);
    expect(JSON.stringify(measured.metrics).length).toBeLessThan(32_768);
  });

  test("[R95] whatever files are called and hold, the page can do nothing and the tables stay whole", async () => {
    using tree = temporaryTree();
    const names = [
      "<script>alert(1)</script>.js",
      "![x](http:",
      "a|b.ts",
      "`tick`.ts",
      "[l](javascript:a).md",
      "\u202egnp.exe.ts",
      "new\nline.ts",
      "*b*_c_.md",
      "<img src=x onerror=a>.py",
      "```.md",
      "\\.c",
    ];
    for (const name of names) tree.write(name, `// TODO <script>alert(1)</script> | ![a](http://canary.example/p.png) ${name}\n`);
    tree.write(
      "package.json",
      JSON.stringify({ name: "<script>|x", version: "![a](http://canary.example)", license: "<b>|", dependencies: { "<i>": "1" } }),
    );
    tree.write("pom.xml", "<script>");
    tree.write("LICENSE-<b>", "no");
    const { output, context } = await reportOn(tree);
    const { title, subtitle, facts, markdown, charts } = output;
    await call(reportRender, { title, subtitle, facts, markdown, charts }, context);
    const html = context.textOf("report.html");
    expect(activeParts(html)).toEqual([]);
    expect(html).not.toMatch(/<a href="http/);
    expect(html.match(/<tr>/g)?.length).toBeGreaterThan(50);
    for (const table of html.matchAll(/<table>([\s\S]*?)<\/table>/g)) {
      const cells = [...(table[1] ?? "").matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map((row) => (row[1] ?? "").match(/<t[hd]/g)?.length);
      expect(new Set(cells).size).toBe(1);
    }
    expect(html).toContain("\\u{202e}gnp.exe.ts");
  });

  test("finds nothing to say against a sound project", async () => {
    using tree = soundProject();
    expect(await riskIds(tree)).toEqual([]);
  });

  test.each<[string, (tree: TemporaryTree) => void]>([
    ["sensitive_names", (tree) => tree.write("deploy/id_rsa", "x")],
    ["unknown_licence", (tree) => tree.write("LICENSE", "mine")],
    [
      "licences_differ",
      (tree) => {
        tree.write(
          "LICENSE",
          'This is free and unencumbered software released into the public domain. Anyone is free to copy, modify, publish, use, compile, sell, or distribute this software, either in source code form or as a compiled binary, for any purpose, commercial or non-commercial, and by any means. In jurisdictions that recognize copyright laws, the author or authors of this software dedicate any and all copyright interest in the software to the public domain. We make this dedication for the benefit of the public at large and to the detriment of our heirs and successors. We intend this dedication to be an overt act of relinquishment in perpetuity of all present and future rights to this software under copyright law. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. For more information, please refer to <http://unlicense.org/>',
        );
        tree.write("package.json", '{"license":"MIT"}');
      },
    ],
    ["copyleft", (tree) => tree.write("a.c", "// SPDX-License-Identifier: GPL-3.0-only\n")],
    ["no_lockfile", (tree) => tree.write("package.json", '{"dependencies":{"a":"1"}}')],
    ["damaged_manifest", (tree) => tree.write("Cargo.toml", "[")],
    ["vendored", (tree) => tree.write("vendor/lib/a.c", "x\n")],
    ["large_files", (tree) => tree.write("big.bin", Buffer.alloc(10_000_000))],
    ["no_readme", (tree) => rmSync(join(tree.path, "README.md"))],
    ["duplicates", (tree) => [1, 2].forEach((index) => tree.write(`big${index}`, "x".repeat(5000)))],
    ["many_marks", (tree) => tree.write("todo.ts", "TODO\n".repeat(30))],
    ["no_licence", (tree) => tree.write("index.ts", "export\n")],
  ])("notices %s", async (id, plant) => {
    using tree = soundProject();
    plant(tree);
    expect(await riskIds(tree)).toEqual([id]);
  });

  test("notices missing tests and automation where there is code enough to want them", async () => {
    using tree = temporaryTree();
    tree.write("README", "// SPDX-License-Identifier: MIT\n");
    for (let index = 0; index < 20; index += 1) tree.write(`f${index}.ts`, `${index}\n`);
    expect(await riskIds(tree)).toEqual(["no_tests", "no_ci"]);
  });

  test("notices counts that disagree, unless the scan was filtered, and parts that are missing", async () => {
    using tree = soundProject();
    const off = (params: Params): Params => ({ ...params, ...(params.git_files && { git_files: { ...params.git_files, count: 99 } }) });
    expect(await riskIds(tree, off)).toEqual(["counts_differ"]);
    expect(await riskIds(tree, (params) => ({ ...off(params), scan: { ...params.scan, filtered: true } }))).toEqual([]);
    expect(await riskIds(tree, (params) => ({ ...params, metrics: { ...params.metrics, complete: false, missing_chunks: [0] } }))).toEqual([
      "incomplete",
    ]);
  });

  test("a report on an empty folder says that it is empty", async () => {
    using tree = temporaryTree();
    const { output, data } = await reportOn(tree);
    expect(output.markdown).toContain("holds no files");
    expect(data).toMatchObject({ files_total: 0, languages: [], duplicates: [], largest: [], licences: [], manifests: [], todos: 0 });
  });

  test("refuses sums and lists that do not belong together", async () => {
    using tree = soundProject();
    const call = reportOn(tree, (params) => ({ ...params, metrics: { ...params.metrics, files_total: 1 } }));
    await expect(call).rejects.toSatisfy((error) => isKosError(error, "BAD_REQUEST") && error.details?.["at"] === "/metrics");
  });
});

test("a tree with more folders at its top than a chart takes puts the smallest together, and loses no byte", async () => {
  using tree = soundProject();
  for (let index = 0; index < 300; index++) tree.write(`folder-${index}/file.txt`, "x".repeat(index + 1));
  const { output, data } = await reportOn(tree);
  const areas = output.charts.find(({ id }) => id === "areas");
  expect(areas?.series).toHaveLength(200);
  expect(areas?.series.at(-1)?.label).toMatch(/^\d+ others$/);
  expect(areas?.series.reduce((sum, { value }) => sum + value, 0)).toBe(data.bytes_total);
});

describe("missingLockfiles", () => {
  test("a lock file counts for the manifests of its kind in and below its folder", () => {
    const manifest = (path: string, kind = "npm", dependencies = 1) => ({ path, kind, dependencies, groups: [] });
    const manifests = [
      manifest("package.json"),
      manifest("a/package.json"),
      manifest("b/Cargo.toml", "cargo"),
      manifest("c/package.json", "npm", 0),
      manifest("d/pom.xml", "maven"),
    ];
    expect(missingLockfiles(manifests, ["a/yarn.lock", "a/Cargo.lock"])).toEqual(["package.json", "b/Cargo.toml"]);
    expect(missingLockfiles(manifests, ["package-lock.json", "Cargo.lock"])).toEqual([]);
  });
});

// The main job from end to end: repo-report over REST and through kai, with a node running and with none, on code bases made by script.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT } from "./support/bundles.fixture.ts";
import { isAlive } from "./support/child.fixture.ts";
import { type Counts, countsOf } from "./support/counts.fixture.ts";
import { jsonLines, kai, startKai } from "./support/kai.fixture.ts";
import { runningNode } from "./support/node.fixture.ts";
import { artifactNamed, ended, submit } from "./support/plan.fixture.ts";
import { plainFolder, serviceRepository, wideRepository } from "./support/repository.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

interface Report {
  readonly files_total: number;
  readonly bytes_total: number;
  readonly lines_total: number;
  readonly languages: readonly { readonly name: string; readonly files: number; readonly lines: number }[];
  readonly todos: number;
  readonly duplicates: readonly { readonly files: readonly string[] }[];
  readonly largest: readonly { readonly path: string; readonly bytes: number }[];
  readonly licences: readonly { readonly path: string; readonly spdx: string }[];
  readonly manifests: readonly { readonly path: string; readonly kind: string }[];
  readonly provenance: Readonly<Record<string, { readonly task: string; readonly capability: string }>>;
}

function expectCounts(report: Report, counts: Counts): void {
  expect(report.files_total).toBe(counts.files.length);
  expect(report.bytes_total).toBe(counts.bytes);
  expect(report.lines_total).toBe(counts.lines);
  expect(report.todos).toBe(counts.todos);
  const groups = report.duplicates.map(({ files }) => [...files].sort().join("\n")).sort();
  expect(groups).toEqual(counts.duplicates.map((files) => files.join("\n")).sort());
  expect(report.largest.map(({ bytes }) => bytes)).toEqual(counts.largest.slice(0, report.largest.length).map(({ bytes }) => bytes));
}

function language(report: Report, name: string) {
  const { files, lines } = report.languages.find((found) => found.name === name) ?? { files: 0, lines: 0 };
  return { files, lines };
}

test("repo-report over REST counts what git, wc, grep and sha256sum count", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const repositories = { service: serviceRepository, wide: (path: string) => wideRepository(path) };
  for (const [name, make] of Object.entries(repositories)) {
    const path = join(folder.path, name);
    make(path);
    const view = await ended(node, (await submit(node, { playbook: "repo-report", params: { path } }, path)).plan_id);
    expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
    const report = JSON.parse((await artifactNamed(node, view.plan.plan_id, "report.json")).toString()) as Report;
    const counts = countsOf(path);
    expectCounts(report, counts);
    expect(language(report, "Python")).toEqual(counts.linesOf(/\.py$/));
    expect(language(report, "Markdown")).toEqual(counts.linesOf(/\.md$/));
    if (name === "service") {
      expect(language(report, "TypeScript")).toEqual(counts.linesOf(/\.ts$/));
      expect(report.licences).toContainEqual(expect.objectContaining({ path: "LICENSE", spdx: "MIT" }));
      expect(report.manifests).toContainEqual(expect.objectContaining({ path: "package.json" }));
    }
    for (const key of ["files_total", "bytes_total", "languages", "todos", "duplicates", "largest", "licences", "manifests"]) {
      const { task } = report.provenance[key] ?? { task: "" };
      expect(view.tasks.map(({ task_id: id }) => id)).toContain(task);
    }
    const page = (await artifactNamed(node, view.plan.plan_id, "report.html")).toString();
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/<script|https?:\/\/[^\s"']+\.(?:js|css)/i);
  }
});

test("repo-report on this checkout counts what independent tools count", async () => {
  await using node = await runningNode();
  const before = countsOf(CHECKOUT);
  const accepted = await submit(node, { playbook: "repo-report", params: { path: CHECKOUT } }, CHECKOUT);
  const view = await ended(node, accepted.plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  const report = JSON.parse((await artifactNamed(node, accepted.plan_id, "report.json")).toString()) as Report;
  const after = countsOf(CHECKOUT);
  // Somebody may be working in the checkout; then only what did not change meanwhile can be compared.
  if (before.bytes === after.bytes && before.files.join() === after.files.join()) expectCounts(report, after);
  expect(report.files_total).toBeGreaterThan(300);
  expect(language(report, "TypeScript").files).toBeGreaterThan(100);
});

test("a folder outside of any repository is reported by its own ignore files", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "plain");
  plainFolder(path);
  await using node = await runningNode();
  const view = await ended(node, (await submit(node, { playbook: "repo-report", params: { path } }, path)).plan_id);
  expect(view.plan.status).toBe("succeeded");
  expect(view.output).toMatchObject({ files_total: 2, lines_total: 3 });
});

test("kai run with no node starts one for the job, writes the report, and the node ends by itself", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "service");
  serviceRepository(path);
  const data = join(folder.path, "data");
  const result = await kai(["run", "repo-report", "--path", "service"], { data, cwd: folder.path });
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.stdout).toContain("git_files");
  const [reportFolder = ""] = readdirSync(folder.path).filter((name) => name.startsWith("repo-report-"));
  const report = JSON.parse(readFileSync(join(folder.path, reportFolder, "report.json"), "utf8")) as Report;
  expectCounts(report, countsOf(path));
  expect(readdirSync(join(folder.path, reportFolder)).sort()).toEqual(["report.html", "report.json", "report.md"]);
  expect(result.stdout).toContain(reportFolder);
  expect(result.stdout).toMatch(/show \w+ --evidence > run\.kos\.json && kai verify run\.kos\.json/);
  await nodeEnds(data);
});

test("a second kai attaches to the node of the first, and the node stays until both jobs have ended", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "service");
  serviceRepository(path);
  const data = join(folder.path, "data");
  const sleepPlan = join(folder.path, "sleep.json");
  const sleep = { task_id: "wait", capability: "flow.sleep", params: { ms: 4000 } };
  writeFileSync(sleepPlan, JSON.stringify({ goal: "wait", tasks: [sleep] }));
  await using first = await startKai(["run", sleepPlan, "--json"], { data, cwd: folder.path });
  await first.line((line) => ((JSON.parse(line) as { event: string }).event === "plan" ? true : undefined));
  const { pid } = JSON.parse(readFileSync(join(data, "node.json"), "utf8")) as { pid: number };
  const second = await kai(["run", "repo-report", "--path", path, "--json", "--out", join(folder.path, "out")], { data, cwd: folder.path });
  expect(second.code, second.stderr).toBe(0);
  expect(isAlive(pid)).toBe(true);
  expect((await first.ended).code).toBe(0);
  const last = jsonLines(first.stdout()).at(-1);
  expect(last).toMatchObject({ event: "result", status: "succeeded", exit_code: 0 });
  await nodeEnds(data, pid);
});

test("kai run uses the node that runs, and speaks one JSON document a line", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "service");
  serviceRepository(path);
  await using node = await runningNode();
  const result = await kai(["run", "repo-report", "--path", path, "--json", "--no-out"], { data: node.data, cwd: folder.path });
  expect(result.code, result.stderr).toBe(0);
  expect(result.json[0]).toMatchObject({ event: "plan" });
  expect(result.json.at(-1)).toMatchObject({ event: "result", status: "succeeded", report: null });
  const seqs = result.json
    .flatMap((line) => (line["event"] === "frame" ? [(line["frame"] as { seq?: number }).seq ?? 0] : []))
    .filter((seq) => seq > 0);
  expect(seqs).toEqual(seqs.map((_, place) => (seqs[0] ?? 0) + place));
  const { items } = await node.client.call("plans", { query: {} });
  expect(items).toHaveLength(1);
});

test("kai's exit codes tell done, failed, usage, a person needed and cancelled apart", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const file = (name: string, tasks: readonly object[]) => {
    const path = join(folder.path, `${name}.json`);
    writeFileSync(path, JSON.stringify({ goal: name, tasks }));
    return path;
  };
  const done = file("done", [
    { task_id: "put", capability: "artifact.put", params: { name: "a.json", media_type: "application/json", json: 1 } },
  ]);
  const failed = file("failed", [
    { task_id: "get", capability: "artifact.get", params: { hash: `sha256:${"0".repeat(64)}` }, retry: { max_attempts: 1 } },
  ]);
  const asks = file("asks", [{ task_id: "ask", capability: "human.ask", params: { question: "why?" } }]);
  const waits = file("waits", [
    { task_id: "moment", capability: "flow.sleep", params: { ms: 1500 } },
    { task_id: "wait", capability: "flow.sleep", params: { ms: 600_000 }, depends_on: ["moment"] },
  ]);
  const options = { data: node.data, cwd: folder.path };
  expect((await kai(["run", done, "--no-out"], options)).code).toBe(0);
  expect((await kai(["run", failed, "--no-out"], options)).code).toBe(1);
  expect((await kai(["run", "no-such-playbook"], options)).code).toBe(1);
  expect((await kai(["run", "repo-report"], options)).code).toBe(2);
  expect((await kai(["fly"], options)).code).toBe(2);
  expect((await kai(["run", asks, "--no-out"], options)).code).toBe(3);
  await using waiting = await startKai(["run", waits, "--json"], options);
  await waiting.line((line) => ((JSON.parse(line) as { event: string }).event === "frame" ? true : undefined));
  waiting.kill("SIGINT");
  expect((await waiting.ended).code).toBe(130);
  const { items } = await node.client.call("plans", { query: { status: "cancelled" } });
  expect(items).toHaveLength(1);
});

/** Watches for the end of the node, whose process is nobody's child here. */
async function nodeEnds(data: string, known?: number): Promise<void> {
  let pid = known;
  if (pid === undefined) {
    try {
      pid = (JSON.parse(readFileSync(join(data, "node.json"), "utf8")) as { pid: number }).pid;
    } catch {
      return; // It has removed its file: it has ended in order.
    }
  }
  const id = pid;
  await expect.poll(() => isAlive(id), { timeout: 30_000, interval: 100 }).toBe(false);
}

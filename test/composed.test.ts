// Plans that kOS composes, run for real: from what is given to what is wanted, through kai and over REST, each result held against what went in.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonLines, kai } from "./support/kai.fixture.ts";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { outside } from "./support/outside.fixture.ts";
import { artifactNamed, ended, refusal, submit, succeeded } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

const SENTENCES = [
  "The lighthouse at Skagen was built in 1858.",
  "The lighthouse was designed by the architect Nebelong.",
  "Many ships were saved by the light of the lighthouse.",
  "Visitors can climb the tower of the lighthouse.",
];
const PAGE = `<!doctype html><html lang="en"><head><title>Lighthouses</title></head><body><article><h1>Lighthouses</h1><p>${SENTENCES.join(" ")}</p>
<p><a href="/other.html">Another page</a></p></article></body></html>`;
const MARKDOWN = `# The lighthouse\n\n${SENTENCES.join("\n")}\n`;

async function compose(node: RunningNode, body: Readonly<Record<string, unknown>>, ...roots: readonly string[]) {
  const { plan_id: planId } = await submit(node, body, ...roots);
  const view = succeeded(await ended(node, planId));
  expect(view.plan.strategy).toBe("composed");
  return { planId, output: view.output as never, calls: view.plan.tasks.map((task) => task.capability) };
}

test("a page's address leads to its Markdown, its summary and a report", async () => {
  await using web = await outside((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(PAGE));
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: web.address } });
  const given = { url: `${web.url}/lighthouses.html` };

  const markdown = await compose(node, { given, want: "markdown" });
  expect(markdown.calls).toEqual(["web.fetch", "web.extract"]);
  for (const sentence of SENTENCES) expect(markdown.output).toContain(sentence);
  expect(markdown.output).not.toContain("<p>");

  const summary = await compose(node, { given, want: "summary" });
  expect(summary.calls).toEqual(["web.fetch", "web.extract", "text.summarize"]);
  const chosen = (summary.output as { sentences: { text: string }[] }).sentences.map(({ text }) => text);
  expect(chosen.length).toBeGreaterThan(0);
  for (const sentence of chosen) expect(PAGE).toContain(sentence);

  const report = await compose(node, { given, want: "report" });
  expect(report.calls).toEqual(["web.fetch", "web.extract", "report.render"]);
  const page = (await artifactNamed(node, report.planId, "report.html")).toString();
  for (const sentence of SENTENCES) expect(page).toContain(sentence);
  expect(page).toContain("<title>Lighthouses</title>");
  expect(page).not.toMatch(/<script/i);
});

test("a document leads to its keywords and a report", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const path = join(folder.path, "lighthouse.md");
  writeFileSync(path, MARKDOWN);

  const keywords = await compose(node, { given: { path }, want: "keywords" }, folder.path);
  expect(keywords.calls).toEqual(["doc.extract", "text.keywords"]);
  expect((keywords.output as { keywords: { term: string }[] }).keywords[0]?.term.toLowerCase()).toContain("lighthouse");

  const report = await compose(node, { given: { path }, want: "report" }, folder.path);
  expect(report.calls).toEqual(["doc.extract", "report.from_document", "report.render"]);
  const text = (await artifactNamed(node, report.planId, "report.md")).toString();
  for (const sentence of SENTENCES) expect(text).toContain(sentence);
});

test("a document leads to a report on its summary, two texts to what changed, and only granted files are read", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const path = join(folder.path, "lighthouse.md");
  writeFileSync(path, MARKDOWN);

  const digest = await compose(node, { given: { path }, want: "summary-report" }, folder.path);
  expect(digest.calls).toEqual(["doc.extract", "text.summarize", "report.from_summary", "report.render"]);
  expect((await artifactNamed(node, digest.planId, "report.md")).toString()).toContain("## Summary");

  const diff = await compose(node, { given: { before: "one\ntwo\n", after: "one\nthree\n" }, want: "diff" });
  expect(diff.calls).toEqual(["diff.text"]);
  expect(diff.output).toMatchObject({ changed: true, added_lines: 1, removed_lines: 1 });

  const { plan_id: planId } = await submit(node, { given: { path }, want: "keywords" });
  const refused = await ended(node, planId);
  expect([refused.plan.status, refused.error?.code]).toEqual(["failed", "FORBIDDEN"]);
});

test("a data set leads to the profile of its columns and a report on it, by the name of its file alone", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const path = join(folder.path, "people.csv");
  writeFileSync(path, "name,age\nAda,36\nBob,41\nCleo,\n");

  const profile = await compose(node, { given: { path }, want: "profile" }, folder.path);
  expect(profile.calls).toEqual(["data.profile"]);
  expect(profile.output).toMatchObject({
    rows: 3,
    columns: [
      { name: "name", type: "string", missing: 0, distinct: 3 },
      { name: "age", type: "integer", missing: 1, min: 36, max: 41, mean: 38.5 },
    ],
  });
  const report = await compose(node, { given: { path }, want: "report" }, folder.path);
  expect(report.calls).toEqual(["data.profile", "data.report", "report.render"]);
  expect((await artifactNamed(node, report.planId, "report.md")).toString()).toContain("age");
});

test("what leads nowhere is refused with what is missing, before anything is stored", async () => {
  await using node = await runningNode();
  const body = { given: { text: "hello" }, want: "site" };
  const { code, message, details } = await refusal(submit(node, body));
  expect(code).toBe("BAD_REQUEST");
  expect(message).toContain("Nothing leads from text to web.site.");
  expect(details["missing"]).toEqual([{ what: "url", for: ["web.crawl"], give: "--given url=…" }]);
  expect((await refusal(node.client.call("previewPlan", { body }))).code).toBe("BAD_REQUEST");
  await node.client.call("previewPlan", { body: { given: { url: "https://example.org/" }, want: "site" } });
  expect((await node.client.call("plans", { query: {} })).items).toEqual([]);
});

test("kai shows the plan with its reasons, runs it on the files it is given, and writes the report", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const { data } = node;
  writeFileSync(join(folder.path, "notes.md"), MARKDOWN);
  writeFileSync(join(folder.path, "old.txt"), "one\ntwo\n");
  writeFileSync(join(folder.path, "new.txt"), "one\nthree\n");
  const at = { data, cwd: folder.path };

  const shown = await kai(["plan", "show", "--given", "path=notes.md", "--want", "report"], at);
  expect([shown.code, shown.stderr]).toEqual([0, expect.not.stringContaining("error")]);
  expect(shown.stdout).toContain("extract: Read a document  (doc.extract)");
  expect(shown.stdout).toMatch(/extract\s+gives doc.text for from_document; takes the given path/);
  expect(shown.stdout).toContain("no other counts for less");
  const [preview] = jsonLines((await kai(["plan", "show", "--given", "path=notes.md", "--want", "report", "--json"], at)).stdout);
  expect(preview).toMatchObject({ plan: { strategy: "composed" }, explanation: { want: "report.files", proven: true } });

  const report = await kai(["run", "--given", "path=notes.md", "--want", "report", "--out", "made"], at);
  expect([report.code, report.stderr]).toEqual([0, ""]);
  expect(readFileSync(join(folder.path, "made", "report.html"), "utf8")).toContain(SENTENCES[0]);

  const diff = await kai(["run", "--given", "before=@old.txt", "--given", "after=@new.txt", "--want", "diff", "--no-out", "--json"], at);
  expect(diff.code).toBe(0);
  expect(diff.stdout).toContain('"added_lines":1');

  const wrong = await kai(["run", "--given", "pth=notes.md", "--want", "reprot"], at);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean "path"?');
  expect(wrong.stderr).toContain('Did you mean "report"?');
  expect((await kai(["run", "--given", "path=notes.md"], at)).stderr).toContain("--want");
  expect((await kai(["run", "--given", "path=no-such.md", "--want", "report"], at)).stderr).toContain("no such file");
  expect((await kai(["run", "--given", "text=@no-such.md", "--want", "summary"], at)).stderr).toContain("no such file");
});

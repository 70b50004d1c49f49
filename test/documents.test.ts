// Hostile and honest documents in a whole node, as a person runs it: read by confined processes, which end when they must while the node goes on.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlanView } from "@kos/api";
import { docxFile, epubFile, htmlFile, markdownFile, odtFile, SAMPLES } from "@kos/kexecutor/documents.fixture";
import { pdfFile } from "@kos/kexecutor/pdf.fixture";
import { expect, test } from "vitest";
import { runningNode } from "./support/node.fixture.ts";
import { artifactNamed, outputOf, plan, run, step, submitPlan, taskOf, until } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

test("documents in six formats and three languages are read by confined processes, out of the bundles", async () => {
  await using folder = await temporaryFolder();
  const files = SAMPLES.flatMap((sample) => {
    const paragraphs = sample.sections.flatMap(({ paragraphs: texts }) => texts);
    return [
      { sample, name: `${sample.language}.md`, content: markdownFile(sample) },
      { sample, name: `${sample.language}.html`, content: htmlFile(sample) },
      { sample, name: `${sample.language}.docx`, content: docxFile(sample) },
      { sample, name: `${sample.language}.odt`, content: odtFile(sample) },
      { sample, name: `${sample.language}.epub`, content: epubFile(sample) },
      { sample, name: `${sample.language}.pdf`, content: pdfFile([paragraphs], { title: sample.title }) },
    ];
  });
  for (const { name, content } of files) writeFileSync(join(folder.path, name), content);
  await using node = await runningNode();
  const taskId = (name: string) => name.replace(".", "_");
  const steps = files.map(({ name }) => step(taskId(name), "doc.extract", { path: join(folder.path, name) }));
  const view = await run(node, plan(steps), folder.path);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  for (const { name, sample } of files) {
    const output = await outputOf(node, view.plan.plan_id, taskId(name));
    expect([name, output["title"], output["truncated"]]).toEqual([name, sample.title, false]);
    for (const paragraph of sample.sections.flatMap(({ paragraphs }) => paragraphs)) expect(output["text"]).toContain(paragraph);
    const kept = await artifactNamed(node, view.plan.plan_id, `${name}.txt`);
    expect(kept.toString("utf8")).toBe(output["text"]);
  }
  const commands = node.commandsOf("kExecutor:documents");
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) expect(command).toContain("--permission");
});

test("[R74] a parser that does not come back is killed, its task fails, and the node answers all the while", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "endless.html");
  writeFileSync(path, `<html><body>${"<p>word <b>and</b> word</p>".repeat(400_000)}`);
  writeFileSync(join(folder.path, "good.txt"), "good");
  await using node = await runningNode({ env: { KOS_WORKERS__GRACE_MS: "200", KOS_WORKERS__COUNT: "1" } });
  const endless = step("endless", "doc.extract", { path }, { timeout_ms: 1500, retry: { max_attempts: 1 } });
  const accepted = await submitPlan(node, plan([endless]), folder.path);
  await until(node, accepted.plan_id, (view) => taskOf(view, "endless").status === "running");
  const health = await fetch(`${node.url}/health`);
  expect(health.status).toBe(200);
  const view = await until(node, accepted.plan_id, ({ plan: { status } }) => status === "failed");
  expect(taskOf(view, "endless").error).toMatchObject({ code: "TIMEOUT" });
  // The next document gets a process of its own.
  const after = await run(node, plan([step("good", "doc.extract", { path: join(folder.path, "good.txt") })]), folder.path);
  expect(after.plan.status, JSON.stringify(after.error)).toBe("succeeded");
});

test("[R74] a parser that eats its memory costs its own process, not the node", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "hungry.html");
  writeFileSync(path, `<html><body>${"<p>word <b>and</b> word</p>".repeat(400_000)}`);
  await using node = await runningNode({ env: { KOS_AGENTS__KEXECUTOR__DOCUMENTS__MEMORY_MB: "64" } });
  const view = await run(node, plan([step("hungry", "doc.extract", { path }, { retry: { max_attempts: 1 } })]), folder.path);
  expect(taskOf(view, "hungry").error).toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED" });
  expect((await fetch(`${node.url}/health`)).status).toBe(200);
});

test("every file of a plan that cannot be read is named with its reason, and the others are read", async () => {
  await using folder = await temporaryFolder();
  const files: Readonly<Record<string, Uint8Array | string>> = {
    good: "A good text.",
    empty: "",
    image: Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    half: docxFile(SAMPLES[0] ?? { language: "", title: "", author: "", sections: [] }).subarray(0, 500),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  await using node = await runningNode();
  const views = await Promise.all(
    Object.keys(files).map(
      async (name) => [name, await run(node, plan([step("read", "doc.extract", { path: join(folder.path, name) })]), folder.path)] as const,
    ),
  );
  const reasons = views.map(([name, view]) => [name, view.plan.status, reasonOf(view)]);
  expect(reasons).toEqual([
    ["good", "succeeded", undefined],
    ["empty", "failed", "empty"],
    ["image", "failed", "unsupported"],
    ["half", "failed", "broken"],
  ]);
});

function reasonOf(view: PlanView): unknown {
  const details: unknown = taskOf(view, "read").error?.details;
  return typeof details === "object" && details !== null && "reason" in details ? details.reason : undefined;
}

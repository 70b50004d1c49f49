// A person's own playbooks from end to end: begun, checked, run, made from a plan, replaced and put away, through kai and over REST.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kai } from "./support/kai.fixture.ts";
import { runningNode } from "./support/node.fixture.ts";
import { refusal, run, write } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

test("kai begins a playbook, checks it, runs it, and tells where a mistake stands", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const { data } = node;
  const at = { data, cwd: folder.path };
  mkdirSync(join(folder.path, "things"));
  for (const name of ["a", "b", "c"]) writeFileSync(join(folder.path, "things", name), name);

  const made = await kai(["playbooks", "new", "count-things"], at);
  expect([made.code, made.stderr]).toEqual([0, ""]);
  const file = join(data, "playbooks", "count-things.yaml");
  expect(made.stdout).toContain(file);
  const checked = await kai(["playbooks", "check", "count-things"], at);
  expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining("✓")]);
  const counted = await kai(["playbooks", "run", "count-things", "--path", "things", "--no-out"], at);
  expect([counted.code, counted.stdout]).toEqual([0, expect.stringMatching(/files\s+3/)]);

  const again = await kai(["playbooks", "new", "count-things"], at);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("already")]);
  writeFileSync(file, readFileSync(file, "utf8").replace("fs.scan", "fs.scna").replace("${params.max_files}", "${params.most}"));
  const broken = await kai(["playbooks", "check"], at);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/count-things\.yaml:\d+:\d+: /);
  const wanted = await kai(["playbooks", "check", "cuont-things"], at);
  expect([wanted.code, wanted.stderr]).toEqual([2, expect.stringContaining("There is no playbook")]);

  const replaced = await kai(["playbooks", "new", "count-things", "--replace"], at);
  expect(replaced.code).toBe(0);
  const kept = /kept as (.*)/.exec(replaced.stdout)?.[1] ?? "";
  expect(readFileSync(kept, "utf8")).toContain("fs.scna");
  expect((await kai(["playbooks", "remove", "count-things", "--yes"], at)).code).toBe(0);
  expect(existsSync(file)).toBe(false);
  expect((await kai(["playbooks", "remove", "repo-report", "--yes"], at)).stderr).toContain("came with kOS");
});

test("a plan that ran becomes a playbook whose parameters are what was written into it", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const view = await run(node, {
    goal: "Write it down",
    tasks: [write("one", { a: 1 }), write("two", { b: 2 })],
    output: "${one.artifact}",
  });
  const made = await kai(["playbooks", "new", "write-down", "--from", view.plan.plan_id], { data: node.data, cwd: folder.path });
  expect([made.code, made.stderr]).toEqual([0, ""]);
  const shown = await kai(["playbooks", "show", "write-down"], { data: node.data });
  expect(shown.stdout).toMatch(/--name\s+TEXT.*default one\.json/);
  const preview = await node.client.call("previewPlan", { body: { playbook: "write-down", params: { name: "other.json" } } });
  expect(preview.plan.tasks.map((task) => task.params["name"])).toEqual(["other.json", "two.json"]);
  const same = await node.client.call("previewPlan", { body: { playbook: "write-down" } });
  expect(same.plan.tasks.map(({ capability, params }) => ({ capability, params }))).toEqual(
    view.plan.tasks.map(({ capability, params }) => ({ capability, params })),
  );
});

test("[R92] over REST a playbook's name never leaves the folder, and a body cannot say where it goes", async () => {
  await using node = await runningNode();
  const { text } = await node.client.call("draftPlaybook", { body: { name: "mine" } });
  for (const name of ["../mine", "/elsewhere/mine", "a/b", "..", "mine.yaml", "MINE", "mine\0", "x".repeat(90)]) {
    expect([name, (await refusal(node.client.call("savePlaybook", { body: { name, text } }))).code]).toEqual([name, "BAD_REQUEST"]);
    expect([name, (await refusal(node.client.call("draftPlaybook", { body: { name } }))).code]).toEqual([name, "BAD_REQUEST"]);
  }
  expect((await refusal(node.client.call("savePlaybook", { body: { name: "mine", text, file: "/elsewhere/x" } as never }))).code).toBe(
    "BAD_REQUEST",
  );
  const saved = await node.client.call("savePlaybook", { body: { name: "mine", text } });
  expect(saved.file).toBe(join(node.data, "playbooks", "mine.yaml"));
  expect((await refusal(node.client.call("savePlaybook", { body: { name: "mine", text } }))).code).toBe("CONFLICT");
  expect(
    (await refusal(node.client.call("savePlaybook", { body: { name: "mine", text: "playbook: [" } }))).details["findings"],
  ).toHaveLength(1);
  for (const name of ["..", "%2e%2e%2fmine", "..%2fmine"]) {
    const response = await fetch(`${node.url}/planner/playbook/${name}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${node.token}` },
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
  }
  expect(existsSync(saved.file)).toBe(true);
  await node.client.call("removePlaybook", { params: { name: "mine" } });
  expect((await node.client.call("playbooks", { query: {} })).items.map(({ name }) => name)).not.toContain("mine");
});

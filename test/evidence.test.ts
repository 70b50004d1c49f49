// Evidence from end to end: a run of a real node, exported, verified offline by kai, and damaged in every way that must be noticed.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyEvidence } from "@kos/evidence";
import { canonicalJson } from "@kos/klp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kai } from "./support/kai.fixture.ts";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { plan, run, step, submitPlan, until, write } from "./support/plan.fixture.ts";
import { type TemporaryFolder, temporaryFolder } from "./support/temporary-folder.fixture.ts";

let node: RunningNode;
let folder: TemporaryFolder;
let file: string;
let bytes: Uint8Array;
let planId: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  node = await runningNode();
  const view = await run(
    node,
    plan([write("first", { text: "evidence" }), write("second", "${first.artifact.hash}"), step("third", "flow.sleep", { ms: 1 })]),
  );
  planId = view.plan.plan_id;
  const shown = await kai(["show", planId, "--evidence"], { data: node.data });
  if (shown.code !== 0) throw new Error(shown.stderr);
  file = join(folder.path, "run.kos.json");
  writeFileSync(file, shown.stdout);
  bytes = new Uint8Array(readFileSync(file));
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test("kai verify accepts the exported run, offline and against the node's key, and says what it checked", async () => {
  const nowhere = join(folder.path, "no-node-here");
  const result = await kai(["verify", file, "--key", node.did], { data: nowhere });
  expect(result.code, result.stdout).toBe(0);
  for (const said of ["index", "head", "gap", "payload"]) expect(result.stdout).toContain(said);
  const other = await kai(["verify", file, "--key", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"], { data: nowhere });
  expect(other.code).toBe(1);
  expect(other.stdout).toContain("was expected");
});

test("a byte changed at any place is noticed, and the item it is in is named", () => {
  // Spread over the whole file, with an odd step so that all kinds of places are hit.
  const step = Math.max(1, Math.floor(bytes.length / 300)) | 1;
  for (let place = 0; place < bytes.length; place += step) {
    const changed = Uint8Array.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 0x01;
    const report = verifyEvidence(changed, { node: node.did });
    expect(report.ok, `byte ${place}`).toBe(false);
    expect(report.wrong.length, `byte ${place}`).toBeGreaterThan(0);
  }
});

test("kai verify names the item a changed payload is in, with exit code 1", async () => {
  const text = Buffer.from(bytes).toString();
  const damaged = join(folder.path, "damaged.kos.json");
  expect(text).toContain('evidence\\"');
  writeFileSync(damaged, text.replace('evidence\\"', 'Evidence\\"'));
  const result = await kai(["verify", damaged, "--key", node.did], { data: folder.path });
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/wrong: events\/\d+/);
});

interface Document {
  events: unknown[];
  plan_last_seq: number;
  closed: boolean;
}

function edited(change: (document: Document) => void): Uint8Array {
  const document = JSON.parse(Buffer.from(bytes).toString()) as Document;
  change(document);
  return Buffer.from(canonicalJson(document));
}

test("a run with an event left out is recognised", () => {
  const count = (JSON.parse(Buffer.from(bytes).toString()) as Document).events.length;
  for (let left = 0; left < count; left += 1) {
    const report = verifyEvidence(
      edited(({ events }) => events.splice(left, 1)),
      { node: node.did },
    );
    expect(report.ok, `without event ${left}`).toBe(false);
  }
});

test("a run whose end was cut off is recognised, also when its numbers were adjusted", () => {
  const cut = edited((document) => {
    document.events.pop();
    document.plan_last_seq -= 1;
    document.closed = false;
  });
  const report = verifyEvidence(cut, { node: node.did });
  expect(report.ok).toBe(false);
  expect(report.checks.filter(({ passed }) => !passed).map(({ id }) => id)).toContain("signature");
});

test("evidence taken before a run had ended says so", async () => {
  const { plan_id: open } = await submitPlan(node, plan([step("wait", "flow.sleep", { ms: 600_000 })]));
  await until(node, open, (view) => view.tasks.some((task) => task.status === "running"));
  const response = await node.client.open("evidence", { params: { plan_id: open } });
  const report = verifyEvidence(new Uint8Array(await response.arrayBuffer()), { node: node.did });
  expect(report.run?.closed).toBe(false);
  expect(report.checks.find(({ id }) => id === "signature")?.passed).toBe(true);
});

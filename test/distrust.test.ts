// What is not believed: results that a second look refutes, bytes that changed on the way, messages of another time, workers that come late.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundles } from "./support/bundles.fixture.ts";
import { inProcessNode, settableClock } from "./support/in-process-node.fixture.ts";
import { type Door, runningNode, startNode } from "./support/node.fixture.ts";
import { outside } from "./support/outside.fixture.ts";
import { ended, eventsOf, outputOf, plan, step, submit, submitPlan, taskOf, until, write } from "./support/plan.fixture.ts";
import { serviceRepository } from "./support/repository.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

const LYING = new URL("./planted/lying-worker.ts", import.meta.url);
const TAMPERING = new URL("./planted/tampering-worker.ts", import.meta.url);

test("an executor's corrupted count is rejected by the second count, tried again with the findings, then handed to a person, whose answer ends it", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "service");
  serviceRepository(path);
  await using node = await inProcessNode({ worker: LYING });
  const { plan_id } = await submit(node, { playbook: "repo-report", params: { path } }, path);
  const view = await until(node, plan_id, (found) => found.inputs.some(({ status }) => status === "open"));
  const decided = (await eventsOf(node, plan_id)).filter(({ type }) => type === "review.decided").map(({ payload }) => payload as Decided);
  const ofScan = decided.filter(({ task_id }) => task_id === "scan");
  expect(ofScan.length).toBeGreaterThanOrEqual(2);
  expect(ofScan.every(({ verdict }) => !verdict.accepted)).toBe(true);
  expect(ofScan.map(({ next }) => next)).toEqual([...ofScan.slice(1).map(() => "retry"), "ask"]);
  expect(JSON.stringify(ofScan)).toContain("same_count_as_git");
  expect(taskOf(view, "scan").generation).toBeGreaterThan(1);
  const [input] = view.inputs;
  expect(input?.question).toBeTruthy();
  await node.client.call("answer", { params: { input_id: input?.input_id ?? "" }, body: { answer: { decision: "fail" } } });
  const over = await ended(node, plan_id);
  expect(over.plan.status).toBe("failed");
});

interface Decided {
  readonly task_id: string;
  readonly next: string;
  readonly verdict: { readonly accepted: boolean };
}

test("a bit that flips between worker and node is SIGNATURE_INVALID in the log; the process is ended and the task done again", async () => {
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, "tamper.json"), JSON.stringify({ mode: "flip" }));
  await using node = await inProcessNode({ data: folder.path, worker: TAMPERING });
  const { plan_id } = await submitPlan(
    node,
    plan([write("a", { text: "as it was written" }, { retry: { max_attempts: 5, backoff_ms: 1 } })]),
  );
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(await brokenLinks(node)).toEqual(["SIGNATURE_INVALID"]);
  expect((await eventsOf(node, plan_id)).map(({ type }) => type)).toContain("task.attempt_lost");
  expect(taskOf(view, "a").attempt).toBe(2);
});

test("[R54] a result recorded before a restart of the node is refused when it is sent again after it", async () => {
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, "tamper.json"), JSON.stringify({ mode: "replay" }));
  const graph = plan([write("a", 1, { retry: { max_attempts: 5, backoff_ms: 1 } })]);
  {
    await using first = await inProcessNode({ data: folder.path, worker: TAMPERING });
    expect((await ended(first, (await submitPlan(first, graph)).plan_id)).plan.status).toBe("succeeded");
  }
  await using second = await inProcessNode({ data: folder.path, worker: TAMPERING });
  const { plan_id } = await submitPlan(second, graph);
  expect((await ended(second, plan_id)).plan.status).toBe("succeeded");
  const codes = await brokenLinks(second);
  expect(codes).toHaveLength(1);
  expect(["REPLAYED", "SIGNATURE_INVALID", "BAD_ENVELOPE"]).toContain(codes[0]);
});

/** Codes of the links that broke, oldest first. */
async function brokenLinks(node: Door): Promise<readonly unknown[]> {
  const records = async () => (await node.client.call("logs", { query: { level: "error", limit: 200 } })).items;
  await expect.poll(async () => (await records()).length, { timeout: 10_000 }).toBeGreaterThan(0);
  return (await records()).filter(({ message }) => message.includes("link")).map(({ fields }) => fields?.["code"]);
}

test("[R115] a worker that was stopped past its lease, be it in its first moment, is not listened to: its task has gone to a fresh process", async () => {
  await using server = await outside();
  const { clock, jump } = settableClock();
  await using node = await inProcessNode({ clock, flags: { "egress.allow_hosts": [server.address] } });
  server.hold();
  const { plan_id } = await submitPlan(
    node,
    plan([step("read", "http.request", { url: `${server.url}/late` }, { retry: { max_attempts: 5, backoff_ms: 1 }, timeout_ms: 600_000 })]),
  );
  await server.arrivals(1);
  const stopped = node.workers();
  expect(stopped.length).toBeGreaterThan(0);
  for (const pid of stopped) process.kill(pid, "SIGSTOP");
  try {
    jump(45_000);
    await until(node, plan_id, (view) => taskOf(view, "read").attempt >= 2);
    // There is one process of kBridge at a time; the second attempt does not wait for the end of the stopped one.
    await server.arrivals(2);
    server.letGo();
    const lost = (await eventsOf(node, plan_id)).find(({ type }) => type === "task.attempt_lost");
    expect(lost?.payload).toMatchObject({ attempt: 1, cause: "lease_expired" });
  } finally {
    for (const pid of stopped) {
      try {
        process.kill(pid, "SIGCONT");
      } catch {
        // It was killed meanwhile, which is as good.
      }
    }
  }
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  const results = (await eventsOf(node, plan_id)).filter(({ type }) => type === "task.succeeded");
  const attempts = results.map(({ payload }) => (payload as { attempt: number }).attempt);
  expect(attempts).toEqual([2]);
});

test("[R119] the clock an hour forward and back: a timer fires once", async () => {
  const { clock, jump } = settableClock();
  await using node = await inProcessNode({ clock });
  const { plan_id } = await submitPlan(node, plan([step("wait", "flow.sleep", { ms: 1_800_000 })]));
  await until(node, plan_id, (view) => taskOf(view, "wait").status === "running");
  jump(3_600_000);
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
  jump(-3_600_000);
  const again = await submitPlan(node, plan([step("wait", "flow.sleep", { ms: 20 })]));
  expect((await ended(node, again.plan_id)).plan.status).toBe("succeeded");
  const fired = (await eventsOf(node, plan_id)).filter(({ type }) => type === "task.timer_fired");
  expect(fired).toHaveLength(1);
});

test("[R137] a runtime whose cryptography accepts what it must refuse does not start a node", async () => {
  const built = await bundles();
  await using folder = await temporaryFolder();
  const preload = new URL("./planted/weak-crypto.mjs", import.meta.url).href;
  await using child = startNode(built, folder.path, { env: { NODE_OPTIONS: `--import=${preload}` } });
  const { code } = await child.ended;
  expect(code).not.toBe(0);
  expect(child.stdout()).not.toContain('"ready"');
});

test("[R75] names of prototypes in a result change nothing in the node", async () => {
  await using server = await outside((_, response) =>
    response.end('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  );
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
  const fetched = step("fetched", "http.request", { url: server.url });
  const { plan_id } = await submitPlan(node, plan([fetched, write("kept", "${fetched.body}")], { output: "${fetched.body}" }));
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(JSON.stringify(await node.client.call("status", {}))).not.toContain("polluted");
  expect(await outputOf(node, plan_id, "kept")).not.toHaveProperty("polluted");
});

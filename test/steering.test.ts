// Steering plans through REST with real processes: waiting, pausing, cancelling, retrying, forking, adding work, and budgets.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { type Outside, outside } from "./support/outside.fixture.ts";
import { ended, eventsOf, outputOf, plan, refusal, run, step, submit, submitPlan, taskOf, until, write } from "./support/plan.fixture.ts";
import { put } from "./support/repository.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

let server: Outside;
let node: RunningNode;

beforeAll(async () => {
  server = await outside((request, response) => {
    if (request.path.startsWith("/broken")) response.statusCode = 500;
    response.end(JSON.stringify({ path: request.path }));
  });
  node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test("flow.sleep waits as a state of the plan, without a process", async () => {
  const view = await run(node, plan([step("wait", "flow.sleep", { ms: 50 })]));
  expect(view.plan.status).toBe("succeeded");
  const types = (await eventsOf(node, view.plan.plan_id)).map(({ type }) => type);
  expect(types).toContain("task.timer_set");
  expect(types).toContain("task.timer_fired");
});

test("a paused plan starts nothing new until it is resumed; what ran ends", async () => {
  const { plan_id } = await submitPlan(node, plan([step("wait", "flow.sleep", { ms: 100 }), write("after", 1, { depends_on: ["wait"] })]));
  await node.client.call("pausePlan", { params: { plan_id }, body: { reason: "look first" } });
  const paused = await until(node, plan_id, (view) => taskOf(view, "wait").status === "succeeded");
  expect(paused.plan.status).toBe("paused");
  expect(taskOf(paused, "after").status).not.toBe("succeeded");
  await node.client.call("resumePlan", { params: { plan_id }, body: {} });
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
});

test("cancel reaches the running call by its signal; what is finished stays", async () => {
  server.hold();
  const slow = step("slow", "http.request", { url: `${server.url}/slow` }, { depends_on: ["first"] });
  const { plan_id } = await submitPlan(node, plan([write("first", 1), slow, write("never", 1, { depends_on: ["slow"] })]));
  await until(node, plan_id, (view) => taskOf(view, "slow").status === "running");
  await server.arrivals(1);
  await node.client.call("cancelPlan", { params: { plan_id }, body: { reason: "enough" } });
  const view = await ended(node, plan_id);
  server.letGo();
  expect(view.plan.status).toBe("cancelled");
  expect(view.tasks.map(({ status }) => status)).toEqual(["succeeded", "cancelled", "cancelled"]);
  const again = await refusal(node.client.call("cancelPlan", { params: { plan_id }, body: {} }));
  expect(again.code).toBe("CONFLICT");
});

test("retry keeps what is finished and runs what failed again", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "late.txt");
  put(folder.path, "there.txt", "here\n");
  const read = step("read", "fs.read", { path }, { retry: { max_attempts: 1 } });
  const graph = plan([write("first", { n: 1 }), read, write("last", "${read.text}", { depends_on: ["first"] })]);
  const failed = await run(node, graph, folder.path);
  expect(failed.plan.status).toBe("failed");
  put(folder.path, "late.txt", "now\n");
  const accepted = await node.client.call("retryPlan", { params: { plan_id: failed.plan.plan_id }, body: {} });
  const view = await ended(node, accepted.plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  const events = await eventsOf(node, accepted.plan_id);
  const dispatched = events.filter(({ type }) => type === "task.dispatched").map(({ payload }) => (payload as { task_id: string }).task_id);
  expect(dispatched).not.toContain("first");
  expect(dispatched).toContain("read");
});

test("fork from a task reuses what lies before it, and confirms effects that would happen again", async () => {
  const send = step("send", "http.request", { url: `${server.url}/fork`, method: "POST", body: { json: "${first.artifact.hash}" } });
  const origin = await run(node, plan([write("first", { n: 2 }), send]));
  expect(origin.plan.status, JSON.stringify(origin.error)).toBe("succeeded");
  const params = { plan_id: origin.plan.plan_id };
  const refused = await refusal(node.client.call("forkPlan", { params, body: { from: "send" } }));
  expect(refused.code).toBe("CONFLICT");
  expect(JSON.stringify(refused.details)).toContain("send");
  const accepted = await node.client.call("forkPlan", { params, body: { from: "send", confirm_effects: true } });
  const view = await ended(node, accepted.plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect((await eventsOf(node, accepted.plan_id)).map(({ type }) => type)).toContain("task.reused");
  expect(server.arrived.filter(({ path }) => path === "/fork")).toHaveLength(2);
});

test("work can be added to a running plan below a running task, and not with more rights than that has", async () => {
  server.hold();
  const parent = step("parent", "http.request", { url: `${server.url}/parent` });
  const { plan_id } = await submitPlan(node, plan([parent]));
  await until(node, plan_id, (view) => taskOf(view, "parent").status === "running");
  const added = { plan: plan([step("child", "http.request", { url: `${server.url}/child` })]), parent: { plan_id, task_id: "parent" } };
  const more = { plan: plan([step("reader", "fs.read", { path: "/etc/hostname" })]), parent: { plan_id, task_id: "parent" } };
  expect((await refusal(submit(node, more))).code).toMatch(/FORBIDDEN|POLICY_DENIED|BAD_REQUEST/);
  const accepted = await submit(node, added);
  expect(accepted.plan_id).toBe(plan_id);
  server.letGo();
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(view.tasks.some(({ parent_id }) => parent_id === "parent")).toBe(true);
});

test("a budget of attempts stops a plan with its reason, and holds across a restart of the node", async () => {
  await using own = await runningNode();
  const tasks = [write("put_0", 0), write("put_1", 1, { depends_on: ["put_0"] })];
  const waiting = step("wait", "flow.sleep", { ms: 600_000 });
  const { plan_id } = await submitPlan(own, plan([...tasks, waiting], { budget: { attempts: 3 } }));
  await until(own, plan_id, (view) => taskOf(view, "put_1").status === "succeeded");
  await own.crash();
  await using again = await runningNode({ data: own.data });
  // Two of three attempts were used before the crash; of the two that are added one is too many.
  await submit(again, { plan: plan([write("more_a", 1), write("more_b", 2)]), parent: { plan_id, task_id: "wait" } });
  const view = await ended(again, plan_id);
  expect(view.plan.status).toBe("failed");
  expect(view.error).toMatchObject({ code: "BUDGET_EXCEEDED" });
  expect(view.tasks.filter(({ capability, status }) => capability === "artifact.put" && status === "succeeded")).toHaveLength(3);
});

test("for_each fans out in real processes and joins in order", async () => {
  const items = Array.from({ length: 40 }, (_, place) => place);
  const each = { ...write("each", { n: "${item}" }), for_each: items };
  const view = await run(node, plan([each, write("joined", "${each[39].artifact.name}")]));
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(taskOf(view, "each")).toMatchObject({ items_total: 40, items_done: 40 });
});

test("failed attempts are tried again as often as the plan says, and no further", async () => {
  const broken = step(
    "broken",
    "http.request",
    { url: `${server.url}/broken`, expect_status: [200] },
    { retry: { max_attempts: 3, backoff_ms: 1 } },
  );
  const view = await run(node, plan([broken]));
  expect(view.plan.status).toBe("failed");
  expect(server.arrived.filter(({ path }) => path === "/broken")).toHaveLength(3);
  const trace = await node.client.call("trace", { params: { plan_id: view.plan.plan_id } });
  expect(trace.attempts).toHaveLength(3);
});

test("a draft runs nothing until it is started, and can be edited before", async () => {
  const planned = await node.client.call("makePlan", { body: { plan: plan([write("only", 1)]) } });
  const { plan_id, hash } = planned.plan;
  expect(planned.plan.status).toBe("draft");
  const edited = await node.client.call("patchPlan", { params: { plan_id }, body: { plan: plan([write("other", 2)]), base_hash: hash } });
  expect(edited.plan.hash).not.toBe(hash);
  const stale = await refusal(
    node.client.call("patchPlan", { params: { plan_id }, body: { plan: plan([write("third", 3)]), base_hash: hash } }),
  );
  expect(stale.code).toBe("CONFLICT");
  await submit(node, { plan_id });
  const view = await ended(node, plan_id);
  expect(view.plan.status).toBe("succeeded");
  expect(await outputOf(node, plan_id, "other")).toMatchObject({ artifact: { name: "other.json" } });
});

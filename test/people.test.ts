// What waits for a person: approvals of plans and calls, questions, and what happens when the thing to be approved changes.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { type Outside, outside } from "./support/outside.fixture.ts";
import { ended, eventsOf, outputOf, plan, refusal, step, submit, submitPlan, taskOf, until, write } from "./support/plan.fixture.ts";

let server: Outside;
let node: RunningNode;

beforeAll(async () => {
  server = await outside();
  node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const OTHER_DIGEST = `sha256:${"0".repeat(64)}`;

test("[R100] a plan that asks for approval runs nothing until exactly its hash is approved, once", async () => {
  const { plan_id } = await submit(node, { plan: plan([write("only", 1)]), approval: true });
  const waiting = await until(node, plan_id, (view) => view.plan.status === "waiting_approval");
  expect((await eventsOf(node, plan_id)).map(({ type }) => type)).not.toContain("task.dispatched");
  const [first] = waiting.approvals;
  expect(first?.digest).toBe(waiting.plan.hash);
  const decide = (digest: string) =>
    ({ params: { approval_id: first?.approval_id ?? "" }, body: { decision: "approve", digest } }) as const;
  expect(await refusal(node.client.call("decide", decide(OTHER_DIGEST)))).toMatchObject({ code: "CONFLICT" });
  await node.client.call("decide", decide(first?.digest ?? ""));
  const view = await ended(node, plan_id);
  expect(view.plan.status).toBe("succeeded");
  expect(await refusal(node.client.call("decide", decide(first?.digest ?? "")))).toMatchObject({ code: "CONFLICT" });
});

test("[R100] an edit voids the approval of a plan: what was changed is asked for again, under its new hash", async () => {
  const wait = step("wait", "flow.sleep", { ms: 600_000 });
  const { plan_id } = await submit(node, { plan: plan([wait, write("after", 1, { depends_on: ["wait"] })]), approval: true });
  const waiting = await until(node, plan_id, (view) => view.plan.status === "waiting_approval");
  const [old] = waiting.approvals;
  const decide = (approvalId: string | undefined, digest: string | undefined) =>
    node.client.call("decide", { params: { approval_id: approvalId ?? "" }, body: { decision: "approve", digest: digest ?? "" } });
  await decide(old?.approval_id, old?.digest);
  await until(node, plan_id, (view) => taskOf(view, "wait").status === "running");
  await node.client.call("pausePlan", { params: { plan_id }, body: {} });
  const edited = plan([wait, write("after", "something else", { depends_on: ["wait"] })]);
  const changed = await node.client.call("patchPlan", { params: { plan_id }, body: { plan: edited, base_hash: waiting.plan.hash } });
  expect(changed.plan.hash).not.toBe(waiting.plan.hash);
  expect((await refusal(decide(old?.approval_id, old?.digest))).code).toBe("CONFLICT");
  await node.client.call("resumePlan", { params: { plan_id }, body: {} });
  const asked = await until(node, plan_id, (view) => view.approvals.some(({ status }) => status === "open"));
  const fresh = asked.approvals.find(({ status }) => status === "open");
  expect(fresh?.digest).toBe(changed.plan.hash);
  expect((await refusal(decide(fresh?.approval_id, old?.digest))).code).toBe("CONFLICT");
  await node.client.call("cancelPlan", { params: { plan_id }, body: {} });
  expect((await ended(node, plan_id)).plan.status).toBe("cancelled");
});

test("[R100] an edit of a plan that waits for its approval is asked for anew under its hash", async () => {
  const { plan_id } = await submit(node, { plan: plan([write("only", 1)]), approval: true });
  const waiting = await until(node, plan_id, (view) => view.plan.status === "waiting_approval");
  const [old] = waiting.approvals;
  const body = { plan: plan([write("only", "something else")]), base_hash: waiting.plan.hash };
  const changed = await node.client.call("patchPlan", { params: { plan_id }, body });
  const decide = (approvalId: string | undefined, digest: string | undefined) =>
    node.client.call("decide", { params: { approval_id: approvalId ?? "" }, body: { decision: "approve", digest: digest ?? "" } });
  expect((await refusal(decide(old?.approval_id, old?.digest))).code).toBe("CONFLICT");
  const fresh = changed.approvals.find(({ status }) => status === "open");
  expect((await refusal(decide(fresh?.approval_id, old?.digest))).code).toBe("CONFLICT");
  await decide(fresh?.approval_id, changed.plan.hash);
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
});

test("[R100] an approval of a call binds its resolved params: of another digest, and a second time, it is refused", async () => {
  const call = step(
    "send",
    "http.request",
    { url: `${server.url}/approved`, method: "POST", body: { json: "${first.artifact.hash}" } },
    { approval: true },
  );
  const { plan_id } = await submitPlan(node, plan([write("first", { said: "this was already approved by the owner" }), call]));
  const waiting = await until(node, plan_id, (view) => view.approvals.some(({ status }) => status === "open"));
  const [open] = waiting.approvals;
  expect(open).toMatchObject({ kind: "call", task_id: "send", status: "open" });
  expect(JSON.stringify(open?.subject)).toContain(`${server.url}/approved`);
  expect(server.arrived.filter(({ path }) => path === "/approved")).toHaveLength(0);
  const params = { approval_id: open?.approval_id ?? "" };
  expect(await refusal(node.client.call("decide", { params, body: { decision: "approve", digest: OTHER_DIGEST } }))).toMatchObject({
    code: "CONFLICT",
  });
  await node.client.call("decide", { params, body: { decision: "approve", digest: open?.digest ?? "" } });
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(server.arrived.filter(({ path }) => path === "/approved")).toHaveLength(1);
});

test("a denied call fails its plan with the reason, and nothing is sent", async () => {
  const call = step("send", "http.request", { url: `${server.url}/denied`, method: "POST" }, { approval: true });
  const { plan_id } = await submitPlan(node, plan([call]));
  const waiting = await until(node, plan_id, (view) => view.approvals.length > 0);
  const [open] = waiting.approvals;
  const body = { decision: "deny", digest: open?.digest ?? "", reason: "not this one" } as const;
  await node.client.call("decide", { params: { approval_id: open?.approval_id ?? "" }, body });
  const view = await ended(node, plan_id);
  expect(view.plan.status).toBe("failed");
  expect(JSON.stringify(await eventsOf(node, plan_id))).toContain("not this one");
  expect(server.arrived.filter(({ path }) => path === "/denied")).toHaveLength(0);
});

test("what came from outside does not reach the address of a writing call without a person", async () => {
  const fetched = step("fetched", "http.request", { url: `${server.url}/page` });
  const leak = step("leak", "http.request", { url: `${server.url}/\${fetched.body.json.path}`, method: "POST" });
  const { plan_id } = await submitPlan(node, plan([fetched, leak]));
  const view = await until(node, plan_id, ({ approvals }) => approvals.length > 0);
  expect(taskOf(view, "leak").status).toBe("waiting_approval");
  expect(server.arrived.filter(({ method }) => method === "POST").map(({ path }) => path)).not.toContain("//page");
  await node.client.call("cancelPlan", { params: { plan_id }, body: {} });
  expect((await ended(node, plan_id)).plan.status).toBe("cancelled");
});

test("human.ask waits with its question, takes only an answer that fits, and hands it on", async () => {
  const ask = step("ask", "human.ask", { question: "Which colour?", choices: ["red", "blue"] });
  const { plan_id } = await submitPlan(node, plan([ask, write("told", "${ask.answer}")]));
  const waiting = await until(node, plan_id, (view) => view.plan.status === "waiting_input");
  const [input] = waiting.inputs;
  expect(input).toMatchObject({ question: "Which colour?", choices: ["red", "blue"], status: "open" });
  const params = { input_id: input?.input_id ?? "" };
  expect(await refusal(node.client.call("answer", { params, body: { answer: "green" } }))).toMatchObject({ code: "BAD_REQUEST" });
  await node.client.call("answer", { params, body: { answer: "blue" } });
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
  expect(await outputOf(node, plan_id, "ask")).toMatchObject({ answer: "blue" });
  expect(await refusal(node.client.call("answer", { params, body: { answer: "red" } }))).toMatchObject({ code: "CONFLICT" });
});

test("human.approve can be told to go on after a no", async () => {
  const gate = step("gate", "human.approve", { title: "Go on?", continue_on_deny: true });
  const { plan_id } = await submitPlan(
    node,
    plan([gate, write("yes", 1, { when: "gate.approved" }), write("no", 1, { when: "!gate.approved" })]),
  );
  const waiting = await until(node, plan_id, (view) => view.approvals.length > 0 || view.inputs.length > 0);
  const [open] = waiting.approvals;
  await node.client.call("decide", {
    params: { approval_id: open?.approval_id ?? "" },
    body: { decision: "deny", digest: open?.digest ?? "" },
  });
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(taskOf(view, "yes").status).toBe("skipped");
  expect(taskOf(view, "no").status).toBe("succeeded");
});

test("a question survives the death of the node, and its answer goes to the next one", async () => {
  await using first = await runningNode();
  const { plan_id } = await submitPlan(
    first,
    plan([step("ask", "human.ask", { question: "Still there?" }), write("after", "${ask.answer}")]),
  );
  const waiting = await until(first, plan_id, (view) => view.inputs.length > 0);
  await first.crash();
  await using second = await runningNode({ data: first.data });
  await second.client.call("answer", { params: { input_id: waiting.inputs[0]?.input_id ?? "" }, body: { answer: "yes" } });
  expect((await ended(second, plan_id)).plan.status).toBe("succeeded");
});

// Effects outside: what happens to a request whose outcome is lost, with a host that honours keys and with one that does not.

import { expect, test } from "vitest";
import { childrenOf } from "./support/child.fixture.ts";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { type Outside, outside } from "./support/outside.fixture.ts";
import { ended, eventsOf, outputOf, plan, refusal, step, submitPlan, taskOf, until, write } from "./support/plan.fixture.ts";

const RETRY = { max_attempts: 20, backoff_ms: 10, max_backoff_ms: 50 };

/** What a person who looked it up says the answer was, in the form of an answer. */
const ANSWER = {
  status: 200,
  headers: {},
  url: "http://127.0.0.1/",
  redirects: [],
  bytes: 3,
  wire_bytes: 3,
  media_type: "application/json",
};

function posting(server: Outside, path: string) {
  return step("send", "http.request", { url: `${server.url}${path}`, method: "POST", body: { json: { n: 1 } } }, { retry: RETRY });
}

/** Kills the process that sends; the test's plans need no other worker then. */
function killWorkers(node: RunningNode): void {
  for (const pid of childrenOf(node.child.pid)) process.kill(pid, "SIGKILL");
}

test("a request without a key's promise that is cut off by its worker's death ends in doubt, is sent once, and a person settles it", async () => {
  await using server = await outside();
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
  server.hold();
  const { plan_id } = await submitPlan(
    node,
    plan([posting(server, "/pay"), write("after", "${send.status}")], { output: "${send.body.json}" }),
  );
  await server.arrivals(1);
  killWorkers(node);
  const doubtful = await until(node, plan_id, (view) => view.plan.status === "in_doubt");
  expect(taskOf(doubtful, "send").status).toBe("in_doubt");
  expect((await eventsOf(node, plan_id)).map(({ type }) => type)).toContain("task.effect_begun");
  expect(server.arrived).toHaveLength(1);
  const resolve = (body: { outcome: "succeeded" | "failed" | "run_again"; task_id: string; reason: string; output?: unknown }) =>
    node.client.call("resolveTask", { params: { plan_id }, body });
  expect((await refusal(resolve({ task_id: "nobody", outcome: "failed", reason: "x" }))).code).toMatch(/NOT_FOUND|BAD_REQUEST/);
  await resolve({ task_id: "send", outcome: "succeeded", output: { ...ANSWER, body: { json: "R-1" } }, reason: "it is in their books" });
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(view.output).toBe("R-1");
  expect(server.arrived).toHaveLength(1);
  expect((await refusal(resolve({ task_id: "send", outcome: "run_again", reason: "again" }))).code).toBe("CONFLICT");
});

test("in doubt, a person may say that it is to run again: it is sent under another key", async () => {
  await using server = await outside();
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
  server.hold();
  const { plan_id } = await submitPlan(node, plan([posting(server, "/again")]));
  await server.arrivals(1);
  killWorkers(node);
  await until(node, plan_id, (view) => view.plan.status === "in_doubt");
  server.letGo();
  await node.client.call("resolveTask", {
    params: { plan_id },
    body: { task_id: "send", outcome: "run_again", reason: "they have nothing" },
  });
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
  expect(server.arrived).toHaveLength(2);
  expect(new Set(server.arrived.map(({ key }) => key)).size).toBe(2);
});

test("[R109] a request to a host that honours keys is sent again after the node was killed, under the same key", async () => {
  await using server = await outside();
  const env = { KOS_EGRESS__ALLOW_HOSTS: server.address, KOS_EGRESS__IDEMPOTENT_HOSTS: server.address };
  await using first = await runningNode({ env });
  server.hold();
  const { plan_id } = await submitPlan(first, plan([write("before", 1), { ...posting(server, "/keyed"), depends_on: ["before"] }]));
  await server.arrivals(1);
  await first.crash();
  server.letGo();
  await using second = await runningNode({ data: first.data, env });
  const view = await ended(second, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect(server.arrived.length).toBeGreaterThanOrEqual(2);
  expect(new Set(server.arrived.map(({ key }) => key)).size).toBe(1);
  const dispatched = (await eventsOf(second, plan_id)).filter(({ type }) => type === "task.dispatched");
  expect(dispatched.filter(({ payload }) => (payload as { task_id: string }).task_id === "before")).toHaveLength(1);
});

test("[R109] killed with the effect under way and without a key's promise, the node shows the doubt after its restart and sends nothing", async () => {
  await using server = await outside();
  const env = { KOS_EGRESS__ALLOW_HOSTS: server.address };
  await using first = await runningNode({ env });
  server.hold();
  const { plan_id } = await submitPlan(first, plan([posting(server, "/once")]));
  await server.arrivals(1);
  await first.crash();
  server.letGo();
  await using second = await runningNode({ data: first.data, env });
  const view = await until(second, plan_id, ({ plan: { status } }) => status === "in_doubt");
  expect(taskOf(view, "send").status).toBe("in_doubt");
  expect(server.arrived).toHaveLength(1);
  await second.client.call("resolveTask", { params: { plan_id }, body: { task_id: "send", outcome: "failed", reason: "given up" } });
  expect((await ended(second, plan_id)).plan.status).toBe("failed");
});

test("a private address that the owner did not open is refused, and nothing is sent", async () => {
  await using server = await outside();
  await using node = await runningNode();
  for (const url of [server.url, "http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]/", "http://localhost:1/"]) {
    const { plan_id } = await submitPlan(node, plan([step("send", "http.request", { url })]));
    const view = await ended(node, plan_id);
    expect(view.plan.status, url).toBe("failed");
    expect(taskOf(view, "send").error?.code, url).toMatch(/POLICY_DENIED|FORBIDDEN/);
  }
  expect(server.arrived).toHaveLength(0);
});

test("an idempotent call whose worker dies is put back and done again", async () => {
  await using server = await outside();
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
  server.hold();
  const { plan_id } = await submitPlan(node, plan([step("read", "http.request", { url: `${server.url}/read` }, { retry: RETRY })]));
  await server.arrivals(1);
  killWorkers(node);
  await server.arrivals(2);
  server.letGo();
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
  expect(await outputOf(node, plan_id, "read")).toMatchObject({ status: 200 });
  expect((await eventsOf(node, plan_id)).map(({ type }) => type)).toContain("task.attempt_lost");
});

import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const retry = { max_attempts: 3, backoff_ms: 0, max_backoff_ms: 0 };
const executor = testAgent([
  testCapability("step.pure", Any, Any, never, { retry }),
  testCapability("step.other", Any, Any, never, { retry }),
  testCapability("step.post", Any, Any, never, { retry, effects: ["net.write"] }),
]);
const reviewer = testAgent([testCapability("review.check", Any, Any, never)], "main", "kReviewer");
const planner = testAgent([testCapability("plan.alternative", Any, Any, never)], "main", "kPlanner");
const REJECTED = { accepted: false, score: 0, findings: [{ criterion: "c", severity: "error", message: "no" }], round: 1 };
const ACCEPTED = { accepted: true, score: 1, findings: [], round: 2 };
const review = { criteria: [{ kind: "assert" as const, expression: "output.ok" }], max_rounds: 1, on_exhausted: "replan" as const };

async function open(agents = [executor, reviewer, planner]) {
  const test = await openTestEngine({ agents, silent: agents.map(({ id }) => id) });
  const planId = await test.run(
    [
      { task_id: "a", capability: "step.pure", params: { n: 1 }, review },
      { task_id: "b", capability: "step.pure", params: { n: "${a.n}" } },
    ],
    { output: "${b}" },
  );
  await test.result(test.request("a"), { n: 1 });
  await test.result(test.request("a"), REJECTED);
  return { ...test, planId };
}

const STEP = { task_id: "a_alt_one", title: "One", capability: "step.pure", params: { n: 7 }, depends_on: [] };

describe("a result that did not pass and may be planned anew", () => {
  it("[C50] asks the planner what else leads to it, and goes on with that", async () => {
    const test = await open();
    const asked = test.request("a");
    expect(asked.agent).toBe("kPlanner:main");
    expect(asked.message.type).toBe("PLAN_REQUEST");
    expect(asked.message.payload).toMatchObject({
      capability: "plan.alternative",
      params: { capability: "step.pure", params: { n: 1 }, without: ["step.pure"], members: ["n"], prefix: "a_alt_" },
    });
    await test.result(asked, { capability: "step.other", params: { from: "${a_alt_one.x}" }, steps: [STEP] });
    expect(test.timesSent("a")).toBe(3);
    await test.result(test.request("a_alt_one"), { x: 5 });
    expect(test.request("a").message.payload).toMatchObject({ capability: "step.other", params: { from: 5 }, generation: 2 });
    await test.result(test.request("a"), { n: 9 });
    await test.result(test.request("a"), ACCEPTED);
    await test.result(test.request("b"), { done: true });
    const view = await test.plan(test.planId);
    expect(view).toMatchObject({ plan: { status: "succeeded" }, output: { done: true } });
    expect(view.tasks.map((task) => [task.task_id, task.status, task.parent_id])).toEqual([
      ["a", "succeeded", undefined],
      ["b", "succeeded", undefined],
      ["a_alt_one", "succeeded", "a"],
    ]);
    expect(test.request("b").message.payload.params).toEqual({ n: 9 });
    expect((await test.types(test.planId)).filter((type) => /replan|subtasks/.test(type))).toEqual(["subtasks.added", "task.replanned"]);
  });

  it("[C50] is planned anew once, then a person is asked", async () => {
    const test = await open();
    await test.result(test.request("a"), { capability: "step.other", params: {}, steps: [] });
    await test.result(test.request("a"), { n: 2 });
    await test.result(test.request("a"), REJECTED);
    const view = await test.plan(test.planId);
    expect(view.plan.status).toBe("waiting_input");
    expect(view.inputs[0]?.question).toContain("did not pass");
    await test.engine.command(ADA, { kind: "answer", inputId: view.inputs[0]?.input_id ?? "", answer: "retry" });
    await test.settle();
    expect(test.request("a").message.payload.capability).toBe("step.other");
  });

  it.each([
    ["what has been tried", { capability: "step.pure", params: {}, steps: [] }, /has been tried/],
    ["what nobody offers", { capability: "step.none", params: {}, steps: [] }, /no agent offers "step.none"/],
    ["more rights than the task has", { capability: "step.post", params: {}, steps: [] }, /net.write/],
    ["steps with more rights", { capability: "step.other", params: {}, steps: [{ ...STEP, capability: "step.post" }] }, /net.write/],
    ["an id that is taken", { capability: "step.other", params: {}, steps: [{ ...STEP, task_id: "b" }] }, /already a task "b"/],
    ["a reference to nothing", { capability: "step.other", params: { x: "${zzz.n}" }, steps: [] }, /zzz/],
    ["what waits for it", { capability: "step.other", params: { x: "${b.n}" }, steps: [] }, /./],
    ["nonsense", { nonsense: true }, /answer is none/],
  ])("[R106] [C50] does not take %s from the planner: a person is asked, with the reason", async (_, way, reason) => {
    const test = await open();
    await test.result(test.request("a"), way);
    const view = await test.plan(test.planId);
    expect(view.plan.status).toBe("waiting_input");
    expect(view.inputs[0]?.question).toMatch(/no other way to it was found/);
    expect(view.inputs[0]?.question).toMatch(reason);
    expect(view.tasks.map((task) => task.task_id)).toEqual(["a", "b"]);
    expect(test.timesSent("a")).toBe(3);
  });

  it("[C50] takes no verdict from the planner in its place", async () => {
    const test = await open();
    const asked = test.request("a");
    test.engine.receive(asked.agent, {
      type: "REVIEW_VERDICT",
      plan_id: test.planId,
      task_id: "a",
      payload: { attempt: asked.message.payload.attempt, lease_token: asked.message.payload.lease_token, output: ACCEPTED, run_ms: 1 },
    });
    await test.settle();
    expect((await test.plan(test.planId)).tasks[0]?.status).toBe("reviewing");
  });

  it("[C50] asks a person when the planner knows no other way, or there is no planner", async () => {
    const test = await open();
    await test.error(test.request("a"), { code: "BAD_REQUEST", retryable: false });
    expect((await test.plan(test.planId)).plan.status).toBe("waiting_input");
    const alone = await open([executor, reviewer]);
    expect((await alone.plan(alone.planId)).plan.status).toBe("waiting_input");
  });

  it("[C50] asks the planner again after a restart, and after a failure that may pass", async () => {
    const test = await open();
    await test.error(test.request("a"), { code: "UNAVAILABLE", retryable: true });
    await test.clock.advance(5000);
    expect(test.timesSent("a")).toBe(4);
    test.crash();
    const again = await test.reopen();
    await again.settle();
    const asked = again.request("a");
    expect(asked.message.type).toBe("PLAN_REQUEST");
    await again.result(asked, { capability: "step.other", params: {}, steps: [] });
    expect(again.request("a").message.payload.capability).toBe("step.other");
  });

  it("[C50] keeps what was found when the plan is edited", async () => {
    const test = await open();
    await test.result(test.request("a"), { capability: "step.other", params: { from: "${a_alt_one.x}" }, steps: [STEP] });
    await test.engine.command(ADA, { kind: "pause", planId: test.planId });
    const { plan } = await test.plan(test.planId);
    const tasks = plan.tasks
      .filter((task) => task.parent_id === undefined)
      .map((task) => (task.task_id === "b" ? { ...task, title: "Another" } : task));
    const graph = { goal: "test", strategy: "explicit" as const, output: "${b}", tasks };
    await test.engine.command(ADA, { kind: "change", planId: test.planId, graph, baseHash: plan.hash });
    await test.engine.command(ADA, { kind: "resume", planId: test.planId });
    await test.result(test.request("a_alt_one"), { x: 5 });
    expect(test.request("a").message.payload).toMatchObject({ capability: "step.other", params: { from: 5 } });
  });
});

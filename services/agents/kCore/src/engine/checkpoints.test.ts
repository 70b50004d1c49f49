import type { MessageToAgent } from "@kos/agent";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, openTestEngine, type TestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const retry = { max_attempts: 5, backoff_ms: 1000, max_backoff_ms: 1000 };
const quiet = testAgent([
  testCapability("step.safe", Any, Any, never, { retry, timeout_ms: 600_000 }),
  testCapability("step.once", Any, Any, never, { retry, timeout_ms: 5000, idempotent: false }),
]);
const judge = testAgent([testCapability("review.check", Any, Any, never)], "judge", "kReviewer");
const silent = { agents: [quiet, judge], silent: [quiet.id, judge.id] };

async function one(capability = "step.safe", task: object = {}) {
  const test = await openTestEngine(silent);
  const planId = await test.run([{ task_id: "a", capability, ...task }], { output: "${a}" });
  return { ...test, planId };
}

const given = (test: TestEngine): readonly unknown[] | undefined => {
  const { payload } = test.request("a").message;
  return payload.checkpoints;
};

const lastWord = (test: TestEngine): MessageToAgent | undefined => test.sent.at(-1)?.message;

/** The worker of the newest attempt dies, and the next attempt is under way. */
async function cutOff(test: TestEngine): Promise<void> {
  const { plan_id, task_id, payload } = test.request("a").message;
  test.engine.lost([{ planId: plan_id, taskId: task_id, leaseToken: payload.lease_token, reason: "killed" }]);
  await test.clock.advance(1001);
}

async function recorded(test: TestEngine, planId: string): Promise<readonly unknown[]> {
  const { items } = await test.engine.queries.events("local", planId, { limit: 5000 });
  return items.filter(({ type }) => type === "task.checkpointed").map(({ payload }) => (payload as { value: unknown }).value);
}

describe("checkpoints", () => {
  it("[I15] gives every later attempt of a generation all of them, in order, once", async () => {
    const test = await one();
    expect(given(test)).toBeUndefined();
    await test.checkpoint(test.request("a"), 1, { page: 1 });
    expect(lastWord(test)).toMatchObject({ type: "RESULT_ACK", payload: { of: "checkpoint", n: 1 } });
    await test.checkpoint(test.request("a"), 2, { page: 2 });
    await cutOff(test);
    expect(given(test)).toEqual([{ page: 1 }, { page: 2 }]);
    await test.checkpoint(test.request("a"), 1, null);
    await cutOff(test);
    expect(given(test)).toEqual([{ page: 1 }, { page: 2 }, null]);
    await cutOff(test);
    expect(given(test)).toEqual([{ page: 1 }, { page: 2 }, null]);
    await test.result(test.request("a"), { n: 3 });
    expect((await test.plan(test.planId)).output).toEqual({ n: 3 });
  });

  it("[I15] keeps them over the end of the engine", async () => {
    const before = await one();
    await before.checkpoint(before.request("a"), 1, "here");
    const test = await before.reopen();
    await test.settle();
    expect(given(test)).toEqual(["here"]);
    await test.checkpoint(test.request("a"), 1, "there");
    await cutOff(test);
    expect(given(test)).toEqual(["here", "there"]);
  });

  it("reads many back in ranges, from among other events of the plan", async () => {
    const test = await openTestEngine(silent);
    await test.run([
      { task_id: "a", capability: "step.safe" },
      { task_id: "b", capability: "step.safe" },
    ]);
    for (let n = 1; n <= 60; n++) {
      await test.checkpoint(test.request("a"), n, n);
      const noise = n === 30 ? 100 : 1;
      for (let more = 1; more <= noise; more++) void test.checkpoint(test.request("b"), (n <= 30 ? n - 1 : n + 98) + more, "noise");
    }
    await test.settle();
    await cutOff(test);
    expect(given(test)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it("acknowledges one that is said again without keeping it twice", async () => {
    const test = await one();
    await test.checkpoint(test.request("a"), 1, "first");
    await test.checkpoint(test.request("a"), 1, "first");
    expect(test.sent.filter(({ message }) => message.type === "RESULT_ACK")).toHaveLength(2);
    expect(await recorded(test, test.planId)).toEqual(["first"]);
  });

  it.each([
    ["one whose predecessor was never heard", 2, "second"],
    ["one over 4 KiB", 1, "x".repeat(4095)],
  ])("keeps nothing of %s, and tells the call to stop", async (_what, n, value) => {
    const test = await one();
    await test.checkpoint(test.request("a"), n, value);
    expect(lastWord(test)).toMatchObject({ type: "TASK_CANCEL" });
    expect(await recorded(test, test.planId)).toEqual([]);
  });

  it("takes no more than 10,000 in a generation", async () => {
    const test = await one();
    const request = test.request("a");
    for (let n = 1; n <= 10_001; n++) void test.checkpoint(request, n, n);
    await test.settle();
    expect(test.sent.filter(({ message }) => message.type === "RESULT_ACK")).toHaveLength(10_000);
    expect(lastWord(test)).toMatchObject({ type: "TASK_CANCEL" });
    await cutOff(test);
    expect(given(test)).toHaveLength(10_000);
  });

  it.each([
    ["without a number", { checkpoint: 1 }],
    ["with a number that counts nothing", { checkpoint: 1, n: 0 }],
    ["without a value", { n: 1 }],
  ])("does not hear one %s", async (_what, words) => {
    const test = await one();
    const { plan_id, task_id, payload } = test.request("a").message;
    const { attempt, lease_token } = payload;
    const message = { type: "TASK_PROGRESS", plan_id, task_id, payload: { attempt, lease_token, ...words } };
    const before = test.sent.length;
    test.engine.receive(quiet.id, message as never);
    await test.settle();
    expect(test.sent).toHaveLength(before);
  });

  it("[R115] keeps nothing of a call that was given up, and tells it to stop", async () => {
    const test = await one();
    const stopped = test.request("a");
    await test.checkpoint(stopped, 1, "mine");
    await cutOff(test);
    await test.checkpoint(stopped, 2, "too late");
    expect(lastWord(test)).toMatchObject({ type: "TASK_CANCEL", payload: { lease_token: stopped.message.payload.lease_token } });
    expect(await recorded(test, test.planId)).toEqual(["mine"]);
  });

  it("gives a new generation none: run again by a person", async () => {
    const test = await one("step.once");
    await test.checkpoint(test.request("a"), 1, "before");
    await test.beginEffect(test.request("a"));
    await test.clock.advance(6000);
    expect((await test.plan(test.planId)).tasks[0]?.status).toBe("in_doubt");
    await test.engine.command(ADA, { kind: "resolve", planId: test.planId, taskId: "a", outcome: "run_again", reason: "nothing there" });
    await test.settle();
    expect(test.request("a").message.payload).toMatchObject({ generation: 2 });
    expect(given(test)).toBeUndefined();
  });

  it("gives a new generation none: told by a reviewer to do better", async () => {
    const test = await one("step.safe", { review: { criteria: [{ kind: "assert", expression: "true" }] } });
    await test.checkpoint(test.request("a"), 1, "before");
    await test.result(test.request("a"), 1);
    const finding = { criterion: "c", severity: "error", message: "not good enough" };
    await test.result(test.request("a"), { accepted: false, score: 0, findings: [finding] });
    expect(test.request("a").message.payload).toMatchObject({ generation: 2, feedback: ["not good enough"] });
    expect(given(test)).toBeUndefined();
  });

  it("gives a plan that is run again none", async () => {
    const test = await one();
    await test.checkpoint(test.request("a"), 1, "before");
    await test.error(test.request("a"), { code: "BAD_REQUEST" });
    await test.engine.rerun({ caller: ADA, planId: test.planId, kind: "retry" });
    await test.settle();
    expect(test.timesSent("a")).toBe(2);
    expect(given(test)).toBeUndefined();
  });
});

import type { Reconciliation } from "@kos/agent";
import { KosError } from "@kos/klp";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, AGENT, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const retry = { max_attempts: 3, backoff_ms: 1000, max_backoff_ms: 60_000 };
const quiet = testAgent([
  testCapability("step.safe", Any, Any, never, { retry, timeout_ms: 5000 }),
  testCapability("step.once", Any, Any, never, { retry, timeout_ms: 5000, idempotent: false }),
  testCapability("step.asked", Any, Any, never, { retry, timeout_ms: 5000, idempotent: false, reconcile: never }),
  testCapability("step.other", Any, Any, never, { retry, timeout_ms: 5000 }),
]);
const silent = { agents: [quiet], silent: [quiet.id] };

async function one(capability: string, task: object = {}) {
  const test = await openTestEngine(silent);
  const planId = await test.run([{ task_id: "a", capability, ...task }], { output: "${a}" });
  const status = async () => (await test.plan(planId)).tasks[0]?.status;
  return { ...test, planId, status };
}

describe("attempts", () => {
  it("tries again after an error that may pass, later each time, and gives up after the last attempt", async () => {
    const test = await one("step.safe");
    await test.error(test.request("a"), { code: "UNAVAILABLE", retryable: true });
    expect((await test.plan(test.planId)).tasks[0]).toMatchObject({ status: "ready", retry_at: expect.any(String) });
    await test.clock.advance(1001);
    expect(test.timesSent("a")).toBe(2);
    await test.error(test.request("a"), { code: "UNAVAILABLE", retryable: true });
    await test.clock.advance(2001);
    expect(test.timesSent("a")).toBe(3);
    await test.error(test.request("a"), { code: "UNAVAILABLE", retryable: true });
    const view = await test.plan(test.planId);
    expect(view.plan.status).toBe("failed");
    expect(view.error).toMatchObject({ code: "UNAVAILABLE", task_id: "a" });
    expect(
      new Set([1, 2, 3].map((n) => test.sent.filter((s) => "capability" in s.message.payload && s.message.payload.attempt === n).length)),
    ).toEqual(new Set([1]));
  });

  it("does not try again after an error that will not pass", async () => {
    const test = await one("step.safe");
    await test.error(test.request("a"), { code: "BAD_REQUEST" });
    expect(await test.status()).toBe("failed");
    expect(test.timesSent("a")).toBe(1);
  });

  it("keeps the idempotency key over attempts of one call", async () => {
    const test = await one("step.once");
    const first = test.request("a").message.payload.idempotency_key;
    await test.error(test.request("a"), { code: "RATE_LIMITED", retryable: true });
    await test.clock.advance(1001);
    expect(test.request("a").message.payload.idempotency_key).toBe(first);
  });

  it("puts a call back that timed out before its effect, and tells the agent to stop", async () => {
    const test = await one("step.once");
    await test.clock.advance(5001);
    expect(test.sent.some(({ message }) => message.type === "TASK_CANCEL")).toBe(true);
    await test.clock.advance(1001);
    expect(test.timesSent("a")).toBe(2);
  });

  it("leaves a call in doubt that timed out after its effect began, and repeats nothing", async () => {
    const test = await one("step.once");
    await test.beginEffect(test.request("a"));
    expect(test.sent.filter(({ message }) => message.type === "RESULT_ACK" && message.payload.of === "effect")).toHaveLength(1);
    await test.clock.advance(60_000);
    expect(await test.status()).toBe("in_doubt");
    expect((await test.plan(test.planId)).plan.status).toBe("in_doubt");
    expect(test.timesSent("a")).toBe(1);
  });

  it("lets a late result of the newest attempt settle a doubt", async () => {
    const test = await one("step.once");
    const request = test.request("a");
    await test.beginEffect(request);
    await test.clock.advance(6000);
    expect(await test.status()).toBe("in_doubt");
    await test.result(request, { n: 1 });
    expect(await test.plan(test.planId)).toMatchObject({ plan: { status: "succeeded" }, output: { n: 1 } });
  });

  it("ignores a result of an older attempt with a record, and repetitions without one", async () => {
    const test = await one("step.safe");
    const old = test.request("a");
    await test.clock.advance(5001);
    await test.clock.advance(1001);
    expect(test.timesSent("a")).toBe(2);
    await test.result(old, { n: "old" });
    await test.result(old, { n: "old" });
    await test.result(test.request("a"), { n: "new" });
    await test.result(test.request("a"), { n: "again" });
    expect((await test.plan(test.planId)).output).toEqual({ n: "new" });
    const types = await test.types(test.planId);
    expect(types.filter((type) => type === "task.result_ignored")).toHaveLength(1);
    expect(types.filter((type) => type === "task.succeeded")).toHaveLength(1);
  });

  it.each(["UNAVAILABLE", "TIMEOUT", "INTERNAL", "IN_DOUBT"])("takes %s after the effect began for a doubt", async (code) => {
    const test = await one("step.once");
    await test.beginEffect(test.request("a"));
    await test.error(test.request("a"), { code, retryable: true });
    expect(await test.status()).toBe("in_doubt");
  });

  it("believes the agent that says the effect did not happen", async () => {
    const test = await one("step.once");
    await test.beginEffect(test.request("a"));
    await test.error(test.request("a"), { code: "UNAVAILABLE", retryable: true, details: { effect: "none" } });
    await test.clock.advance(1001);
    expect(test.timesSent("a")).toBe(2);
  });

  it("[R115] gives no effect to a call that was given up, and takes nothing from a worker that comes back", async () => {
    const test = await one("step.once");
    const stopped = test.request("a");
    await test.clock.advance(6002);
    expect(test.timesSent("a")).toBe(2);
    await test.beginEffect(stopped);
    expect(test.sent.some(({ message }) => message.type === "RESULT_ACK" && message.payload.of === "effect")).toBe(false);
    expect(test.sent.at(-1)?.message).toMatchObject({ type: "TASK_CANCEL", payload: { lease_token: stopped.message.payload.lease_token } });
    await test.result(stopped, { n: "stale" });
    expect(await test.status()).toBe("running");
  });

  it("takes a word only from the agent that holds the lease", async () => {
    const test = await one("step.safe");
    const request = test.request("a");
    await test.result({ ...request, agent: "kExecutor:other" }, { n: 1 });
    expect(await test.status()).toBe("running");
  });

  it("keeps the lease of an agent that is heard of, and gives up one that is not", async () => {
    const test = await openTestEngine({ ...silent, limits: { leaseMs: 2000 } });
    const planId = await test.run([{ task_id: "a", capability: "step.safe", timeout_ms: 100_000 }]);
    test.engine.registry.heartbeat(quiet.id, [test.request("a").message.payload.lease_token]);
    await test.clock.advance(2500);
    expect((await test.types(planId)).at(-1)).toBe("task.lease_renewed");
    test.engine.registry.heartbeat(quiet.id, []);
    await test.clock.advance(2500);
    expect((await test.types(planId)).filter((type) => type === "task.attempt_lost")).toHaveLength(1);
  });

  it("asks the other side what became of a call that was cut off, where it can", async () => {
    const test = await one("step.asked");
    await test.beginEffect(test.request("a"));
    await test.clock.advance(5001);
    expect(test.request("a").message.payload.capability).toBe("step.asked#reconcile");
    await test.result(test.request("a"), { outcome: "succeeded", output: { n: 7 } });
    expect((await test.plan(test.planId)).output).toEqual({ n: 7 });
  });

  it("runs it again only when the other side knows nothing of it, and stays in doubt when nobody knows", async () => {
    const test = await one("step.asked");
    await test.beginEffect(test.request("a"));
    await test.clock.advance(5001);
    await test.result(test.request("a"), { outcome: "not_done" });
    await test.clock.advance(1001);
    expect(test.request("a").message.payload.capability).toBe("step.asked");
    const other = await one("step.asked");
    await other.beginEffect(other.request("a"));
    await other.clock.advance(5001);
    await other.error(other.request("a"), { code: "UNKNOWN_CAPABILITY" });
    expect(await other.status()).toBe("in_doubt");
  });

  describe("with an agent that can say what became of an interrupted call", () => {
    async function interrupted(answer: Reconciliation) {
      const done: string[] = [];
      const pay = testCapability(
        "step.pay",
        Any,
        Type.Object({ receipt: Type.String() }),
        async (_params, context) => {
          await context.beginEffect();
          done.push(context.idempotencyKey);
          if (done.length === 1) throw new KosError("UNAVAILABLE", "the answer was lost");
          return { receipt: "second" };
        },
        { retry, idempotent: false, reconcile: async () => answer },
      );
      const test = await openTestEngine({ agents: [testAgent([pay])] });
      const planId = await test.run([{ task_id: "a", capability: "step.pay" }], { output: "${a.receipt}" });
      await test.clock.advance(5000);
      return { view: await test.plan(planId), types: await test.types(planId), done };
    }

    it("has its answer for an output, and does nothing twice", async () => {
      const { view, types, done } = await interrupted({ outcome: "succeeded", output: { receipt: "first" } });
      expect([view.plan.status, view.output]).toEqual(["succeeded", "first"]);
      expect(types.filter((type) => type === "task.attempt_lost")).toHaveLength(1);
      expect(done).toHaveLength(1);
    });

    it("does it again under the same key when it was not done", async () => {
      const { view, done } = await interrupted({ outcome: "not_done" });
      expect([view.plan.status, view.output]).toEqual(["succeeded", "second"]);
      expect([done.length, new Set(done).size]).toEqual([2, 1]);
    });

    it.each<Reconciliation>([{ outcome: "unknown" }, { outcome: "succeeded", output: "no receipt" }])(
      "stays in doubt after %j",
      async (answer) => {
        const { view, done } = await interrupted(answer);
        expect([view.plan.status, view.tasks[0]?.status]).toEqual(["in_doubt", "in_doubt"]);
        expect(done).toHaveLength(1);
      },
    );
  });

  it("[R118] gives a task up that kills its worker every time, and lets others flow", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "poison", capability: "step.safe" }]);
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { plan_id, task_id, payload } = test.request("poison").message;
      test.engine.lost([{ planId: plan_id, taskId: task_id, leaseToken: payload.lease_token, reason: "exit code 139" }]);
      await test.clock.advance(5000);
    }
    const view = await test.plan(planId);
    expect(view.plan.status).toBe("failed");
    expect(view.error).toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED" });
    expect(view.error?.message).toMatch(/died.*attempt|attempt 3.*died/);
    expect(test.timesSent("poison")).toBe(3);
    await test.run([{ task_id: "fine", capability: "step.other" }]);
    expect(test.timesSent("fine")).toBe(1);
  });

  it("[R118] opens the circuit of a capability that fails all the time, and lets one call probe it later", async () => {
    const test = await openTestEngine({ ...silent, limits: { breakerThreshold: 3, breakerOpenMs: 60_000 } });
    for (let index = 0; index < 3; index++) {
      await test.run([{ task_id: `a${index}`, capability: "step.safe", retry: { max_attempts: 1 } }]);
      await test.error(test.request(`a${index}`), { code: "UNAVAILABLE", retryable: true });
    }
    const waiting = await test.run([{ task_id: "held", capability: "step.safe" }]);
    expect(test.timesSent("held")).toBe(0);
    expect((await test.plan(waiting)).plan.status).toBe("running");
    await test.run([{ task_id: "other", capability: "step.other" }]);
    expect(test.timesSent("other")).toBe(1);
    await test.clock.advance(66_000);
    expect(test.timesSent("held")).toBe(1);
  });

  it("has a person settle a doubt, and refuses an agent's word for it", async () => {
    for (const outcome of ["succeeded", "failed", "run_again"] as const) {
      const test = await one("step.once");
      await test.beginEffect(test.request("a"));
      await test.clock.advance(5001);
      const resolve = { kind: "resolve", planId: test.planId, taskId: "a", outcome, output: { n: 9 }, reason: "looked" } as const;
      await expect(test.engine.command(AGENT, resolve)).rejects.toMatchObject({ code: "FORBIDDEN" });
      const keyBefore = test.request("a").message.payload.idempotency_key;
      await test.engine.command(ADA, resolve);
      await test.settle();
      if (outcome === "succeeded") expect((await test.plan(test.planId)).output).toEqual({ n: 9 });
      if (outcome === "failed") expect((await test.plan(test.planId)).plan.status).toBe("failed");
      if (outcome !== "run_again") continue;
      expect(test.timesSent("a")).toBe(2);
      expect(test.request("a").message.payload).toMatchObject({ generation: 2 });
      expect(test.request("a").message.payload.idempotency_key).not.toBe(keyBefore);
    }
  });

  it("refuses to settle what is not in doubt", async () => {
    const test = await one("step.once");
    const resolve = test.engine.command(ADA, { kind: "resolve", planId: test.planId, taskId: "a", outcome: "failed", reason: "x" });
    await expect(resolve).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("drops what an agent says when it is not a message", async () => {
    const test = await one("step.safe");
    const { plan_id, task_id, payload } = test.request("a").message;
    const { attempt, lease_token } = payload;
    for (const bad of [
      null,
      {},
      { type: "TASK_RESULT" },
      { type: "TASK_RESULT", plan_id, task_id, payload: { attempt, lease_token, output: 1, run_ms: Number.NaN } },
    ]) {
      test.engine.receive(quiet.id, { plan_id, ...bad } as never);
    }
    await test.settle();
    expect(await test.status()).toBe("running");
    expect(await test.types(test.planId)).toHaveLength(3);
  });

  it("fails a task whose output is not JSON that can be kept, and goes on", async () => {
    const test = await one("step.safe");
    await test.result(test.request("a"), { text: "\ud800" });
    expect((await test.plan(test.planId)).error).toMatchObject({ code: "BAD_REQUEST" });
  });
});

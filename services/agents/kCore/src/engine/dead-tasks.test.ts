import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, openTestEngine, type TestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const retry = { max_attempts: 3, backoff_ms: 1, max_backoff_ms: 1 };
const quiet = testAgent([testCapability("step.safe", Any, Any, never, { retry, timeout_ms: 5000 })]);
const silent = { agents: [quiet], silent: [quiet.id] };

async function die(test: TestEngine, taskId: string): Promise<void> {
  const { plan_id, task_id, payload } = test.request(taskId).message;
  test.engine.lost([{ planId: plan_id, taskId: task_id, leaseToken: payload.lease_token, reason: "exit code 139" }]);
  await test.clock.advance(2);
}

const dead = (test: TestEngine, more: { tenant?: string; limit?: number; cursor?: string } = {}) =>
  test.engine.queries.deadTasks({ tenant: "local", ...more });

describe("dead letters", () => {
  it("[R118] are the tasks that lost their worker on every attempt, with what is needed to go on", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "poison", capability: "step.safe" }], { goal: "count all" });
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect((await dead(test)).items).toEqual([]);
      await die(test, "poison");
    }
    const [one] = (await dead(test)).items;
    expect(one).toMatchObject({
      plan_id: planId,
      task_id: "poison",
      goal: "count all",
      plan_status: "failed",
      attempts: 3,
      cause: "worker_lost",
    });
    expect(one).toMatchObject({ capability: "step.safe", agent: quiet.id, error: { code: "RESOURCE_LIMIT_EXCEEDED", plan_id: planId } });
    expect(one).not.toHaveProperty("retried_as");
    expect((await dead(test, { tenant: "other" })).items).toEqual([]);
    const { plan_id: again } = await test.engine.rerun({ caller: ADA, planId, kind: "retry" });
    await test.settle();
    expect((await dead(test)).items).toMatchObject([{ plan_id: planId, retried_as: again }]);
  });

  it("are not those that once answered, be it with an error, or only took too long", async () => {
    const test = await openTestEngine(silent);
    await test.run([{ task_id: "answered", capability: "step.safe" }]);
    await test.error(test.request("answered"), { code: "UNAVAILABLE", retryable: true });
    await test.clock.advance(2);
    await die(test, "answered");
    await die(test, "answered");
    const late = await test.run([{ task_id: "late", capability: "step.safe" }]);
    for (let attempt = 1; attempt <= 3; attempt++) await test.clock.advance(5010);
    expect((await test.plan(late)).plan.status).toBe("failed");
    expect((await dead(test)).items).toEqual([]);
  });

  it("are also single items of a list, whose plan may have gone on without them", async () => {
    const test = await openTestEngine(silent);
    const each = { task_id: "each", capability: "step.safe", for_each: { items: [1, 2], on_item_error: "skip" as const } };
    const planId = await test.run([each]);
    await test.result(test.request("each[0]"), 1);
    for (let attempt = 1; attempt <= 3; attempt++) await die(test, "each[1]");
    expect((await test.plan(planId)).plan.status).toBe("succeeded");
    expect((await dead(test)).items).toMatchObject([{ task_id: "each[1]", plan_status: "succeeded" }]);
  });

  it("are listed page by page, newest first, and outlive the engine", async () => {
    const before = await openTestEngine(silent);
    for (const name of ["first", "second", "third"]) {
      await before.run([{ task_id: name, capability: "step.safe", retry: { max_attempts: 1 } }]);
      await die(before, name);
    }
    const test = await before.reopen();
    const page = await dead(test, { limit: 2 });
    expect(page.items.map((task) => task.task_id)).toEqual(["third", "second"]);
    const rest = await dead(test, { limit: 2, cursor: page.next_cursor ?? "" });
    expect(rest.items.map((task) => task.task_id)).toEqual(["first"]);
    expect(rest.next_cursor).toBeNull();
    await expect(dead(test, { cursor: "nonsense" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});

import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, graphOf, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const quiet = testAgent([
  testCapability("step.wait", Any, Any, () => Promise.reject(new Error("the test answers")), {
    timeout_ms: 60_000,
    retry: { max_attempts: 1 },
  }),
]);

describe("what the owner bounds", () => {
  it("[C51] [R117] refuses a further plan while as many are open as may be, and takes one when one has ended", async () => {
    const test = await openTestEngine({ agents: [quiet], silent: [quiet.id], limits: { openPlans: 2 } });
    const first = await test.run([{ task_id: "a", capability: "step.wait" }]);
    await test.run([{ task_id: "b", capability: "step.wait" }], { start: false });
    await expect(test.run([{ task_id: "c", capability: "step.wait" }])).rejects.toMatchObject({
      code: "UNAVAILABLE",
      retryable: true,
      message: expect.stringContaining("limits.open_plans"),
    });
    await expect(test.engine.rerun({ caller: ADA, planId: first, kind: "fork", from: "a" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    for (const [done, next] of [
      ["a", "d"],
      ["d", "e"],
    ] as const) {
      await test.result(test.request(done), 1);
      await test.run([{ task_id: next, capability: "step.wait" }]);
      expect(test.timesSent(next)).toBe(1);
      await expect(test.run([{ task_id: "f", capability: "step.wait" }])).rejects.toMatchObject({ code: "UNAVAILABLE" });
    }
  });

  it("[C51] answers a repeated request for a plan that is there, however many are open", async () => {
    const test = await openTestEngine({ agents: [quiet], silent: [quiet.id], limits: { openPlans: 1 } });
    const graph = graphOf([{ task_id: "a", capability: "step.wait" }]);
    const submit = (key: string) =>
      test.engine.submit({ caller: ADA, graph, start: true, idempotency: { key, route: "r", bodyHash: "sha256:1" } });
    const { plan_id } = await submit("one");
    expect((await submit("one")).plan_id).toBe(plan_id);
    await expect(submit("two")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("[C52] ends an attempt at the owner's bound, whatever capability and task say", async () => {
    const test = await openTestEngine({ agents: [quiet], silent: [quiet.id] });
    test.engine.registry.register({
      id: quiet.id,
      class: quiet.class,
      version: quiet.version,
      description: quiet.description,
      key: "did:key:z",
      maxTasks: 4,
      local: true,
      capabilities: [...quiet.capabilities.values()].map(({ description }) => ({ description, maxTimeoutMs: 2000 })),
    });
    const planId = await test.run([{ task_id: "a", capability: "step.wait", timeout_ms: 30_000 }]);
    expect(test.request("a").message.payload.timeout_ms).toBe(2000);
    await test.clock.advance(20_000);
    expect((await test.plan(planId)).tasks[0]?.error?.code).toBe("TIMEOUT");
  });
});

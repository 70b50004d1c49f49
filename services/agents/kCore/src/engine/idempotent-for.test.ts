import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const retry = { max_attempts: 9, backoff_ms: 1, max_backoff_ms: 1 };
const LIFETIME_MS = 60_000;
const basis = { retry, timeout_ms: 500_000, idempotent: false, isIdempotent: () => true } as const;
const quiet = testAgent([
  testCapability("send.keyed", Any, Any, never, { ...basis, idempotentForMs: () => LIFETIME_MS }),
  testCapability("send.always", Any, Any, never, basis),
  testCapability("send.broken", Any, Any, never, {
    ...basis,
    idempotentForMs: () => {
      throw new Error("a bug");
    },
  }),
]);

async function one(capability = "send.keyed") {
  // Leases do not end by themselves here: each test cuts its calls off when it means to.
  const test = await openTestEngine({ agents: [quiet], silent: [quiet.id], limits: { leaseMs: 400_000 } });
  const planId = await test.run([{ task_id: "a", capability }]);
  return {
    ...test,
    planId,
    async cutOff() {
      const { plan_id, task_id, payload } = test.request("a").message;
      test.engine.lost([{ planId: plan_id, taskId: task_id, leaseToken: payload.lease_token, reason: "killed" }]);
      await test.clock.advance(2);
    },
    task: async () => (await test.plan(planId)).tasks[0],
  };
}

const allowed = (test: Awaited<ReturnType<typeof one>>): number =>
  test.sent.filter(({ message }) => message.type === "RESULT_ACK" && message.payload.of === "effect").length;

describe("a call that may be repeated for a time only", () => {
  it("is put back when it is cut off within that time", async () => {
    const test = await one();
    await test.beginEffect(test.request("a"));
    await test.clock.advance(LIFETIME_MS - 10);
    await test.cutOff();
    expect(test.timesSent("a")).toBe(2);
  });

  it("ends in doubt when it is cut off later than that after its effect began", async () => {
    const test = await one();
    await test.beginEffect(test.request("a"));
    await test.clock.advance(LIFETIME_MS + 10);
    await test.cutOff();
    expect(await test.task()).toMatchObject({ status: "in_doubt" });
    expect(test.timesSent("a")).toBe(1);
  });

  it("counts from the first effect of the generation, not from the newest attempt", async () => {
    const test = await one();
    await test.beginEffect(test.request("a"));
    await test.clock.advance(LIFETIME_MS / 2);
    await test.cutOff();
    await test.beginEffect(test.request("a"));
    await test.clock.advance(LIFETIME_MS / 2 + 10);
    await test.cutOff();
    expect(await test.task()).toMatchObject({ status: "in_doubt" });
    expect(test.timesSent("a")).toBe(2);
  });

  it("ends in doubt instead of being sent when it was put back in time but waited too long", async () => {
    const test = await one();
    await test.beginEffect(test.request("a"));
    await test.engine.command(ADA, { kind: "pause", planId: test.planId });
    await test.cutOff();
    expect(await test.task()).toMatchObject({ status: "ready" });
    await test.clock.advance(LIFETIME_MS + 10);
    await test.engine.command(ADA, { kind: "resume", planId: test.planId });
    await test.settle();
    expect(await test.task()).toMatchObject({ status: "in_doubt", error: { message: expect.stringContaining("no longer remembers") } });
    expect(test.timesSent("a")).toBe(1);
  });

  it("gets no leave for a second effect that would come too late", async () => {
    const test = await one();
    await test.beginEffect(test.request("a"));
    await test.cutOff();
    await test.clock.advance(LIFETIME_MS);
    const before = allowed(test);
    await test.beginEffect(test.request("a"));
    expect(allowed(test)).toBe(before);
    expect(test.sent.at(-1)?.message.type).toBe("TASK_CANCEL");
    await test.error(test.request("a"), { code: "CANCELLED" });
    expect(await test.task()).toMatchObject({ status: "in_doubt" });
  });

  it("is put back however late it is while no effect has begun", async () => {
    const test = await one();
    await test.clock.advance(LIFETIME_MS * 2);
    await test.cutOff();
    await test.beginEffect(test.request("a"));
    expect(test.timesSent("a")).toBe(2);
    expect(allowed(test)).toBe(1);
  });

  it("counts anew in a new generation, which has another key", async () => {
    const test = await one();
    await test.beginEffect(test.request("a"));
    await test.clock.advance(LIFETIME_MS + 10);
    await test.cutOff();
    await test.engine.command(ADA, { kind: "resolve", planId: test.planId, taskId: "a", outcome: "run_again", reason: "nothing there" });
    await test.settle();
    await test.beginEffect(test.request("a"));
    await test.cutOff();
    expect(test.timesSent("a")).toBe(3);
  });

  it("ends in doubt after a restart that came too late", async () => {
    const before = await one();
    await before.beginEffect(before.request("a"));
    before.crash();
    await before.clock.advance(LIFETIME_MS + 10);
    const test = await before.reopen();
    await test.settle();
    expect((await test.plan(before.planId)).tasks[0]?.status).toBe("in_doubt");
    expect(test.sent).toEqual([]);
  });

  it("stays in doubt until its late answer comes", async () => {
    const test = await one();
    await test.beginEffect(test.request("a"));
    await test.clock.advance(LIFETIME_MS + 10);
    await test.cutOff();
    await test.result(test.request("a"), { n: 1 });
    expect((await test.plan(test.planId)).plan.status).toBe("succeeded");
  });

  it("is put back however late it is where the other side remembers for ever, and at once in doubt where the capability cannot say", async () => {
    const always = await one("send.always");
    await always.beginEffect(always.request("a"));
    await always.clock.advance(LIFETIME_MS * 5);
    await always.cutOff();
    expect(always.timesSent("a")).toBe(2);
    const broken = await one("send.broken");
    await broken.beginEffect(broken.request("a"));
    await broken.clock.advance(1);
    await broken.cutOff();
    expect(await broken.task()).toMatchObject({ status: "in_doubt" });
  });
});

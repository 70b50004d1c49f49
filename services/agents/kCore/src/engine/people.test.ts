import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, graphOf, openTestEngine, type TestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const retry = { max_attempts: 3, backoff_ms: 0, max_backoff_ms: 0 };
const quiet = testAgent([
  testCapability("step.safe", Any, Any, never, { retry, timeout_ms: 5000 }),
  testCapability("step.once", Any, Any, never, { retry, timeout_ms: 5000, idempotent: false, max_concurrent: 1 }),
]);
const silent = { agents: [quiet], silent: [quiet.id] };

async function openOf(test: TestEngine, planId: string) {
  const [approval] = (await test.plan(planId)).approvals.filter((one) => one.status === "open");
  if (approval === undefined) throw new Error("nothing is asked");
  return approval;
}

async function approve(test: TestEngine, planId: string): Promise<void> {
  const { approval_id: approvalId, digest } = await openOf(test, planId);
  await test.engine.command(ADA, { kind: "decide", approvalId, decision: "approve", digest });
  await test.settle();
}

describe("approvals and questions", () => {
  it("[R100] asks once for a call, dispatches it once, and shows what it approved", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.safe", params: { to: "x" }, approval: { reason: "it costs money" } }]);
    expect(test.timesSent("a")).toBe(0);
    expect(await openOf(test, planId)).toMatchObject({
      kind: "call",
      reason: "it costs money",
      subject: { capability: "step.safe", params: { to: "x" }, generation: 1 },
    });
    await approve(test, planId);
    expect(test.timesSent("a")).toBe(1);
    await test.result(test.request("a"), {});
    expect((await test.plan(planId)).approvals).toMatchObject([{ status: "approved", decided_by: "person:ada" }]);
  });

  it.each([
    ["flow.sleep", { ms: 1000 }, "running"],
    ["human.ask", { question: "which?" }, "waiting_input"],
  ])("[R100] asks before %s too, which no agent carries out", async (capability, params, status) => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability, params, approval: { reason: "first ask" } }]);
    expect((await test.plan(planId)).tasks[0]).toMatchObject({ status: "waiting_approval" });
    expect(await openOf(test, planId)).toMatchObject({ kind: "call", reason: "first ask", subject: { capability, params } });
    await test.clock.advance(5000);
    expect((await test.plan(planId)).tasks[0]).toMatchObject({ status: "waiting_approval" });
    await approve(test, planId);
    expect((await test.plan(planId)).tasks[0]).toMatchObject({ status });
  });

  it("[R100] does not wait at all where a wait that needs a yes gets a no", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "flow.sleep", params: { ms: 1000 }, approval: true }]);
    const { approval_id: approvalId, digest } = await openOf(test, planId);
    await test.engine.command(ADA, { kind: "decide", approvalId, decision: "deny", digest });
    await test.settle();
    expect(await test.plan(planId)).toMatchObject({ plan: { status: "failed" }, error: { code: "POLICY_DENIED" } });
    expect(await test.types(planId)).not.toContain("task.timer_set");
  });

  it("[R100] takes the yes to human.approve for the yes to the call itself", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "human.approve", params: { title: "go?" }, approval: true }]);
    await approve(test, planId);
    expect((await test.plan(planId)).plan.status).toBe("succeeded");
  });

  it("[R100] asks again when a decision was not acted on for ten minutes", async () => {
    const test = await openTestEngine(silent);
    const holder = await test.run([{ task_id: "holder", capability: "step.once", timeout_ms: 10_000_000 }]);
    const planId = await test.run([
      { task_id: "a", capability: "step.safe" },
      { task_id: "b", capability: "step.once", approval: true, depends_on: ["a"] },
    ]);
    await test.result(test.request("a"), {});
    // The only slot is taken, so nothing can be asked or dispatched yet.
    await test.result(test.request("holder"), {});
    const first = await openOf(test, planId);
    await test.engine.command(ADA, { kind: "pause", planId });
    await approve(test, planId);
    await test.clock.advance(601_000);
    await test.engine.command(ADA, { kind: "resume", planId });
    await test.settle();
    expect(test.timesSent("b")).toBe(0);
    const again = await openOf(test, planId);
    expect(again.approval_id).not.toBe(first.approval_id);
    expect((await test.engine.queries.approval("local", first.approval_id)).status).toBe("void");
    await approve(test, planId);
    expect(test.timesSent("b")).toBe(1);
    expect(holder).not.toBe(planId);
  });

  it("[R100] does not let an approval serve a second effect of a call that must not happen twice", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.once", approval: true }]);
    await approve(test, planId);
    await test.beginEffect(test.request("a"));
    await test.error(test.request("a"), { code: "RATE_LIMITED", retryable: true });
    await test.clock.advance(1);
    expect(test.timesSent("a")).toBe(1);
    await approve(test, planId);
    expect(test.timesSent("a")).toBe(2);
  });

  it("keeps an approval for another attempt of the same call when nothing had happened", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.once", approval: true }]);
    await approve(test, planId);
    await test.error(test.request("a"), { code: "RATE_LIMITED", retryable: true });
    await test.clock.advance(1);
    expect(test.timesSent("a")).toBe(2);
  });

  it("[R100] asks again when a person says run again: another generation, another digest", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.once", approval: true }]);
    const before = await openOf(test, planId);
    await approve(test, planId);
    await test.beginEffect(test.request("a"));
    await test.clock.advance(5001);
    await test.engine.command(ADA, { kind: "resolve", planId, taskId: "a", outcome: "run_again", reason: "not there" });
    await test.settle();
    expect(test.timesSent("a")).toBe(1);
    expect((await openOf(test, planId)).digest).not.toBe(before.digest);
  });

  it("fails the task that was denied, with who and why", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.safe", approval: true }]);
    const { approval_id: approvalId, digest } = await openOf(test, planId);
    await test.engine.command(ADA, { kind: "decide", approvalId, decision: "deny", digest, reason: "too dear" });
    await test.settle();
    const view = await test.plan(planId);
    expect(view).toMatchObject({ plan: { status: "failed" }, error: { code: "POLICY_DENIED" } });
    expect(view.error?.message).toContain("too dear");
    await expect(test.engine.command(ADA, { kind: "decide", approvalId, decision: "approve", digest })).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  it("voids approvals when the plan is edited, and asks for the new hash before it goes on", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run(
      [
        { task_id: "a", capability: "step.safe" },
        { task_id: "b", capability: "step.safe", depends_on: ["a"] },
      ],
      { approval: true },
    );
    await approve(test, planId);
    await test.engine.command(ADA, { kind: "pause", planId });
    const { plan } = await test.plan(planId);
    const graph = graphOf([
      { task_id: "a", capability: "step.safe" },
      { task_id: "b", capability: "step.safe", depends_on: ["a"], params: { new: true } },
    ]);
    await expect(test.engine.command(ADA, { kind: "change", planId, graph, baseHash: "sha256:other" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await test.engine.command(ADA, { kind: "change", planId, graph, baseHash: plan.hash });
    await test.engine.command(ADA, { kind: "resume", planId });
    await test.result(test.request("a"), {});
    expect(test.timesSent("b")).toBe(0);
    const asked = await openOf(test, planId);
    expect(asked).toMatchObject({ kind: "plan", digest: (await test.plan(planId)).plan.hash });
    expect(asked.digest).not.toBe(plan.hash);
    await approve(test, planId);
    expect(test.request("b").message.payload.params).toEqual({ new: true });
  });

  it("refuses to change or remove what has begun", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.safe" }]);
    const { hash } = (await test.plan(planId)).plan;
    const graph = graphOf([{ task_id: "a", capability: "step.safe", params: { other: 1 } }]);
    await expect(test.engine.command(ADA, { kind: "change", planId, graph, baseHash: hash })).rejects.toMatchObject({ code: "CONFLICT" });
    await test.engine.command(ADA, { kind: "pause", planId });
    await expect(test.engine.command(ADA, { kind: "change", planId, graph, baseHash: hash })).rejects.toMatchObject({
      code: "CONFLICT",
      details: { task_id: "a" },
    });
  });

  it("goes on or fails by a person's no, as the plan wants it", async () => {
    for (const goesOn of [true, false]) {
      const test = await openTestEngine(silent);
      const planId = await test.run(
        [{ task_id: "yes", capability: "human.approve", params: { title: "ok?", ...(goesOn && { continue_on_deny: true }) } }],
        { output: "${yes.approved}" },
      );
      const { approval_id: approvalId, digest } = await openOf(test, planId);
      await test.engine.command(ADA, { kind: "decide", approvalId, decision: "deny", digest });
      await test.settle();
      const view = await test.plan(planId);
      expect(view.plan.status).toBe(goesOn ? "succeeded" : "failed");
      if (goesOn) expect(view.output).toBe(false);
    }
  });

  it("checks an answer against its schema and asks no longer than wanted", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([
      {
        task_id: "ask",
        capability: "human.ask",
        params: { question: "How many?", schema: { type: "integer", minimum: 1 } },
        timeout_ms: 60_000,
      },
    ]);
    const [input] = (await test.plan(planId)).inputs;
    const inputId = input?.input_id ?? "";
    await expect(test.engine.command(ADA, { kind: "answer", inputId, answer: 0 })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await test.clock.advance(61_000);
    const view = await test.plan(planId);
    expect(view).toMatchObject({ plan: { status: "failed" }, error: { code: "TIMEOUT" }, inputs: [{ status: "void" }] });
    await expect(test.engine.command(ADA, { kind: "answer", inputId, answer: 2 })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("leaves no question open when its plan is cancelled", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([
      { task_id: "ask", capability: "human.ask", params: { question: "?" } },
      { task_id: "yes", capability: "human.approve", params: { title: "?" } },
    ]);
    await test.engine.command(ADA, { kind: "cancel", planId });
    await test.settle();
    const view = await test.plan(planId);
    expect(view.plan.status).toBe("cancelled");
    expect([...view.approvals, ...view.inputs].map((one) => one.status)).toEqual(["void", "void"]);
    expect((await test.engine.queries.approvals({ tenant: "local", status: "open" })).items).toEqual([]);
  });
});

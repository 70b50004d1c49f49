import { KosError } from "@kos/klp";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, AGENT, graphOf, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const Numbers = Type.Object({ n: Type.Integer() });

function calculator(run: (params: { n?: number }) => unknown = ({ n = 0 }) => ({ n: n + 1 })) {
  return testAgent([
    testCapability("calc.add", Type.Object({ n: Type.Optional(Type.Integer()) }), Any, async (params) => run(params as { n?: number })),
  ]);
}

describe("engine", () => {
  it("runs a plan from the submit to its output", async () => {
    const test = await openTestEngine({ agents: [calculator()] });
    const planId = await test.run(
      [
        { task_id: "a", capability: "calc.add", params: { n: 1 } },
        { task_id: "b", capability: "calc.add", params: { n: "${a.n}" } },
        { task_id: "c", capability: "flow.map", params: { sum: "${b.n}" } },
      ],
      { output: { result: "${c.sum}" } },
    );
    const view = await test.plan(planId);
    expect(view.plan.status).toBe("succeeded");
    expect(view.output).toEqual({ result: 3 });
    expect(view.tasks.map((task) => task.status)).toEqual(["succeeded", "succeeded", "succeeded"]);
    expect((await test.engine.queries.task("local", planId, "b")).output).toEqual({ n: 3 });
  });

  it("refuses a plan that does not pass the check, with its findings, and writes nothing", async () => {
    const test = await openTestEngine();
    const submit = test.engine.submit({ caller: ADA, graph: graphOf([{ task_id: "a", capability: "no.such" }]), start: true });
    await expect(submit).rejects.toMatchObject({ code: "UNKNOWN_CAPABILITY" });
    expect((await test.engine.queries.plans({ tenant: "local" })).items).toEqual([]);
  });

  it("keeps results over 1 KiB in the log and over 32 KiB in the blob store, and reads both back", async () => {
    const test = await openTestEngine({
      agents: [
        testAgent([testCapability("text.make", Any, Any, async (params) => ({ text: "x".repeat((params as { size: number }).size) }))]),
      ],
    });
    const planId = await test.run(
      [
        { task_id: "medium", capability: "text.make", params: { size: 5000 } },
        { task_id: "large", capability: "text.make", params: { size: 100_000 } },
        { task_id: "both", capability: "flow.map", params: { medium: "${medium.text}", large: "${large.text}" } },
      ],
      { output: { large: "${both.large}", medium: "${both.medium}" } },
    );
    const view = await test.plan(planId);
    expect(view.plan.status).toBe("succeeded");
    expect(test.blobs.size).toBeGreaterThanOrEqual(2);
    const both = (await test.engine.queries.task("local", planId, "medium")).output as { text: string };
    expect(both.text).toHaveLength(5000);
  });

  it("fans out over a list and joins", async () => {
    const test = await openTestEngine({ agents: [calculator()] });
    const planId = await test.run(
      [{ task_id: "each", capability: "calc.add", params: { n: "${item}" }, for_each: Array.from({ length: 300 }, (_, n) => n) }],
      {
        output: "${each}",
      },
    );
    const view = await test.plan(planId);
    expect(view.plan.status).toBe("succeeded");
    expect(view.output).toEqual(Array.from({ length: 300 }, (_, n) => ({ n: n + 1 })));
    expect(view.tasks[0]).toMatchObject({ items_total: 300, items_done: 300 });
  });

  it("[R112] makes one plan of a hundred submissions under one key, and refuses the key for another body", async () => {
    const test = await openTestEngine({ agents: [calculator()] });
    const graph = graphOf([{ task_id: "a", capability: "calc.add" }]);
    const idempotency = { key: "k", route: "POST /agent/task", bodyHash: "sha256:1" };
    const accepted = await Promise.all(
      Array.from({ length: 100 }, () => test.engine.submit({ caller: ADA, graph, start: true, idempotency })),
    );
    expect(new Set(accepted.map((one) => one.plan_id)).size).toBe(1);
    const other = test.engine.submit({ caller: ADA, graph, start: true, idempotency: { ...idempotency, bodyHash: "sha256:2" } });
    await expect(other).rejects.toMatchObject({ code: "CONFLICT" });
    const again = await test.reopen();
    expect((await again.engine.submit({ caller: ADA, graph, start: true, idempotency })).plan_id).toBe(accepted[0]?.plan_id);
    const elsewhere = await again.engine.submit({ caller: { ...ADA, id: "person:bob" }, graph, start: true, idempotency });
    expect(elsewhere.plan_id).not.toBe(accepted[0]?.plan_id);
  });

  it("goes on after a crash without running a finished step again", async () => {
    const runs: number[] = [];
    const hang = { on: true };
    const agent = calculator(({ n = 0 }) => {
      runs.push(n);
      return n === 2 && hang.on ? new Promise(() => undefined) : { n: n + 1 };
    });
    const test = await openTestEngine({ agents: [agent] });
    const planId = await test.run(
      [
        { task_id: "a", capability: "calc.add", params: { n: 1 } },
        { task_id: "b", capability: "calc.add", params: { n: "${a.n}" } },
      ],
      { output: "${b.n}" },
    );
    expect(runs).toEqual([1, 2]);
    hang.on = false;
    const again = await test.reopen();
    await again.settle();
    expect(runs).toEqual([1, 2, 2]);
    expect((await again.plan(planId)).output).toBe(3);
  });

  it("waits for people: a question, an approval of a task, an approval of the plan", async () => {
    const test = await openTestEngine({ agents: [calculator()] });
    const planId = await test.run(
      [
        { task_id: "ask", capability: "human.ask", params: { question: "Which?", choices: ["a", "b"] } },
        { task_id: "yes", capability: "human.approve", params: { title: "Sure about ${ask.answer}?" } },
      ],
      { output: { chosen: "${ask.answer}", approved: "${yes.approved}" }, approval: true },
    );
    expect((await test.plan(planId)).plan.status).toBe("waiting_approval");
    const [planApproval] = (await test.engine.queries.approvals({ tenant: "local", status: "open" })).items;
    expect(planApproval).toMatchObject({ kind: "plan", digest: (await test.plan(planId)).plan.hash });
    await test.engine.command(ADA, {
      kind: "decide",
      approvalId: planApproval?.approval_id ?? "",
      decision: "approve",
      digest: planApproval?.digest ?? "",
    });
    await test.settle();
    const [input] = (await test.engine.queries.inputs({ tenant: "local", status: "open" })).items;
    const wrong = test.engine.command(ADA, { kind: "answer", inputId: input?.input_id ?? "", answer: "c" });
    await expect(wrong).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await test.engine.command(ADA, { kind: "answer", inputId: input?.input_id ?? "", answer: "b" });
    await test.settle();
    const [approval] = (await test.engine.queries.approvals({ tenant: "local", status: "open" })).items;
    expect(approval?.title).toBe("Sure about b?");
    await test.engine.command(ADA, {
      kind: "decide",
      approvalId: approval?.approval_id ?? "",
      decision: "approve",
      digest: approval?.digest ?? "",
    });
    await test.settle();
    expect((await test.plan(planId)).output).toEqual({ chosen: "b", approved: true });
  });

  it("[R100] takes no decision from an agent and none for another digest", async () => {
    const test = await openTestEngine({ agents: [calculator()] });
    await test.run([{ task_id: "a", capability: "calc.add", approval: true }]);
    const [approval] = (await test.engine.queries.approvals({ tenant: "local" })).items;
    const { approval_id: approvalId = "", digest = "" } = approval ?? {};
    await expect(test.engine.command(AGENT, { kind: "decide", approvalId, decision: "approve", digest })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const other = `sha256:${"0".repeat(64)}`;
    await expect(test.engine.command(ADA, { kind: "decide", approvalId, decision: "approve", digest: other })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect((await test.engine.queries.approval("local", approvalId)).status).toBe("open");
  });

  it("fires a durable timer once, also over a restart", async () => {
    const test = await openTestEngine();
    const planId = await test.run([{ task_id: "wait", capability: "flow.sleep", params: { ms: 3_600_000 } }]);
    expect((await test.plan(planId)).plan.status).toBe("running");
    const again = await test.reopen();
    await again.clock.advance(3_599_000);
    expect((await again.plan(planId)).plan.status).toBe("running");
    await again.clock.advance(10_000);
    const view = await again.plan(planId);
    expect(view.plan.status).toBe("succeeded");
    const events = await again.engine.queries.events("local", planId);
    expect(events.items.filter((event) => event.type === "task.timer_fired")).toHaveLength(1);
  });

  it("[R103] stops at a budget with the reason, and remembers over a restart what was used", async () => {
    const test = await openTestEngine({ agents: [calculator()], silent: ["kExecutor:test"] });
    const names = ["a", "b", "c"];
    const tasks = names.map((task_id, index) => ({ task_id, capability: "calc.add", depends_on: names.slice(0, index) }));
    const planId = await test.run(tasks, { budget: { attempts: 2 } });
    await test.result(test.request("a"), {});
    await test.result(test.request("b"), {});
    expect(test.timesSent("c")).toBe(0);
    expect(await test.plan(planId)).toMatchObject({ plan: { status: "failed" }, error: { code: "BUDGET_EXCEEDED" } });
    const other = await test.run(tasks, { budget: { attempts: 2 } });
    await test.result(test.request("a"), {});
    const again = await test.reopen();
    await again.settle();
    // The call that ran when the engine ended used nothing; it is made again, and then the budget is used up.
    await again.result(again.request("b"), {});
    const view = await again.plan(other);
    expect(view).toMatchObject({ plan: { status: "failed" }, error: { code: "BUDGET_EXCEEDED" } });
    expect(view.tasks.map((task) => task.status)).toEqual(["succeeded", "succeeded", "cancelled"]);
  });

  it("does not show a plan to another tenant ([R29])", async () => {
    const test = await openTestEngine({ agents: [calculator()] });
    const planId = await test.run([{ task_id: "a", capability: "calc.add", approval: true }]);
    await expect(test.engine.queries.plan("other", planId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(test.engine.queries.events("other", planId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(test.engine.command({ ...ADA, tenant: "other" }, { kind: "cancel", planId })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await test.engine.queries.approvals({ tenant: "other" })).items).toEqual([]);
    expect((await test.engine.queries.plans({ tenant: "other" })).items).toEqual([]);
  });

  it("retries what failed and keeps what was done", async () => {
    const runs: string[] = [];
    const broken = { on: true };
    const agent = testAgent([
      testCapability("step.one", Any, Numbers, async () => (runs.push("one"), { n: 1 })),
      testCapability("step.two", Any, Numbers, async () => {
        runs.push("two");
        if (broken.on) throw new KosError("BAD_REQUEST", "broken");
        return { n: 2 };
      }),
    ]);
    const test = await openTestEngine({ agents: [agent] });
    const planId = await test.run(
      [
        { task_id: "a", capability: "step.one" },
        { task_id: "b", capability: "step.two", params: { n: "${a.n}" } },
      ],
      { output: "${b.n}" },
    );
    expect((await test.plan(planId)).plan.status).toBe("failed");
    broken.on = false;
    const retried = await test.engine.rerun({ caller: ADA, planId, kind: "retry" });
    await test.settle();
    const view = await test.plan(retried.plan_id);
    expect(view.plan.status).toBe("succeeded");
    expect(view.output).toBe(2);
    expect(runs).toEqual(["one", "two", "two"]);
  });

  it("says what would have its effect again before it forks, and what has changed since", async () => {
    const posts: string[] = [];
    const post = testCapability(
      "web.post",
      Any,
      Any,
      async (_, context) => {
        await context.beginEffect();
        posts.push(context.idempotencyKey);
        return {};
      },
      { effects: ["net.write"] },
    );
    const test = await openTestEngine({ agents: [testAgent([post])] });
    const planId = await test.run([{ task_id: "send", capability: "web.post" }]);
    const fork = test.engine.rerun({ caller: ADA, planId, kind: "fork", from: "send" });
    await expect(fork).rejects.toMatchObject({ code: "CONFLICT", details: { effects: [{ task_id: "send" }] } });
    expect(posts).toHaveLength(1);
    await test.engine.rerun({ caller: ADA, planId, kind: "fork", from: "send", confirmEffects: true });
    await test.settle();
    expect(new Set(posts).size).toBe(2);
    const newer = await openTestEngine({ store: test.store, clock: test.clock, agents: [{ ...testAgent([post]), version: "2.0.0" }] });
    const changed = newer.engine.rerun({ caller: ADA, planId, kind: "fork", from: "send", confirmEffects: true });
    await expect(changed).rejects.toMatchObject({
      code: "DEFINITION_CHANGED",
      details: { stale: [{ name: "web.post", recorded: "1.0.0", current: "2.0.0" }] },
    });
  });

  it("[R120] takes nothing new while it closes, and lets what is under way reach the disk", async () => {
    const gate = Promise.withResolvers<unknown>();
    const test = await openTestEngine({ agents: [calculator(() => gate.promise)] });
    const planId = await test.run([
      { task_id: "a", capability: "calc.add" },
      { task_id: "b", capability: "calc.add", depends_on: ["a"] },
    ]);
    const closed = test.engine.close(10_000);
    const late = test.engine.submit({ caller: ADA, graph: graphOf([{ task_id: "a", capability: "calc.add" }]), start: true });
    await expect(late).rejects.toMatchObject({ code: "UNAVAILABLE" });
    gate.resolve({ n: 5 });
    await test.clock.advance(1000);
    await closed;
    const view = await test.plan(planId);
    expect(view.tasks.map((task) => task.status)).toEqual(["succeeded", "ready"]);
  });

  it("stays whole when an agent beside it answers within the call that asks it", async () => {
    const test = await openTestEngine({ agents: [calculator()], silent: ["kExecutor:test"] });
    const { engine, sent } = test;
    // Answers before `send` has returned.
    sent.push = (...entries) => {
      for (const { agent, message } of entries) {
        if (!("capability" in message.payload)) continue;
        const { attempt, lease_token } = message.payload;
        const { plan_id, task_id } = message;
        engine.receive(agent, { type: "TASK_RESULT", plan_id, task_id, payload: { attempt, lease_token, output: { n: 1 }, run_ms: 0 } });
      }
      return Array.prototype.push.apply(sent, entries);
    };
    const planId = await test.run([{ task_id: "each", capability: "calc.add", for_each: Array.from({ length: 50 }, (_, n) => n) }], {
      output: "${each[49].n}",
    });
    expect(await test.plan(planId)).toMatchObject({ plan: { status: "succeeded" }, output: 1 });
  });
});

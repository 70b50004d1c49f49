import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, AGENT, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const retry = { max_attempts: 3, backoff_ms: 0, max_backoff_ms: 0 };
const quiet = testAgent([
  testCapability("step.safe", Any, Any, never, { retry, timeout_ms: 500_000, effects: ["net.read"] }),
  testCapability("step.pure", Any, Any, never, { retry }),
  testCapability("step.once", Any, Any, never, { retry, timeout_ms: 500_000, idempotent: false }),
]);
const reviewer = testAgent([testCapability("review.check", Any, Any, never)], "main", "kReviewer");
const silent = { agents: [quiet, reviewer], silent: [quiet.id, reviewer.id] };

async function open() {
  const test = await openTestEngine(silent);
  const status = async (planId: string) => (await test.plan(planId)).plan.status;
  return { ...test, status };
}

describe("life of a plan", () => {
  it("keeps a draft until it is started, and can be edited meanwhile", async () => {
    const test = await open();
    const planId = await test.run([{ task_id: "a", capability: "step.safe" }], { start: false });
    expect(await test.status(planId)).toBe("draft");
    expect(test.timesSent("a")).toBe(0);
    const { plan } = await test.plan(planId);
    const graph = {
      goal: "test",
      strategy: "explicit" as const,
      output: null,
      tasks: plan.tasks.map((task) => ({ ...task, params: { now: 1 } })),
    };
    await test.engine.command(ADA, { kind: "change", planId, graph, baseHash: plan.hash });
    await test.engine.command(ADA, { kind: "start", planId });
    await test.settle();
    expect(test.request("a").message.payload.params).toEqual({ now: 1 });
    await expect(test.engine.command(ADA, { kind: "start", planId })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("starts nothing new while paused, lets what runs end, and goes on", async () => {
    const test = await open();
    const planId = await test.run([
      { task_id: "a", capability: "step.safe" },
      { task_id: "b", capability: "step.safe", depends_on: ["a"] },
    ]);
    await test.engine.command(ADA, { kind: "pause", planId });
    await test.result(test.request("a"), {});
    expect(await test.status(planId)).toBe("paused");
    expect(test.timesSent("b")).toBe(0);
    const again = await test.reopen();
    expect((await again.plan(planId)).plan.status).toBe("paused");
    await again.engine.command(ADA, { kind: "resume", planId });
    await again.settle();
    expect(again.timesSent("b")).toBe(1);
  });

  it("cancels what runs at once where nothing has happened, and waits for the answer where something may have", async () => {
    const test = await open();
    const planId = await test.run([
      { task_id: "clean", capability: "step.once" },
      { task_id: "begun", capability: "step.once" },
      { task_id: "later", capability: "step.safe", depends_on: ["begun"] },
    ]);
    await test.beginEffect(test.request("begun"));
    await test.engine.command(ADA, { kind: "cancel", planId, reason: "enough" });
    await test.settle();
    const cancels = test.sent.filter(({ message }) => message.type === "TASK_CANCEL").map(({ message }) => message.task_id);
    expect(cancels.sort()).toEqual(["begun", "clean"]);
    expect((await test.plan(planId)).tasks.map((task) => task.status)).toEqual(["cancelled", "running", "pending"]);
    await test.result(test.request("begun"), { done: true });
    const view = await test.plan(planId);
    expect(view.plan.status).toBe("cancelled");
    expect(view.tasks.map((task) => task.status)).toEqual(["cancelled", "succeeded", "cancelled"]);
    expect(view.error?.message).toContain("enough");
  });

  it("ends in doubt when a cancelled call that had begun never answers", async () => {
    const test = await open();
    const planId = await test.run([{ task_id: "a", capability: "step.once" }]);
    await test.beginEffect(test.request("a"));
    await test.engine.command(ADA, { kind: "cancel", planId });
    await test.clock.advance(11_000);
    expect(await test.status(planId)).toBe("in_doubt");
    await test.engine.command(ADA, { kind: "resolve", planId, taskId: "a", outcome: "succeeded", reason: "it is there" });
    await test.settle();
    expect(await test.status(planId)).toBe("cancelled");
  });

  it("cancels one task; the plan fails, for what needs it cannot run", async () => {
    const test = await open();
    const planId = await test.run([
      { task_id: "a", capability: "step.safe" },
      { task_id: "b", capability: "step.safe" },
      { task_id: "c", capability: "step.safe", depends_on: ["a"] },
    ]);
    await test.engine.command(ADA, { kind: "cancel", planId, taskId: "a", reason: "not that" });
    await test.result(test.request("b"), {});
    const view = await test.plan(planId);
    expect(view).toMatchObject({ plan: { status: "failed" }, error: { code: "CANCELLED", task_id: "a" } });
    await expect(test.engine.command(ADA, { kind: "cancel", planId, taskId: "a" })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(test.engine.command(ADA, { kind: "cancel", planId })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("[R106] adds work below a running task, inside its rights, and lets what follows wait for it", async () => {
    const test = await open();
    const planId = await test.run([
      { task_id: "parent", capability: "step.safe" },
      { task_id: "after", capability: "step.safe", depends_on: ["parent"] },
    ]);
    const add = (tasks: object[]) =>
      test.engine.command(AGENT, {
        kind: "addSubtasks",
        planId,
        taskId: "parent",
        graph: {
          goal: "",
          strategy: "explicit",
          output: null,
          tasks: tasks.map((task) => ({ title: "t", params: {}, depends_on: [], ...task })) as never,
        },
      });
    await expect(add([{ task_id: "x", capability: "web.unknown" }])).rejects.toMatchObject({ code: "UNKNOWN_CAPABILITY" });
    await expect(add([{ task_id: "x", capability: "human.ask", params: { question: "?" } }])).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(add([{ task_id: "x", capability: "step.pure", depends_on: ["parent"] }])).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(add([{ task_id: "after", capability: "step.pure" }])).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await add([{ task_id: "child", capability: "step.pure", params: { n: 1 } }]);
    await add([{ task_id: "child", capability: "step.pure", params: { n: 1 } }]);
    await test.settle();
    expect(test.timesSent("child")).toBe(1);
    await test.result(test.request("parent"), {});
    expect(test.timesSent("after")).toBe(0);
    await test.result(test.request("child"), {});
    expect(test.timesSent("after")).toBe(1);
    expect((await test.plan(planId)).tasks.find((task) => task.task_id === "child")).toMatchObject({
      parent_id: "parent",
      status: "succeeded",
    });
    await expect(add([{ task_id: "late", capability: "step.pure" }])).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("[R106] refuses subtasks below the eighth level", async () => {
    const test = await open();
    const planId = await test.run([{ task_id: "d0", capability: "step.pure" }]);
    const add = (depth: number) =>
      test.engine.command(AGENT, {
        kind: "addSubtasks",
        planId,
        taskId: `d${depth - 1}`,
        graph: {
          goal: "",
          strategy: "explicit",
          output: null,
          tasks: [{ task_id: `d${depth}`, title: "t", capability: "step.pure", params: {}, depends_on: [] }],
        },
      });
    for (let depth = 1; depth <= 8; depth++) {
      await add(depth);
      await test.settle();
    }
    await expect(add(9)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("gives a reviewer the result, and the agent its findings for another round", async () => {
    const test = await open();
    const planId = await test.run(
      [
        {
          task_id: "a",
          capability: "step.pure",
          params: { n: 1 },
          review: { criteria: [{ kind: "assert", expression: "output.n > params.n" }] },
        },
      ],
      { output: "${a.n}" },
    );
    await test.result(test.request("a"), { n: 0 });
    expect((await test.plan(planId)).tasks[0]?.status).toBe("reviewing");
    const review = test.request("a");
    expect(review.agent).toBe("kReviewer:main");
    expect(review.message.payload.params).toMatchObject({ output: { n: 0 }, values: { params: { n: 1 } }, round: 1 });
    const rejected = { accepted: false, score: 0, findings: [{ criterion: "c", severity: "error", message: "n is too small" }], round: 1 };
    await test.result(review, rejected);
    const second = test.request("a");
    expect(second.message.payload).toMatchObject({ capability: "step.pure", generation: 2, feedback: ["n is too small"] });
    await test.result(second, { n: 2 });
    await test.result(test.request("a"), { accepted: true, score: 1, findings: [], round: 2 });
    expect(await test.plan(planId)).toMatchObject({ plan: { status: "succeeded" }, output: 2, tasks: [{ verdict: { accepted: true } }] });
  });

  it("tries the fallback once when the rounds are used up, then asks a person", async () => {
    const test = await open();
    const fallback = { capability: "step.safe", params: { simple: true } };
    const planId = await test.run(
      [
        {
          task_id: "a",
          capability: "step.pure",
          review: { criteria: [{ kind: "assert", expression: "output.ok" }], max_rounds: 1, fallback },
        },
      ],
      { output: "${a.n}" },
    );
    const rejected = { accepted: false, score: 0, findings: [{ criterion: "c", severity: "error", message: "no" }], round: 1 };
    await test.result(test.request("a"), { n: 1 });
    await test.result(test.request("a"), rejected);
    expect(test.request("a").message.payload).toMatchObject({ capability: "step.safe", params: { simple: true } });
    await test.result(test.request("a"), { n: 2 });
    await test.result(test.request("a"), rejected);
    const view = await test.plan(planId);
    expect(view.plan.status).toBe("waiting_input");
    expect(view.inputs[0]?.choices).toEqual(["accept", "retry", "fail"]);
    await test.engine.command(ADA, { kind: "answer", inputId: view.inputs[0]?.input_id ?? "", answer: "accept" });
    await test.settle();
    expect(await test.plan(planId)).toMatchObject({ plan: { status: "succeeded" }, output: 2 });
  });

  it("reviews the plan's own output before it ends, and a person may reject it", async () => {
    const test = await open();
    const planId = await test.run([{ task_id: "a", capability: "step.pure" }], {
      output: "${a}",
      criteria: [{ kind: "assert", expression: "output.n == a.n" }],
    });
    await test.result(test.request("a"), { n: 1 });
    const review = test.request("output");
    expect(review.message.payload.params).toMatchObject({ output: { n: 1 }, values: { a: { n: 1 } } });
    await test.result(review, { accepted: false, score: 0, findings: [{ criterion: "c", severity: "error", message: "no" }], round: 1 });
    const [input] = (await test.plan(planId)).inputs;
    await test.engine.command(ADA, { kind: "answer", inputId: input?.input_id ?? "", answer: { decision: "fail" } });
    await test.settle();
    expect(await test.plan(planId)).toMatchObject({ plan: { status: "failed" }, error: { code: "POLICY_DENIED" } });
  });

  it("asks for the review again when the reviewer is lost, a bounded number of times", async () => {
    const test = await open();
    const planId = await test.run([
      { task_id: "a", capability: "step.pure", review: { criteria: [{ kind: "assert", expression: "output.ok" }], on_exhausted: "fail" } },
    ]);
    await test.result(test.request("a"), { n: 1 });
    await test.error(test.request("a"), { code: "UNAVAILABLE", retryable: true });
    await test.clock.advance(5000);
    await test.result(test.request("a"), "not a verdict");
    await test.clock.advance(5000);
    expect(test.timesSent("a")).toBe(4);
    await test.clock.advance(200_000);
    expect(await test.plan(planId)).toMatchObject({ plan: { status: "failed" } });
    expect(test.timesSent("a")).toBe(4);
  });

  it("asks a reviewer again after a restart", async () => {
    const test = await open();
    const planId = await test.run([
      { task_id: "a", capability: "step.pure", review: { criteria: [{ kind: "assert", expression: "output.ok" }] } },
    ]);
    await test.result(test.request("a"), { ok: true });
    const again = await test.reopen();
    await again.settle();
    await again.result(again.request("a"), { accepted: true, score: 1, findings: [], round: 1 });
    expect((await again.plan(planId)).plan.status).toBe("succeeded");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reduceFrame } from "./reduce-frame.ts";
import { type RunState, runStateOf } from "./run-state.ts";
import { frameOf, PLAN_ID, planView, STARTED_AT_MS, type Step, taskView } from "./scripted-run.fixture.ts";

function after(steps: readonly Step[], tasks = [taskView("a"), taskView("b", { depends_on: ["a"] })]): RunState {
  return steps.reduce((state, step, place) => reduceFrame(state, frameOf(step, place + 2)), runStateOf(planView(tasks)));
}

describe("the state of a run", () => {
  it("follows a task through attempts to its end", () => {
    const state = after([
      { event: "task.dispatched", taskId: "a", fields: { attempt: 1 } },
      { event: "task.attempt_failed", taskId: "a", fields: { error: { message: "slow" }, retry_at: "2026-11-22T12:00:09Z" } },
    ]);
    expect(state.tasks.get("a")).toMatchObject({ status: "pending", retries: 1, problem: "slow", retryAtMs: STARTED_AT_MS + 9000 });
    const done = reduceFrame(
      reduceFrame(state, frameOf({ event: "task.dispatched", taskId: "a", fields: { attempt: 2 } }, 4)),
      frameOf({ event: "task.succeeded", taskId: "a" }, 5),
    );
    expect(done.tasks.get("a")).toMatchObject({ status: "succeeded", attempt: 2, retries: 1, endedAtMs: STARTED_AT_MS + 5000 });
    expect(done.tasks.get("a")).not.toHaveProperty("problem");
    expect(done.tasks.get("a")).not.toHaveProperty("retryAtMs");
  });

  it("counts the items of a for_each instead of listing them", () => {
    const state = after([
      { event: "task.expanded", taskId: "a", fields: { count: 3 } },
      { event: "task.succeeded", taskId: "a[0]" },
      { event: "task.failed", taskId: "a[1]" },
      { event: "task.attempt_failed", taskId: "a[2]" },
    ]);
    expect(state.tasks.get("a")).toMatchObject({ items: { total: 3, done: 2, failed: 1 }, retries: 1 });
    expect(state.tasks.size).toBe(2);
  });

  it("takes what waits for a person, and lets go of it once it is decided", () => {
    const asked = after([{ event: "approval.requested", taskId: "a", planStatus: "waiting_approval", fields: { approval_id: "x" } }]);
    expect(asked).toMatchObject({ status: "waiting_approval", approvals: new Set(["x"]) });
    expect(asked.tasks.get("a")?.status).toBe("waiting_approval");
    const decided = reduceFrame(asked, frameOf({ event: "approval.decided", taskId: "a", fields: { approval_id: "x" } }, 3));
    expect(decided.approvals.size).toBe(0);
  });

  it("keeps a rejected result's findings as the reason of the retry", () => {
    const verdict = { accepted: false, score: 0, findings: [{ criterion: "count", severity: "error", message: "12 files, git says 13" }] };
    const state = after([
      { event: "task.dispatched", taskId: "a", fields: { attempt: 1 } },
      { event: "review.requested", taskId: "a" },
      { event: "review.decided", taskId: "a", fields: { verdict, next: "retry", retry_at: "2026-11-22T12:00:09Z" } },
    ]);
    expect(state.tasks.get("a")).toMatchObject({ retries: 1, problem: "12 files, git says 13", verdict });
  });

  it("ends a task, or an item, with the review that accepts it, and with the person who does", () => {
    const verdict = { accepted: true, score: 1, findings: [] };
    const accepted = after([
      { event: "task.expanded", taskId: "b", fields: { count: 2 } },
      { event: "task.dispatched", taskId: "a", fields: { attempt: 1 } },
      { event: "review.requested", taskId: "a" },
      { event: "review.decided", taskId: "a", fields: { verdict, next: "accept" } },
      { event: "review.decided", taskId: "b[0]", fields: { verdict, next: "accept" } },
    ]);
    expect(accepted.tasks.get("a")).toMatchObject({ status: "succeeded", verdict, endedAtMs: STARTED_AT_MS + 5000 });
    expect(accepted.tasks.get("b")?.items).toEqual({ total: 2, done: 1, failed: 0 });
    const asked = after([
      { event: "review.decided", taskId: "a", fields: { verdict: { ...verdict, accepted: false }, next: "ask" } },
      { event: "input.requested", taskId: "a", fields: { input_id: "i" } },
    ]);
    expect(asked.tasks.get("a")?.status).toBe("waiting_input");
    const answer = (decision: string) =>
      reduceFrame(asked, frameOf({ event: "input.answered", taskId: "a", fields: { input_id: "i", answer: { value: { decision } } } }, 9));
    expect(answer("accept").tasks.get("a")?.status).toBe("succeeded");
    expect(answer("retry").tasks.get("a")?.status).toBe("ready");
  });

  it("grows by the subtasks that a task adds", () => {
    const tasks = [{ task_id: "a_1", title: "More", capability: "test.echo", params: {}, depends_on: [] }];
    const state = after([{ event: "subtasks.added", fields: { parent_id: "a", tasks } }]);
    expect(state.tasks.get("a_1")).toMatchObject({ title: "More", status: "pending", parentId: "a" });
  });

  it("shows progress only while the task runs", () => {
    const progress = {
      ...frameOf({ event: "x", taskId: "a" }, 0),
      type: "TASK_PROGRESS" as const,
      payload: { status: "running", data: { fraction: 7, message: "m" } },
    };
    const { seq: _seq, ...transient } = progress;
    const running = after([{ event: "task.dispatched", taskId: "a", fields: { attempt: 1 } }]);
    expect(reduceFrame(running, transient).tasks.get("a")?.progress).toEqual({ fraction: 1, message: "m" });
    expect(reduceFrame(after([]), transient).tasks.get("a")?.progress).toBeUndefined();
  });

  it("ignores frames of other plans and repeats, and never throws, whatever a frame holds", () => {
    const state = after([{ event: "task.dispatched", taskId: "a", fields: { attempt: 1 } }]);
    expect(reduceFrame(state, frameOf({ event: "task.failed", taskId: "a" }, 9, "019a8c3e-7b1a-7000-8000-00000000ffff"))).toBe(state);
    expect(reduceFrame(state, frameOf({ event: "task.failed", taskId: "a" }, 2))).toBe(state);
    const anyEvent = fc.constantFrom(
      "plan.finished",
      "task.expanded",
      "task.attempt_failed",
      "review.decided",
      "subtasks.added",
      "approval.requested",
      "task.resolved",
      "other",
    );
    fc.assert(
      fc.property(
        anyEvent,
        fc.constantFrom("a", "a[0]", "zz", undefined),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (event, taskId, fields) => {
          const step: Step = { event, fields, ...(taskId !== undefined && { taskId }) };
          expect(reduceFrame(state, frameOf(step, 9)).planId).toBe(PLAN_ID);
        },
      ),
    );
  });
});

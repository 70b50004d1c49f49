import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTrace, type TraceEvent } from "./plan-trace.ts";

const START = Date.parse("2026-11-22T12:00:00.000Z");
const at = (ms: number) => new Date(START + ms).toISOString();
const event = (ms: number, type: string, payload: Readonly<Record<string, unknown>> = {}): TraceEvent => ({ type, at: at(ms), payload });

function trace(events: readonly TraceEvent[], dependencies: Readonly<Record<string, readonly string[]>> = {}) {
  return buildTrace({ plan_id: "p", events, dependencies: new Map(Object.entries(dependencies)) });
}

describe("trace of a plan", () => {
  it("[T15] splits each attempt into queued, run, review and commit time and finds the critical path", () => {
    const made = trace(
      [
        event(0, "plan.created"),
        event(10, "plan.started"),
        event(12, "task.dispatched", { task_id: "a", attempt: 1 }),
        event(15, "task.dispatched", { task_id: "b", attempt: 1 }),
        event(40, "task.succeeded", { task_id: "b", attempt: 1, run_ms: 20 }),
        event(112, "task.succeeded", { task_id: "a", attempt: 1, run_ms: 97 }),
        event(120, "task.dispatched", { task_id: "c", attempt: 1 }),
        event(150, "review.requested", { task_id: "c", run_ms: 25 }),
        event(190, "review.decided", { task_id: "c", next: "accept" }),
        event(200, "plan.finished"),
      ],
      { c: ["a", "b"] },
    );
    expect(made).toEqual({
      plan_id: "p",
      total_ms: 190,
      attempts: [
        { task_id: "a", attempt: 1, outcome: "succeeded", queued_ms: 2, run_ms: 97, review_ms: 0, commit_ms: 3, started_at: at(12) },
        { task_id: "b", attempt: 1, outcome: "succeeded", queued_ms: 5, run_ms: 20, review_ms: 0, commit_ms: 5, started_at: at(15) },
        { task_id: "c", attempt: 1, outcome: "succeeded", queued_ms: 8, run_ms: 25, review_ms: 40, commit_ms: 5, started_at: at(120) },
      ],
      critical_path: [
        { task_id: "a", ms: 102 },
        { task_id: "c", ms: 78 },
      ],
    });
  });

  it("[T15] counts backoff not as queueing, and shows failed, lost, rejected and doubtful attempts", () => {
    const { attempts } = trace([
      event(0, "plan.started"),
      event(0, "task.dispatched", { task_id: "a", attempt: 1 }),
      event(10, "task.attempt_failed", { task_id: "a", attempt: 1, retry_at: at(500) }),
      event(505, "task.dispatched", { task_id: "a", attempt: 2 }),
      event(600, "task.attempt_lost", { task_id: "a", attempt: 2, cause: "worker_lost", retry_at: at(550) }),
      event(601, "task.dispatched", { task_id: "a", attempt: 3 }),
      event(650, "review.requested", { task_id: "a", run_ms: 49 }),
      event(660, "review.decided", { task_id: "a", next: "retry" }),
      event(661, "task.dispatched", { task_id: "a", attempt: 4 }),
      event(700, "task.in_doubt", { task_id: "a", attempt: 4 }),
      event(900, "task.resolved", { task_id: "a", outcome: "run_again" }),
      event(903, "task.dispatched", { task_id: "a", attempt: 5 }),
      event(950, "task.cancelled", { task_id: "a" }),
    ]);
    expect(attempts.map(({ attempt, outcome, queued_ms, run_ms, review_ms }) => [attempt, outcome, queued_ms, run_ms, review_ms])).toEqual([
      [1, "failed", 0, 10, 0],
      [2, "lost", 5, 95, 0],
      [3, "rejected", 1, 49, 10],
      [4, "in_doubt", 1, 39, 0],
      [5, "cancelled", 3, 47, 0],
    ]);
  });

  it("[T15] follows items, joins, skips, timers and questions", () => {
    const made = trace(
      [
        event(0, "plan.started"),
        event(0, "task.timer_set", { task_id: "sleep" }),
        event(100, "task.succeeded", { task_id: "sleep", attempt: 0 }),
        event(100, "task.expanded", { task_id: "each", count: 2 }),
        event(101, "task.dispatched", { task_id: "each[0]", attempt: 1 }),
        event(150, "task.succeeded", { task_id: "each[0]", attempt: 1, run_ms: 49 }),
        event(151, "task.dispatched", { task_id: "each[1]", attempt: 1 }),
        event(300, "task.succeeded", { task_id: "each[1]", attempt: 1, run_ms: 140 }),
        event(300, "task.joined", { task_id: "each" }),
        event(301, "task.skipped", { task_id: "maybe" }),
        event(301, "input.requested", { task_id: "ask", purpose: "answer" }),
        event(1301, "task.succeeded", { task_id: "ask", attempt: 0 }),
        event(1310, "plan.finished"),
      ],
      { each: ["sleep"], maybe: ["each"], ask: ["maybe"] },
    );
    expect(made.critical_path).toEqual([
      { task_id: "sleep", ms: 100 },
      { task_id: "each[1]", ms: 200 },
      { task_id: "each", ms: 0 },
      { task_id: "maybe", ms: 1 },
      { task_id: "ask", ms: 1000 },
    ]);
    expect(made.attempts.map(({ task_id, attempt, queued_ms }) => `${task_id} ${attempt} ${queued_ms}`)).toEqual([
      "sleep 0 0",
      "each[0] 1 1",
      "each[1] 1 51",
      "ask 0 0",
    ]);
  });

  it("[T15] shows a running attempt up to the last event, and waits for approval as neither queue nor run", () => {
    const made = trace([
      event(0, "plan.started"),
      event(1, "approval.requested", { task_id: "a", approval_id: "x" }),
      event(5000, "approval.decided", { task_id: "a", approval_id: "x" }),
      event(5002, "task.dispatched", { task_id: "a", attempt: 1 }),
      event(5052, "plan.paused"),
    ]);
    expect(made.attempts).toMatchObject([{ outcome: "running", queued_ms: 2, run_ms: 50 }]);
    expect(made.total_ms).toBe(5052);
  });

  it("[T15] ends the path with a join that came at the same moment as its last item", () => {
    const made = trace([
      event(0, "plan.started"),
      event(0, "task.expanded", { task_id: "each", count: 1 }),
      event(1, "task.dispatched", { task_id: "each[0]", attempt: 1 }),
      event(50, "task.succeeded", { task_id: "each[0]", attempt: 1 }),
      event(50, "task.joined", { task_id: "each" }),
    ]);
    expect(made.critical_path.map(({ task_id }) => task_id)).toEqual(["each[0]", "each"]);
  });

  it("[T15] ends a reviewed task with the word that accepts it, also a person's, and the next one is ready from then on", () => {
    const accept = { task_id: "a", answer: { value: { decision: "accept" } } };
    const { attempts } = trace(
      [
        event(0, "plan.started"),
        event(0, "task.dispatched", { task_id: "a", attempt: 1 }),
        event(50, "review.requested", { task_id: "a", run_ms: 50 }),
        event(60, "review.decided", { task_id: "a", next: "ask" }),
        event(61, "input.requested", { task_id: "a", purpose: "review" }),
        event(100, "input.answered", accept),
        event(103, "task.dispatched", { task_id: "b", attempt: 1 }),
      ],
      { b: ["a"] },
    );
    expect(attempts).toMatchObject([{ outcome: "succeeded" }, { task_id: "b", queued_ms: 3 }]);
  });

  it("[T15] counts a person's word on a reviewed result as review", () => {
    const { attempts } = trace([
      event(0, "plan.started"),
      event(0, "task.dispatched", { task_id: "a", attempt: 1 }),
      event(50, "review.requested", { task_id: "a", run_ms: 48 }),
      event(60, "review.decided", { task_id: "a", next: "ask" }),
      event(61, "input.requested", { task_id: "a", purpose: "review" }),
      event(9061, "input.answered", { task_id: "a" }),
      event(9062, "task.dispatched", { task_id: "a", attempt: 2 }),
      event(9100, "task.succeeded", { task_id: "a", attempt: 2 }),
    ]);
    expect(attempts).toMatchObject([
      { outcome: "rejected", run_ms: 48, review_ms: 9010, commit_ms: 4 },
      { outcome: "succeeded", run_ms: 38, review_ms: 0, commit_ms: 0 },
    ]);
  });

  it("[T15] is empty for no events, and passes over what it does not know or what was forgotten", () => {
    expect(trace([])).toEqual({ plan_id: "p", total_ms: 0, attempts: [], critical_path: [] });
    const made = trace([
      { type: "plan.started", at: at(0), payload: null },
      { type: "task.dispatched", at: at(1), payload: null },
      { type: "x.y", at: "never", payload: 5 },
    ]);
    expect(made.attempts).toEqual([]);
  });

  it("[T15] never gives a negative time, times of an attempt add up, and the path adds up to the last end, for any events", () => {
    const type = fc.constantFrom(
      "plan.started",
      "task.dispatched",
      "task.succeeded",
      "task.failed",
      "task.attempt_failed",
      "task.attempt_lost",
      "review.requested",
      "review.decided",
      "task.expanded",
      "task.joined",
      "task.resolved",
      "approval.decided",
    );
    const payload = fc.record({
      task_id: fc.constantFrom("a", "b", "c", "c[0]", "c[1]"),
      attempt: fc.nat(3),
      run_ms: fc.integer({ min: -10, max: 500 }),
      count: fc.nat(3),
      next: fc.constantFrom("accept", "retry"),
      retry_at: fc.nat(1000).map(at),
      outcome: fc.constantFrom("run_again", "failed"),
    });
    const events = fc
      .array(fc.tuple(fc.nat(1000), type, payload), { maxLength: 60 })
      .map((list) => list.sort(([left], [right]) => left - right).map(([ms, name, body]) => event(ms, name, body)));
    fc.assert(
      fc.property(events, (list) => {
        const made = trace([event(0, "plan.created"), ...list], { b: ["a"], c: ["a", "b"], a: ["c"] });
        for (const span of made.attempts) {
          for (const ms of [span.queued_ms, span.run_ms, span.review_ms, span.commit_ms]) expect(ms).toBeGreaterThanOrEqual(0);
          expect(Date.parse(span.started_at) - START + span.run_ms + span.review_ms + span.commit_ms).toBeLessThanOrEqual(1000);
        }
        const sum = made.critical_path.reduce((total, { ms }) => total + ms, 0);
        expect(sum).toBeLessThanOrEqual(1000);
      }),
      { numRuns: 500 },
    );
  });
});

import type { PlanEventView } from "@kos/api";
import { expect, it } from "vitest";
import { workerLoss } from "./worker-loss.ts";

function log(...events: readonly (readonly [type: string, payload: unknown])[]): readonly PlanEventView[] {
  return events.map(([type, payload], place) => ({
    plan_id: "p",
    seq: place + 1,
    type,
    at: "2026-11-22T12:00:00Z",
    payload,
    cursor: String(place),
  }));
}

it("names the tasks that lost their process, and counts those that had finished, reviewed or not", () => {
  const events = log(
    ["task.dispatched", { task_id: "a" }],
    ["task.succeeded", { task_id: "a" }],
    ["task.dispatched", { task_id: "b" }],
    ["task.attempt_lost", { task_id: "b", cause: "worker_lost" }],
    ["task.dispatched", { task_id: "b" }],
    ["review.decided", { task_id: "b", next: "accept" }],
    ["plan.finished", { status: "succeeded" }],
  );
  expect(workerLoss(events)).toEqual({ lost: ["b"], kept: 2, repeated: [] });
});

it("says when a finished task was started again", () => {
  const events = log(["task.succeeded", { task_id: "a" }], ["task.dispatched", { task_id: "a" }]);
  expect(workerLoss(events).repeated).toEqual(["a"]);
});

it("takes an attempt that was put back for another reason for no lost process", () => {
  expect(workerLoss(log(["task.attempt_lost", { task_id: "a", cause: "timeout" }])).lost).toEqual([]);
});

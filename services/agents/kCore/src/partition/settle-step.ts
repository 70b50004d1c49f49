// Runs a plan to where nothing follows by itself any more: joins, endings, output, new dispatches; and keeps timers and slots in step.

import { decideAdvance, decideOutput, preparePlanOutput, wantsOutput } from "../plan/decide-advance.ts";
import { nextDueMs } from "../plan/decide-timer.ts";
import type { PlanState, TaskState } from "../plan/plan-state.ts";
import { needsBlob } from "../plan/values.ts";
import { endScheduledRun } from "../schedule/end-run.ts";
import { dropCheckpoints } from "./checkpoint-step.ts";
import { dispatchReady } from "./dispatch-step.ts";
import { taskJob } from "./job.ts";
import { type CallSample, envOf, type PartitionCore, record } from "./partition-core.ts";
import { enqueue, type Held, pushTimer, type Resident } from "./resident.ts";
import { endReview, scheduleReview } from "./review-step.ts";
import { stashOf } from "./stash.ts";
import { hasValues, supplyOf, trimValues } from "./values-step.ts";

export function settle(core: PartitionCore, resident: Resident): void {
  const { state } = resident;
  if (state === undefined) return;
  core.current = resident.planId;
  for (;;) {
    drainTouched(core, resident, state);
    const events = decideAdvance(state);
    if (events.length > 0) {
      record(core, resident, state.tenant, events);
      continue;
    }
    if (giveOutput(core, resident, state)) continue;
    if (!dispatchReady(core, resident)) break;
  }
  drainTouched(core, resident, state);
  if (state.phase === "finished") {
    endScheduledRun(core, state);
    for (const taskId of [...stashOf(resident).reviews.keys()]) endReview(core, resident, taskId, "neutral");
    resident.ready.clear();
    resident.timers.length = 0;
  }
  dropCheckpoints(resident, state);
  trimValues(resident);
  schedule(core, resident);
}

/** The partition wakes for the plan's earliest timer. */
export function schedule(core: PartitionCore, resident: Resident): void {
  const [first] = resident.timers;
  if (first === undefined) core.wakes.remove(resident);
  else if (resident.heapIndex < 0 || resident.atMs !== first.atMs) core.wakes.set(resident, first.atMs);
}

function giveOutput(core: PartitionCore, resident: Resident, state: PlanState): boolean {
  if (!wantsOutput(state)) return false;
  const names = [...state.shape.outputNames];
  resident.outputParked = !hasValues(core, resident, names);
  if (resident.outputParked) return false;
  const prepared = preparePlanOutput(state, supplyOf(resident).read);
  if ("output" in prepared && needsBlob(prepared.output) && !stashOf(resident).blobs.has(prepared.output.hash)) {
    resident.outputParked = true;
    core.ports.emit({ kind: "store_blob", planId: resident.planId, hash: prepared.output.hash, text: prepared.output.text });
    return false;
  }
  const events = decideOutput(state, prepared, envOf(core));
  record(core, resident, state.tenant, events);
  const job = scheduleReview(core, resident, undefined);
  if (job !== undefined) enqueue(resident, job);
  return events.length > 0;
}

/** Everything that changed since the last look: rows, slots, timers, places in line. */
function drainTouched(core: PartitionCore, resident: Resident, state: PlanState): void {
  while (state.touched.length > 0) {
    const touched = state.touched;
    state.touched = [];
    for (const task of touched) {
      task.touched = false;
      place(core, resident, task);
    }
  }
}

function place(core: PartitionCore, resident: Resident, task: TaskState): void {
  const held = resident.held.get(task.id);
  if (held !== undefined) checkHeld(core, resident, task, held);
  const review = stashOf(resident).reviews.get(task.id);
  if (review !== undefined && (task.status !== "reviewing" || task.review?.id !== review.reviewId))
    endReview(core, resident, task.id, "neutral");
  if (task.status === "ready" && task.retryAtMs <= core.nowMs) {
    enqueue(resident, taskJob(task));
    return;
  }
  if (task.status === "reviewing") {
    const job = scheduleReview(core, resident, task);
    if (job !== undefined) enqueue(resident, job);
    return;
  }
  const dueMs = nextDueMs(task, core.ports.cancelGraceMs);
  if (dueMs > 0) pushTimer(resident, dueMs, task);
}

/** A call that is over gives its slot back; one that ended without the agent's word is told to stop. */
function checkHeld(core: PartitionCore, resident: Resident, task: TaskState, held: Held): void {
  const isRunning = task.status === "running" && task.lease?.token === held.token;
  if (isRunning && task.lease?.cancelledAtMs === 0) return;
  if (!held.cancelSent && held.outcome === undefined) {
    held.cancelSent = true;
    core.outbox.hold({
      kind: "send",
      agent: held.slot.agent,
      message: {
        type: "TASK_CANCEL",
        plan_id: resident.planId,
        task_id: task.id,
        payload: { attempt: task.attempt, lease_token: held.token, reason: reasonOf(task, resident.state) },
      },
    });
  }
  if (isRunning) return;
  resident.held.delete(task.id);
  const outcome = held.outcome ?? (task.status === "cancelled" ? "neutral" : "failed");
  core.ports.dispatcher.release(held.slot, outcome, core.nowMs);
  core.ports.onCall?.(sampleOf(core, task, held));
}

function reasonOf(task: TaskState, state: PlanState | undefined): string {
  if (state?.cancelling !== undefined) return state.cancelling.reason || "the plan was cancelled";
  return task.error?.message ?? "the call was given up";
}

function sampleOf(core: PartitionCore, task: TaskState, held: Held): CallSample {
  const { slot } = held;
  return {
    capability: slot.capability,
    agent: slot.agent,
    outcome: outcomeOf(core, task, held),
    isRetried: task.status === "ready",
    queuedMs: Math.max(0, task.startedAtMs - task.readyAtMs),
    runMs: Math.max(0, core.nowMs - task.startedAtMs),
  };
}

function outcomeOf(core: PartitionCore, task: TaskState, held: Held): CallSample["outcome"] {
  switch (task.status) {
    case "succeeded":
    case "reviewing":
      return "succeeded";
    case "cancelled":
      return "cancelled";
    case "in_doubt":
      return "in_doubt";
    default:
      if (held.outcome !== undefined) return "failed";
      return task.lease !== undefined && core.nowMs >= task.lease.timeoutAtMs ? "timed_out" : "put_back";
  }
}

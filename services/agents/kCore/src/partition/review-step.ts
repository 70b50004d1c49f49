// Brings results to a reviewer. That a review was asked for is not in the log: asking again after a restart does no harm.

import type { ArtifactRef } from "@kos/agent";
import type { Slot } from "../dispatcher/dispatcher.ts";
import { REPLAN_CAPABILITY, replanParams } from "../plan/decide-replan.ts";
import { PLAN_REVIEW } from "../plan/decide-review.ts";
import { findTask, type OutputRef, type PlanState, type ReviewState, type TaskState } from "../plan/plan-state.ts";
import { namesForStep, prepareParams, type Supply } from "../plan/prepare-call.ts";
import { outputNamed } from "../plan/values.ts";
import { type Job, type JobOutcome, REVIEW_CAPABILITY, reviewJob } from "./job.ts";
import { newLeaseToken, type PartitionCore } from "./partition-core.ts";
import { type ReviewCall, reviewRequest } from "./request-message.ts";
import { pushTimer, type Resident } from "./resident.ts";
import { ownStash, stashOf } from "./stash.ts";
import { hasOutput, hasValues, supplyOf } from "./values-step.ts";

export function tryReview(core: PartitionCore, resident: Resident, job: Job, inTurn: boolean): JobOutcome {
  const { state } = resident;
  if (state === undefined || state.phase !== "active") return "skip";
  const { task } = job;
  const taskId = task?.id ?? PLAN_REVIEW;
  const review = task === undefined ? state.review : task.review;
  const output = task === undefined ? state.output : task.output;
  if (review === undefined || output === undefined || review.id === "") return "skip";
  if (review.retryAtMs > core.nowMs) {
    pushTimer(resident, review.retryAtMs, task);
    return "skip";
  }
  if (task !== undefined && (task.status !== "reviewing" || findTask(state, task.id) !== task)) return "skip";
  if (stashOf(resident).reviews.get(taskId)?.reviewId === review.id) return "skip";
  if (task !== undefined && review.replan === "asking") return tryReplan(core, resident, state, task, review, job, inTurn);
  const names = task === undefined ? state.shape.reviewNames : task.shape.reviewNames;
  const sources = task !== undefined && names.includes("params") ? [...names, ...namesForStep(task)] : names;
  if (!hasValues(core, resident, sources) || !hasOutput(core, resident, output)) {
    ownStash(resident).parked.add(job);
    return "parked";
  }
  const slot = core.ports.dispatcher.acquire(job.kind, core.nowMs, inTurn);
  if (slot === undefined) return "no_slot";
  const call = begin(core, resident, { task, review, slot, capability: REVIEW_CAPABILITY });
  const params = reviewParams(resident, state, task, review, output, names);
  core.outbox.hold({ kind: "send", agent: slot.agent, message: reviewRequest(core, state, "REVIEW_REQUEST", { ...call, params }) });
  return "skip";
}

/** The planner is asked like a reviewer: for a task whose result did not pass, once, again after a restart. */
function tryReplan(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  task: TaskState,
  review: ReviewState,
  job: Job,
  inTurn: boolean,
): JobOutcome {
  const slot = core.ports.dispatcher.acquire(job.kind, core.nowMs, inTurn);
  if (slot === undefined) return "no_slot";
  const call = { ...begin(core, resident, { task, review, slot, capability: REPLAN_CAPABILITY }), params: replanParams(state, task) };
  core.outbox.hold({ kind: "send", agent: slot.agent, message: reviewRequest(core, state, "PLAN_REQUEST", call) });
  return "skip";
}

/** From here on the answer is waited for, until the deadline. */
function begin(
  core: PartitionCore,
  resident: Resident,
  {
    task,
    review,
    slot,
    capability,
  }: { readonly task: TaskState | undefined; readonly review: ReviewState; readonly slot: Slot; readonly capability: string },
): Omit<ReviewCall, "params"> {
  const taskId = task?.id ?? PLAN_REVIEW;
  const token = newLeaseToken(core);
  const timeoutMs = core.ports.reviewTimeoutMs;
  ownStash(resident).reviews.set(taskId, { reviewId: review.id, token, slot, deadlineMs: core.nowMs + timeoutMs });
  pushTimer(resident, core.nowMs + timeoutMs, task);
  return { taskId, token, attempt: review.tries + 1, capability, timeoutMs };
}

/** What a reviewer is given, in the words of `review.check`. */
function reviewParams(
  resident: Resident,
  state: PlanState,
  task: TaskState | undefined,
  review: ReviewState,
  output: OutputRef,
  names: readonly string[],
): unknown {
  const supply = supplyOf(resident);
  return {
    criteria: task === undefined ? (state.shape.graph.criteria ?? []) : (task.shape.task.review?.criteria ?? []),
    output: output.value === undefined ? supply.read(output) : output.value,
    values: Object.fromEntries(names.map((name) => [name, namedValue(state, task, name, supply)])),
    artifacts: task === undefined ? artifactsOf(state) : output.artifacts,
    round: review.round,
  };
}

function namedValue(state: PlanState, task: TaskState | undefined, name: string, supply: Supply): unknown {
  if (task !== undefined && name === "params") return prepareParams(state, task, supply).params.value;
  if (task?.parent !== undefined && name === "item") return supply.list(task.parent)[task.item] ?? null;
  if (task?.parent !== undefined && name === "index") return task.item;
  return outputNamed(state, name, supply.read)?.value ?? null;
}

/** Everything the plan's tasks have written, oldest first. */
function artifactsOf(state: PlanState): readonly ArtifactRef[] {
  const outputs = state.tasks.flatMap((task) => [task, ...(task.items?.list ?? [])]).flatMap((task) => task.output ?? []);
  return outputs.sort((left, right) => left.seq - right.seq).flatMap((output) => output.artifacts);
}

/** Puts a result that waits for its review in line, unless it was asked for already. */
export function scheduleReview(core: PartitionCore, resident: Resident, task: TaskState | undefined): Job | undefined {
  const review = task === undefined ? resident.state?.review : task.review;
  if (review === undefined || review.id === "" || stashOf(resident).reviews.get(task?.id ?? PLAN_REVIEW)?.reviewId === review.id)
    return undefined;
  if (review.retryAtMs > core.nowMs) {
    pushTimer(resident, review.retryAtMs, task);
    return undefined;
  }
  return reviewJob(task);
}

/** Frees the reviewer's slot. */
export function endReview(core: PartitionCore, resident: Resident, taskId: string, outcome: "ok" | "failed" | "neutral"): void {
  const review = stashOf(resident).reviews.get(taskId);
  if (review === undefined) return;
  ownStash(resident).reviews.delete(taskId);
  core.ports.dispatcher.release(review.slot, outcome, core.nowMs);
}

/** The requests whose reviewer did not answer in time. */
export function overdueReviews(core: PartitionCore, resident: Resident): readonly { readonly taskId: string; readonly reviewId: string }[] {
  const overdue = [];
  for (const [taskId, review] of stashOf(resident).reviews)
    if (review.deadlineMs <= core.nowMs) overdue.push({ taskId, reviewId: review.reviewId });
  return overdue;
}

// Takes what agents say: progress, the wish to begin an effect, results, errors, verdicts. A word counts only with the lease it belongs to.

import type { MessageFromAgent } from "@kos/agent";
import type { Verdict } from "@kos/api";
import { KosError, type WireError } from "@kos/klp";
import { lostEvents } from "../plan/decide-lost.ts";
import { decideAnotherWay } from "../plan/decide-replan.ts";
import { type CallWord, countingLease, decideEffect, decideError, decideResult, readReconciliation } from "../plan/decide-result.ts";
import { decideReviewFailed, decideVerdict, findReview, PLAN_REVIEW } from "../plan/decide-review.ts";
import type { PlanEvent } from "../plan/plan-event.ts";
import { findTask, type PlanState } from "../plan/plan-state.ts";
import { needsBlob, type PreparedValue, prepareValue } from "../plan/values.ts";
import { acknowledge, type MessageInput, tellToStop, wordOf } from "./agent-word.ts";
import { findArtifacts } from "./artifacts.ts";
import { boundedError, boundedVerdict } from "./bounded-words.ts";
import { onCheckpoint } from "./checkpoint-step.ts";
import { envOf, type PartitionCore, record } from "./partition-core.ts";
import type { PartitionInput } from "./partition-io.ts";
import { enqueue, type Resident } from "./resident.ts";
import { endReview, scheduleReview } from "./review-step.ts";
import { settle } from "./settle-step.ts";
import { stashOf } from "./stash.ts";
import { isAnotherWay, isVerdict } from "./verdict-shape.ts";

/** Errors that speak of the params or the policy, not of the capability's health. */
const NEUTRAL_ERRORS: ReadonlySet<string> = new Set([
  "BAD_REQUEST",
  "CANCELLED",
  "NOT_FOUND",
  "FORBIDDEN",
  "POLICY_DENIED",
  "TOO_LARGE",
  "CONFLICT",
]);

export function onMessage(core: PartitionCore, resident: Resident, state: PlanState, input: MessageInput): void {
  const { message } = input;
  switch (message.type) {
    case "TASK_PROGRESS":
      return onProgress(core, resident, state, input, message);
    case "TASK_RESULT":
      return onResult(core, resident, state, input, message);
    case "REVIEW_VERDICT":
      return onVerdict(core, resident, state, input, message);
    case "TASK_ERROR":
      return onError(core, resident, state, input, message);
    case "PLAN_GRAPH":
      return onAnotherWay(core, resident, state, input, message);
  }
}

function onProgress(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  input: MessageInput,
  message: Extract<MessageFromAgent, { type: "TASK_PROGRESS" }>,
): void {
  const word = wordOf(input);
  const { payload } = message;
  if ("checkpoint" in payload) return onCheckpoint(core, resident, state, input, payload);
  if ("progress" in payload) {
    const task = findTask(state, word.taskId);
    if (task?.status !== "running" || countingLease(task, word) === undefined) return;
    const { progress } = payload;
    core.ports.emit({ kind: "progress", tenant: state.tenant, planId: state.planId, taskId: word.taskId, agent: input.agent, progress });
    return;
  }
  const events = decideEffect(state, word, core.nowMs);
  if (events === undefined) return tellToStop(core, input, "the call does not count any more: begin no effect");
  record(core, resident, state.tenant, events);
  settle(core, resident);
  acknowledge(core, input, { of: "effect" });
}

function onResult(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  input: MessageInput,
  message: Extract<MessageFromAgent, { payload: { output: unknown } }>,
): void {
  const word = wordOf(input);
  const task = findTask(state, word.taskId);
  const lease = task === undefined ? undefined : countingLease(task, word);
  let output = input.output ?? prepareOutput(message.payload.output);
  if (output === undefined) {
    const error = { code: "BAD_REQUEST", message: "The agent's output is not JSON that can be kept.", retryable: false };
    const { payload, ...rest } = message;
    return onError(core, resident, state, input, { ...rest, type: "TASK_ERROR", payload: { ...payload, error } });
  }
  let reconciled: "succeeded" | "not_done" | "unknown" | undefined;
  if (lease?.mode === "reconcile") {
    const answer = readReconciliation(message.payload.output);
    output = prepareValue(answer.output);
    // Too large to be kept without a blob of its own: a person looks at it.
    reconciled = needsBlob(output) ? "unknown" : answer.reconciled;
  }
  const artifacts = lease === undefined ? [] : findArtifacts(core.ports.offer(lease.capability), output.value);
  const events = decideResult(state, { ...word, output, reconciled, artifacts, runMs: message.payload.run_ms }, envOf(core));
  answered(core, resident, state, word, events, "ok");
  acknowledge(core, input, { of: "result" });
}

function prepareOutput(value: unknown): PreparedValue | undefined {
  try {
    return prepareValue(value);
  } catch {
    return undefined;
  }
}

function onError(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  input: MessageInput,
  message: Extract<MessageFromAgent, { type: "TASK_ERROR" }>,
): void {
  const word = wordOf(input);
  const error = boundedError(message.payload.error);
  const { run_ms: runMs } = message.payload;
  const review = stashOf(resident).reviews.get(word.taskId);
  if (review?.token === word.leaseToken) {
    reviewFailed(core, resident, state, word.taskId, review.reviewId, error);
    acknowledge(core, input, { of: "result" });
    return;
  }
  const events = decideError(state, { ...word, error, runMs }, envOf(core));
  answered(core, resident, state, word, events, NEUTRAL_ERRORS.has(error.code) ? "neutral" : "failed");
  acknowledge(core, input, { of: "result" });
}

/** The agent has answered: its slot is free, and it need not be told to stop. */
function answered(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  word: CallWord,
  events: readonly PlanEvent[],
  outcome: "ok" | "failed" | "neutral",
): void {
  const held = resident.held.get(word.taskId);
  if (held?.token === word.leaseToken && held.slot.agent === word.agent) held.outcome ??= outcome;
  record(core, resident, state.tenant, events);
  settle(core, resident);
}

function onVerdict(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  input: MessageInput,
  message: Extract<MessageFromAgent, { payload: { output: unknown } }>,
): void {
  const taskId = message.task_id;
  const review = stashOf(resident).reviews.get(taskId);
  if (review !== undefined && review.token === message.payload.lease_token && review.slot.agent === input.agent) {
    const verdict = message.payload.output;
    if (isVerdict(verdict)) {
      endReview(core, resident, taskId, "ok");
      decided(core, resident, state, taskId, review.reviewId, verdict, input.envelopeHash);
    } else {
      const error = { code: "BAD_REQUEST", message: "The reviewer's answer is not a verdict.", retryable: true };
      reviewFailed(core, resident, state, taskId, review.reviewId, error);
    }
  }
  acknowledge(core, input, { of: "result" });
}

/** What the planner found in place of a task's call. */
function onAnotherWay(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  input: MessageInput,
  message: Extract<MessageFromAgent, { payload: { output: unknown } }>,
): void {
  const taskId = message.task_id;
  const asked = stashOf(resident).reviews.get(taskId);
  const task = asked === undefined ? undefined : findReview(state, taskId, asked.reviewId)?.task;
  const counts = asked?.token === message.payload.lease_token && asked.slot.agent === input.agent;
  if (asked !== undefined && counts && task?.review?.replan === "asking") {
    const way = message.payload.output;
    const decision = isAnotherWay(way)
      ? decideAnotherWay(state, task, way, core.ports.catalogue, envOf(core), input.envelopeHash)
      : { refused: "the planner's answer is none" };
    if ("refused" in decision) {
      const error = { code: "BAD_REQUEST", message: decision.refused, retryable: false } as const;
      reviewFailed(core, resident, state, taskId, asked.reviewId, error);
    } else {
      endReview(core, resident, taskId, "ok");
      record(core, resident, state.tenant, decision);
      settle(core, resident);
    }
  }
  acknowledge(core, input, { of: "result" });
}

function decided(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  taskId: string,
  reviewId: string,
  verdict: Verdict,
  envelopeHash: string | undefined,
): void {
  record(
    core,
    resident,
    state.tenant,
    decideVerdict(state, { taskId, reviewId, verdict: boundedVerdict(verdict), envelopeHash }, envOf(core)),
  );
  settle(core, resident);
}

export function reviewFailed(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  taskId: string,
  reviewId: string,
  error: WireError,
): void {
  endReview(core, resident, taskId, "failed");
  record(core, resident, state.tenant, decideReviewFailed(state, { taskId, reviewId, error }, envOf(core)));
  const job = taskId === PLAN_REVIEW ? scheduleReview(core, resident, undefined) : undefined;
  if (job !== undefined) enqueue(resident, job);
  settle(core, resident);
}

/** The process that ran the call has died. */
export function onLost(core: PartitionCore, resident: Resident, state: PlanState, input: Extract<PartitionInput, { kind: "lost" }>): void {
  const review = stashOf(resident).reviews.get(input.taskId);
  if (review?.token === input.leaseToken) {
    const error = new KosError("UNAVAILABLE", `The reviewer was lost: ${input.reason}`);
    return reviewFailed(core, resident, state, input.taskId, review.reviewId, {
      code: error.code,
      message: error.message,
      retryable: true,
    });
  }
  const task = findTask(state, input.taskId);
  if (task?.lease === undefined || task.status !== "running" || task.lease.token !== input.leaseToken) return;
  const held = resident.held.get(task.id);
  if (held?.token === input.leaseToken) held.outcome = "failed";
  record(core, resident, state.tenant, lostEvents(state, task, task.lease, "worker_lost", envOf(core)));
  settle(core, resident);
}

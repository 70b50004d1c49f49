// Decides what an agent's word about a call means: its result, its error, its wish to begin an effect. Duplicates and strays settle nothing.

import { type ArtifactRef, MAX_CHECKPOINTS } from "@kos/agent";
import type { WireError } from "@kos/klp";
import type { Label } from "@kos/plan";
import { joinLabels } from "@kos/plan";
import { type DecideEnv, event } from "./decide-env.ts";
import { lostEvents, mayBeForgotten } from "./decide-lost.ts";
import { voidWait } from "./decide-void.ts";
import { isoTime } from "./iso-time.ts";
import type { PlanEvent } from "./plan-event.ts";
import { findTask, hasEnded, type Lease, type PlanState, type TaskState } from "./plan-state.ts";
import { retryPolicy } from "./retry-policy.ts";
import { labelled, type PreparedValue } from "./values.ts";

export interface CallWord {
  readonly taskId: string;
  readonly agent: string;
  readonly attempt: number;
  readonly leaseToken: string;
  readonly envelopeHash?: string | undefined;
}

export interface ResultWord extends CallWord {
  /** Of a call that asked the other side: what is known now; then `output` is that of the interrupted call. */
  readonly reconciled?: "succeeded" | "not_done" | "unknown" | undefined;
  readonly output: PreparedValue;
  readonly artifacts: readonly ArtifactRef[];
  readonly runMs: number;
}

export interface ErrorWord extends CallWord {
  readonly error: WireError;
  readonly runMs: number;
}

export interface CheckpointWord extends CallWord {
  readonly n: number;
  readonly value: unknown;
}

/** The call this is about, when its word still counts: the newest attempt, running, given up or in doubt. */
export function countingLease(task: TaskState, word: CallWord): Lease | undefined {
  const { lease } = task;
  if (lease === undefined || lease.token !== word.leaseToken || lease.attempt !== word.attempt || lease.agent !== word.agent)
    return undefined;
  return task.status === "running" || task.status === "in_doubt" || task.status === "ready" || task.status === "waiting_approval"
    ? lease
    : undefined;
}

export function decideResult(state: PlanState, word: ResultWord, env: DecideEnv): PlanEvent[] {
  const task = findTask(state, word.taskId);
  if (task === undefined) return [];
  const lease = countingLease(task, word);
  if (lease === undefined || state.phase === "finished") return strayEvents(state, task, word);
  // The other side is to be asked again anyway; only that it did happen is worth hearing late.
  if (lease.mode === "reconcile" && task.status !== "running" && word.reconciled !== "succeeded") return [];
  if (word.reconciled === "not_done") return lostEvents(state, task, lease, "not_done", env);
  if (word.reconciled === "unknown") return [event("task.in_doubt", { task_id: task.id, attempt: word.attempt, cause: "unknown" })];
  return [...voidWait(task), ...resultEvents(task, word, env)];
}

function resultEvents(task: TaskState, word: ResultWord, env: DecideEnv): PlanEvent[] {
  const offer = env.offer(task.lease?.capability ?? "");
  const labels: readonly Label[] = joinLabels(task.labels, offer?.description.output_labels ?? []);
  const common = {
    attempt: word.attempt,
    output: labelled(word.output, labels, `task:${task.id}`),
    output_hash: word.output.hash,
    output_bytes: word.output.bytes,
    artifacts: word.artifacts,
    run_ms: word.runMs,
    ...(word.envelopeHash !== undefined && { envelope_hash: word.envelopeHash }),
  };
  if (task.shape.task.review !== undefined) {
    const round = (task.review?.round ?? 0) + 1;
    return [event("review.requested", { task_id: task.id, review_id: env.newId(), round, ...common })];
  }
  return [event("task.succeeded", { task_id: task.id, ...common, ...(task.status !== "running" && { late: true }) })];
}

/** What a capability's `reconcile` answered. */
export function readReconciliation(value: unknown): {
  readonly reconciled: "succeeded" | "not_done" | "unknown";
  readonly output: unknown;
} {
  const { outcome, output = null } = typeof value === "object" && value !== null ? (value as { outcome?: unknown; output?: unknown }) : {};
  return { reconciled: outcome === "succeeded" || outcome === "not_done" ? outcome : "unknown", output };
}

export function decideError(state: PlanState, word: ErrorWord, env: DecideEnv): PlanEvent[] {
  const task = findTask(state, word.taskId);
  if (task === undefined) return [];
  const lease = countingLease(task, word);
  if (lease === undefined || state.phase === "finished") return strayEvents(state, task, word);
  // Given up already: put back, or in doubt. An error says nothing new about an effect that may have happened.
  if (task.status !== "running") return [];
  if (lease.mode === "reconcile") return [event("task.in_doubt", { task_id: task.id, attempt: word.attempt, cause: "unknown" })];
  if (word.error.code === "CANCELLED" || lease.cancelledAtMs > 0) return cancelledByAgent(state, task, lease, word, env);
  if (isOutcomeUnknown(lease, word.error)) {
    return lostEvents(state, task, lease, word.error.code === "TIMEOUT" ? "timeout" : "worker_lost", env);
  }
  return failedAttempt(state, task, lease, word, env);
}

const UNKNOWN_OUTCOME: ReadonlySet<string> = new Set(["TIMEOUT", "UNAVAILABLE", "INTERNAL", "IN_DOUBT"]);

/** After a call that must not be repeated has begun its effect, these errors do not say whether it happened, unless the agent does. */
function isOutcomeUnknown(lease: Lease, error: WireError): boolean {
  if (!lease.effectBegun || lease.idempotent) return false;
  return UNKNOWN_OUTCOME.has(error.code) && error.details?.["effect"] !== "none";
}

/** It stopped because it was told to, or because its host is going down. */
function cancelledByAgent(state: PlanState, task: TaskState, lease: Lease, word: ErrorWord, env: DecideEnv): PlanEvent[] {
  if (lease.cancelledAtMs === 0) return lostEvents(state, task, lease, "worker_lost", env);
  if (lease.effectBegun && !lease.idempotent)
    return [event("task.in_doubt", { task_id: task.id, attempt: word.attempt, cause: "cancelled" })];
  return [event("task.cancelled", { task_id: task.id, reason: state.cancelling?.reason || word.error.message })];
}

function failedAttempt(state: PlanState, task: TaskState, lease: Lease, word: ErrorWord, env: DecideEnv): PlanEvent[] {
  const evidence = word.envelopeHash === undefined ? {} : { envelope_hash: word.envelopeHash };
  const policy = retryPolicy(task, lease.capability, env);
  const mayRetry =
    word.error.retryable && task.failures + 1 < policy.maxAttempts && state.halted === undefined && state.cancelling === undefined;
  if (!mayRetry) {
    return [
      event("task.failed", {
        task_id: task.id,
        attempt: word.attempt,
        error: finalError(task, word.error, policy.maxAttempts),
        ...evidence,
      }),
    ];
  }
  const retryAt = isoTime(env.nowMs + policy.delayMs(task.failures, env.random()));
  return [event("task.attempt_failed", { task_id: task.id, attempt: word.attempt, error: word.error, retry_at: retryAt, ...evidence })];
}

function finalError(task: TaskState, error: WireError, maxAttempts: number): WireError {
  if (!error.retryable || maxAttempts <= 1) return error;
  return { ...error, message: `${error.message} (attempt ${task.failures + 1} of ${maxAttempts}, given up)` };
}

/** The agent may begin its effect: only the newest running attempt, only while nobody has asked it to stop. */
export function decideEffect(state: PlanState, word: CallWord, nowMs: number): PlanEvent[] | undefined {
  const task = findTask(state, word.taskId);
  const lease = task === undefined ? undefined : countingLease(task, word);
  if (task === undefined || lease === undefined || task.status !== "running") return undefined;
  if (lease.mode !== "run" || lease.cancelledAtMs > 0 || state.phase !== "active" || mayBeForgotten(task, lease, nowMs)) return undefined;
  return lease.effectBegun ? [] : [event("task.effect_begun", { task_id: task.id, attempt: word.attempt })];
}

/**
 * Keeps a checkpoint of the newest running attempt. Empty: it was said again and is kept already. Undefined: it does not count, because the
 * call does not, one before it was never heard, or there are too many.
 */
export function decideCheckpoint(state: PlanState, word: CheckpointWord): PlanEvent[] | undefined {
  const task = findTask(state, word.taskId);
  const lease = task === undefined ? undefined : countingLease(task, word);
  if (task === undefined || lease === undefined || task.status !== "running" || lease.mode !== "run" || state.phase !== "active") {
    return undefined;
  }
  const { taskId, attempt, n, value, envelopeHash } = word;
  if (n <= lease.checkpoints) return [];
  if (n > lease.checkpoints + 1 || (task.checkpoints?.length ?? 0) >= MAX_CHECKPOINTS) return undefined;
  return [
    event("task.checkpointed", { task_id: taskId, attempt, n, value, ...(envelopeHash !== undefined && { envelope_hash: envelopeHash }) }),
  ];
}

/** Recorded once per attempt; the newest attempt's own duplicates are not even that. */
function strayEvents(state: PlanState, task: TaskState, word: CallWord): PlanEvent[] {
  const isDuplicate = word.attempt === task.attempt && hasEnded(task.status) && task.status !== "cancelled";
  if (isDuplicate || word.attempt > task.attempt || word.attempt <= task.strayAttempt || state.phase === "finished") return [];
  if (task.status === "reviewing" && word.attempt === task.attempt) return [];
  const why = word.attempt < task.attempt ? "newer_attempt" : "already_ended";
  return [
    event("task.result_ignored", {
      task_id: task.id,
      attempt: word.attempt,
      why,
      ...(word.envelopeHash !== undefined && { envelope_hash: word.envelopeHash }),
    }),
  ];
}

// Decides what becomes of a call that was cut off without an answer: put back, asked about, cancelled, given up or left in doubt.

import { type DecideEnv, event, wireError } from "./decide-env.ts";
import { isoTime } from "./iso-time.ts";
import type { PlanEvent } from "./plan-event.ts";
import type { Lease, PlanState, TaskState } from "./plan-state.ts";
import { MAX_INTERRUPTIONS, retryPolicy } from "./retry-policy.ts";
import type { DeadLetter } from "./task-event.ts";

/** `not_done`: the other side says the call never reached it. */
export type LossCause = "lease_expired" | "timeout" | "worker_lost" | "restart" | "not_done";

const IN_WORDS: Readonly<Record<LossCause, string>> = {
  lease_expired: "its agent was not heard of any more",
  timeout: "it did not finish in time",
  worker_lost: "the process that ran it died",
  restart: "the engine stopped while it ran",
  not_done: "the other side had not received it",
};

/** An effect of this generation may have happened, and it is too late, or the clock says too little, to repeat it under the same key. */
export function mayBeForgotten(task: TaskState, call: { readonly idempotentForMs: number | undefined }, nowMs: number): boolean {
  return task.effectAtMs > 0 && call.idempotentForMs !== undefined && Math.abs(nowMs - task.effectAtMs) > call.idempotentForMs;
}

/** The lease is the running one. */
export function lostEvents(state: PlanState, task: TaskState, lease: Lease, cause: LossCause, env: DecideEnv): PlanEvent[] {
  const policy = retryPolicy(task, lease.capability, env);
  const isForgotten = mayBeForgotten(task, lease, env.nowMs);
  const mayHaveEffect = ((lease.effectBegun && !lease.idempotent) || isForgotten) && cause !== "not_done" && lease.mode === "run";
  const address = { task_id: task.id, attempt: lease.attempt };
  if (lease.mode === "reconcile" && cause !== "not_done") {
    const isEnding = state.cancelling !== undefined || state.halted !== undefined || lease.cancelledAtMs > 0;
    if (isEnding || task.failures + 1 >= policy.maxAttempts) return [event("task.in_doubt", { ...address, cause: "unknown" })];
    return [event("task.attempt_lost", { ...address, cause, next: "reconcile", retry_at: retryAt(task, policy, env) })];
  }
  if (mayHaveEffect) {
    if (lease.reconcile && lease.cancelledAtMs === 0 && state.cancelling === undefined && state.halted === undefined) {
      return [event("task.attempt_lost", { ...address, cause, next: "reconcile", retry_at: isoTime(env.nowMs) })];
    }
    return [event("task.in_doubt", { ...address, cause: lease.cancelledAtMs > 0 ? "cancelled" : cause })];
  }
  if (lease.cancelledAtMs > 0 || state.cancelling !== undefined) {
    return [event("task.cancelled", { task_id: task.id, reason: state.cancelling?.reason || "cancelled on request" })];
  }
  // The plan has failed already: nothing is tried again.
  if (state.halted !== undefined)
    return [event("task.cancelled", { task_id: task.id, reason: "the plan failed before it could be tried again" })];
  const isSpent = cause === "restart" ? task.interruptions + 1 >= MAX_INTERRUPTIONS : task.failures + 1 >= policy.maxAttempts;
  if (isSpent) {
    const code =
      cause === "timeout" ? "TIMEOUT" : cause === "lease_expired" || cause === "not_done" ? "UNAVAILABLE" : "RESOURCE_LIMIT_EXCEEDED";
    const message = `${task.shape.task.title || task.id}: given up after attempt ${lease.attempt}, ${IN_WORDS[cause]}. Look at the agent's log before running it again.`;
    const dead = deadLetter(task, lease, cause);
    return [event("task.failed", { ...address, error: wireError(code, message, { cause }), ...(dead && { dead_letter: dead }) })];
  }
  const at = cause === "restart" ? isoTime(env.nowMs) : retryAt(task, policy, env);
  return [event("task.attempt_lost", { ...address, cause, next: "retry", retry_at: at })];
}

/** Undefined where an attempt of this generation has answered, or only took too long. */
function deadLetter(task: TaskState, { capability, agent }: Lease, cause: LossCause): DeadLetter | undefined {
  if (cause === "timeout" || cause === "not_done" || task.losses < task.failures) return undefined;
  const attempts = cause === "restart" ? task.interruptions + 1 + task.losses : task.losses + 1;
  return { capability, agent, attempts, cause };
}

function retryAt(task: TaskState, policy: ReturnType<typeof retryPolicy>, env: DecideEnv): string {
  return isoTime(env.nowMs + policy.delayMs(task.failures, env.random()));
}

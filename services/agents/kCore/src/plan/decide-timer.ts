// Decides what time brings: leases that end or go on, timeouts, waits that are over. Firing twice finds nothing to do ([R119]).

import { decideEngineResult } from "./decide-engine-result.ts";
import { type DecideEnv, event, wireError } from "./decide-env.ts";
import { lostEvents } from "./decide-lost.ts";
import { isoTime } from "./iso-time.ts";
import type { PlanEvent } from "./plan-event.ts";
import type { Lease, PlanState, TaskState } from "./plan-state.ts";

/** When the task has to be looked at next; 0 when time alone changes nothing for it. */
export function nextDueMs(task: TaskState, cancelGraceMs: number): number {
  switch (task.status) {
    case "running":
      if (task.fireAtMs > 0) return task.fireAtMs;
      return task.lease === undefined ? 0 : leaseDueMs(task.lease, cancelGraceMs);
    case "ready":
      return task.retryAtMs;
    case "waiting_input":
      return task.input?.expiresAtMs ?? 0;
    case "reviewing":
      return task.review?.retryAtMs ?? 0;
    default:
      return 0;
  }
}

function leaseDueMs(lease: Lease, cancelGraceMs: number): number {
  const dueMs = Math.min(lease.expiresAtMs, lease.timeoutAtMs);
  return lease.cancelledAtMs > 0 ? Math.min(dueMs, lease.cancelledAtMs + cancelGraceMs) : dueMs;
}

/** `isAlive`: whether the agent has been heard of lately with this call in its hands. */
export function decideDue(state: PlanState, task: TaskState, isAlive: (lease: Lease) => boolean, env: DecideEnv): PlanEvent[] {
  if (state.phase !== "active") return [];
  if (task.status === "running" && task.fireAtMs > 0) return task.fireAtMs <= env.nowMs ? fired(task, env) : [];
  if (task.status === "running" && task.lease !== undefined) return leaseDue(state, task, task.lease, isAlive, env);
  if (task.status === "waiting_input" && task.input !== undefined && task.input.expiresAtMs > 0 && task.input.expiresAtMs <= env.nowMs) {
    const error = wireError("TIMEOUT", `Nobody answered the question of task ${task.id} in time.`);
    return [
      event("input.expired", { input_id: task.input.id, task_id: task.id, cause: "timeout" }),
      event("task.failed", { task_id: task.id, attempt: task.attempt, error }),
    ];
  }
  return [];
}

function fired(task: TaskState, env: DecideEnv): PlanEvent[] {
  return [
    event("task.timer_fired", { task_id: task.id }),
    decideEngineResult(task, { fired_at: isoTime(env.nowMs) }, task.labels, `task:${task.id}`),
  ];
}

function leaseDue(state: PlanState, task: TaskState, lease: Lease, isAlive: (lease: Lease) => boolean, env: DecideEnv): PlanEvent[] {
  const { nowMs } = env;
  if (lease.cancelledAtMs > 0 && nowMs >= lease.cancelledAtMs + env.cancelGraceMs)
    return lostEvents(state, task, lease, "worker_lost", env);
  if (nowMs >= lease.timeoutAtMs) return lostEvents(state, task, lease, "timeout", env);
  if (nowMs < lease.expiresAtMs) return [];
  if (!isAlive(lease)) return lostEvents(state, task, lease, "lease_expired", env);
  const expiresAtMs = Math.min(nowMs + env.leaseMs, lease.timeoutAtMs);
  return [event("task.lease_renewed", { task_id: task.id, attempt: lease.attempt, lease_expires_at: isoTime(expiresAtMs) })];
}

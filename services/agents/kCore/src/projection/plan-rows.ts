// Rows that follow from the state of a plan and its tasks. The same state gives the same row, live or replayed.

import type { RowChange } from "@kos/store";
import { nextDueMs } from "../plan/decide-timer.ts";
import { wantsOutput } from "../plan/decide-advance.ts";
import { mayDispatch, type PlanState, statusOf, type TaskState, underWay } from "../plan/plan-state.ts";

const MAX_GOAL_CHARS = 300;

/** Whether the engine has something to do for the plan now, or waits for an agent: it is loaded at once after a restart. */
export function hasWork(state: PlanState): boolean {
  if (state.phase !== "active") return false;
  if (underWay(state) > 0 || state.counts.reviewing > 0 || state.review?.id) return true;
  if (mayDispatch(state)) return state.counts.ready > 0 || state.joinable.size > 0 || wantsOutput(state);
  return state.counts.in_doubt === 0 && (state.cancelling !== undefined || state.halted !== undefined);
}

/** When time brings something to a plan that has nothing else to do; null when it waits for people alone. */
export function nextWakeMs(state: PlanState, cancelGraceMs: number): number | null {
  if (state.phase !== "active" || (state.sleeping === 0 && state.counts.waiting_input === 0)) return null;
  let next = Number.POSITIVE_INFINITY;
  for (const task of state.tasks) {
    for (const one of task.items?.list ?? [task]) {
      const dueMs = one.status === "running" || one.status === "waiting_input" ? nextDueMs(one, cancelGraceMs) : 0;
      if (dueMs > 0 && dueMs < next) next = dueMs;
    }
  }
  return Number.isFinite(next) ? next : null;
}

/** What decides whether the plan's row has to be written again. */
export function planRowKey(state: PlanState, working: boolean, wakeMs: number | null): string {
  return `${statusOf(state)} ${working ? 1 : 0} ${wakeMs ?? ""} ${state.hash} ${state.tasks.length}`;
}

export function planRow(state: PlanState, shard: number, working: boolean, wakeMs: number | null, updatedAtMs: number): RowChange {
  const { graph } = state.shape;
  return {
    op: "put",
    table: "plan",
    row: {
      plan_id: state.planId,
      tenant: state.tenant,
      shard,
      status: statusOf(state),
      goal: graph.goal.slice(0, MAX_GOAL_CHARS),
      strategy: graph.strategy,
      playbook: graph.playbook?.name ?? null,
      hash: state.hash,
      created_by: state.createdBy,
      created_at: state.createdAtMs,
      updated_at: updatedAtMs,
      started_at: state.startedAtMs || null,
      ended_at: state.endedAtMs || null,
      tasks_total: state.tasks.length,
      is_open: state.phase === "finished" ? 0 : 1,
      has_work: working ? 1 : 0,
      next_wake_at: wakeMs,
      forked_from: state.forkedFrom ?? null,
      error: state.error === undefined ? null : JSON.stringify(state.error),
    },
  };
}

export function taskRow(planId: string, task: TaskState): RowChange {
  const { lease, items, output } = task;
  const isRunning = task.status === "running";
  return {
    op: "put",
    table: "task",
    row: {
      plan_id: planId,
      task_id: task.id,
      status: task.status,
      agent: task.agent ?? null,
      attempt: task.attempt,
      generation: task.generation,
      ready_at: task.readyAtMs || null,
      started_at: task.startedAtMs || null,
      ended_at: task.endedAtMs || null,
      retry_at: task.retryAtMs || null,
      lease_expires_at: isRunning && lease !== undefined ? lease.expiresAtMs : null,
      labels: task.labels.length === 0 ? null : task.labels.join(","),
      output_seq: output?.seq ?? null,
      output_hash: output?.hash ?? null,
      items_total: items?.list.length ?? null,
      items_done: items === undefined ? null : items.list.length - items.left,
      error: task.error === undefined ? null : JSON.stringify(task.error),
    },
  };
}

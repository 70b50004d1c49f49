// The row of a plan. The same state gives the same row, live or replayed. Tasks have no rows: a list of plans does not need them, and whoever
// looks at one plan reads its stream.

import type { RowChange } from "@kos/store";
import { wantsOutput } from "../plan/decide-advance.ts";
import { nextDueMs } from "../plan/decide-timer.ts";
import { isDone, mayDispatch, type PlanState, statusOf, underWay } from "../plan/plan-state.ts";

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
      tasks_done: doneTasks(state),
      is_open: state.phase === "finished" ? 0 : 1,
      has_work: working ? 1 : 0,
      next_wake_at: wakeMs,
      forked_from: state.forkedFrom ?? null,
      error: state.error === undefined ? null : JSON.stringify(state.error),
    },
  };
}

/** Tasks, without items, that have succeeded or were skipped. */
export function doneTasks(state: PlanState): number {
  let done = 0;
  for (const task of state.tasks) if (isDone(task.status)) done++;
  return done;
}

// Brings a plan back from the log: applies its events, and finds out what still runs, what was lost with another engine, what is due.

import { applyBudget } from "../budget/budget.ts";
import { budgetIdOf } from "../budget/budget-id.ts";
import { apply } from "../plan/apply.ts";
import { runningCalls } from "../plan/apply-plan.ts";
import { lostEvents } from "../plan/decide-lost.ts";
import type { PlanState } from "../plan/plan-state.ts";
import { touch } from "../plan/task-change.ts";
import { eventRow, hasRow } from "../projection/event-rows.ts";
import { envOf, type PartitionCore, record } from "./partition-core.ts";
import type { LoadedPlan } from "./partition-io.ts";
import { enqueue, type Resident } from "./resident.ts";
import { scheduleReview } from "./review-step.ts";
import { settle } from "./settle-step.ts";
import { ownStash } from "./stash.ts";

/** The state the log holds; undefined for a plan without events. */
export function replay(planId: string, plan: LoadedPlan, resident?: Resident): PlanState | undefined {
  let state: PlanState | undefined;
  for (const { event, tenant, atMs } of plan.events) {
    state = apply(state, event, { planId, tenant, atMs });
    if (resident !== undefined && hasRow(event))
      eventRow(event, { tenant, planId, seq: state.seq, atMs, open: ownStash(resident).openRows });
  }
  return state;
}

export function onLoaded(core: PartitionCore, resident: Resident, plan: LoadedPlan): PlanState | undefined {
  const { planId } = resident;
  const state = replay(planId, plan, resident);
  if (state === undefined) return undefined;
  resident.state = state;
  resident.updatedAtMs = plan.events.at(-1)?.atMs ?? 0;
  const budgetId = budgetIdOf(planId);
  for (const event of plan.budget) resident.budget = applyBudget(resident.budget, event, budgetId);
  for (const [id, { row }] of resident.stash?.openRows ?? []) {
    if (row["status"] !== "open" && row["status"] !== "approved") resident.stash?.openRows.delete(id);
  }
  clearTouched(state);
  if (state.phase === "active") resume(core, resident, state);
  return state;
}

/** What replaying touched has been written long ago. */
function clearTouched(state: PlanState): void {
  for (const task of state.touched) task.touched = false;
  state.touched = [];
}

function resume(core: PartitionCore, resident: Resident, state: PlanState): void {
  for (const task of [...runningCalls(state)]) {
    const { lease } = task;
    if (lease === undefined) continue;
    if (lease.local && lease.engine !== core.ports.engine) {
      record(core, resident, state.tenant, lostEvents(state, task, lease, "restart", envOf(core)));
      continue;
    }
    const slot = core.ports.dispatcher.occupy(lease.capability, lease.agent, core.nowMs);
    resident.held.set(task.id, { token: lease.token, slot, outcome: undefined, cancelSent: false });
  }
  for (const task of state.tasks) {
    for (const one of task.items?.list ?? [task]) {
      if (one.status === "ready" || one.status === "running" || one.status === "reviewing" || one.status === "waiting_input") {
        touch(state, one);
      }
    }
  }
  const job = scheduleReview(core, resident, undefined);
  if (job !== undefined) enqueue(resident, job);
  settle(core, resident);
}

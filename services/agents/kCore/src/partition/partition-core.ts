// What the steps of a partition share: its ports, its plans in memory, and the one way in which an event comes into being.

import type { CapabilityCatalogue } from "@kos/plan";
import { applyBudget, budgetLimits, entryKey, settledAmounts } from "../budget/budget.ts";
import type { BudgetEvent } from "../budget/budget-event.ts";
import { budgetIdOf } from "../budget/budget-id.ts";
import type { Dispatcher, Waiter } from "../dispatcher/dispatcher.ts";
import { apply } from "../plan/apply.ts";
import type { DecideEnv } from "../plan/decide-env.ts";
import { isoTime } from "../plan/iso-time.ts";
import type { PlanEvent } from "../plan/plan-event.ts";
import { findTask, type Lease } from "../plan/plan-state.ts";
import { eventRow, hasRow } from "../projection/event-rows.ts";
import type { ScheduleBook } from "../schedule/schedule-book.ts";
import type { Outbox } from "./outbox.ts";
import type { KnownKey, PartitionEffect, PartitionInput } from "./partition-io.ts";
import type { Resident } from "./resident.ts";
import { ownStash } from "./stash.ts";
import type { TimerHeap } from "./timer-heap.ts";

/** What a call did, for metrics. */
export interface CallSample {
  readonly capability: string;
  readonly agent: string;
  readonly outcome: "succeeded" | "failed" | "cancelled" | "timed_out" | "in_doubt" | "put_back";
  /** There will be another attempt. */
  readonly isRetried: boolean;
  readonly queuedMs: number;
  readonly runMs: number;
}

export interface PartitionPorts {
  readonly partition: number;
  /** This run of this engine; a call on a local agent of another run is lost. */
  readonly engine: string;
  readonly newId: () => string;
  readonly random: () => number;
  readonly dispatcher: Dispatcher;
  readonly catalogue: CapabilityCatalogue;
  readonly offer: DecideEnv["offer"];
  readonly policy: DecideEnv["policy"];
  readonly planTasks: number;
  readonly leaseMs: number;
  readonly cancelGraceMs: number;
  readonly reviewTimeoutMs: number;
  /** Plans that wait longer than this are not kept in memory. */
  readonly passivateAfterMs: number;
  /** Events from which on a commit is halved, so that one half is decided while the other is written. */
  readonly leastHalf: number;
  readonly idempotencyKey: (address: {
    readonly tenant: string;
    readonly plan_id: string;
    readonly task_id: string;
    readonly generation: number;
  }) => string;
  readonly isAlive: (lease: Lease) => boolean;
  readonly emit: (effect: PartitionEffect) => void;
  readonly onCall?: ((sample: CallSample) => void) | undefined;
}

export interface PartitionCore {
  readonly ports: PartitionPorts;
  readonly epoch: number;
  readonly outbox: Outbox;
  readonly residents: Map<string, Resident>;
  readonly wakes: TimerHeap<Resident>;
  readonly schedules: ScheduleBook;
  /** Idempotency keys seen lately. */
  readonly keys: Map<string, KnownKey>;
  /** Submissions that wait until it is known whether their key was used. */
  readonly keyWaiters: Map<string, PartitionInput[]>;
  readonly waiter: Waiter;
  nowMs: number;
  tokens: number;
  /** The plan that is being decided about: named when a decision breaks. */
  current: string | undefined;
}

export function envOf(core: PartitionCore): DecideEnv {
  const { ports } = core;
  return {
    nowMs: core.nowMs,
    newId: ports.newId,
    random: ports.random,
    offer: ports.offer,
    policy: ports.policy,
    planTasks: ports.planTasks,
    leaseMs: ports.leaseMs,
    cancelGraceMs: ports.cancelGraceMs,
  };
}

/** Unique among all attempts: an epoch has one owner, and it counts up. */
export function newLeaseToken(core: PartitionCore): string {
  core.tokens++;
  return `${core.ports.partition}.${core.epoch}.${core.tokens}`;
}

/** Applies the events and puts them into the next commit, with what follows for the budget and the tables. */
export function record(core: PartitionCore, resident: Resident, tenant: string, events: readonly PlanEvent[]): void {
  for (const event of events) recordOne(core, resident, tenant, event);
}

function recordOne(core: PartitionCore, resident: Resident, tenant: string, event: PlanEvent): void {
  const { planId } = resident;
  core.current = planId;
  settleBudget(core, resident, event);
  const state = apply(resident.state, event, { planId, tenant, atMs: core.nowMs });
  resident.state = state;
  resident.updatedAtMs = core.nowMs;
  core.outbox.add(
    resident,
    { type: event.type, tenant, plan_id: planId, plan_seq: state.seq, at: isoTime(core.nowMs), payload: payloadText(event) },
    event,
  );
  if (hasRow(event)) {
    const row = eventRow(event, { tenant, planId, seq: state.seq, atMs: core.nowMs, open: ownStash(resident).openRows });
    if (row?.op === "put") core.outbox.putRow(`${row.table} ${String(Object.values(row.row)[0])}`, row);
  }
  if (event.type === "plan.created" && event.payload.graph.budget !== undefined) {
    recordBudget(core, resident, { type: "budget.opened", payload: { plan_id: planId, limits: budgetLimits(event.payload.graph.budget) } });
  }
  if (event.type === "plan.changed") {
    const limits = event.payload.graph.budget === undefined ? {} : budgetLimits(event.payload.graph.budget);
    if (resident.budget !== undefined) recordBudget(core, resident, { type: "budget.changed", payload: { limits } });
    else if (event.payload.graph.budget !== undefined)
      recordBudget(core, resident, { type: "budget.opened", payload: { plan_id: planId, limits } });
  }
}

/** A graph too large for the log lies in a blob; what is read back is put together again before it is applied. */
function payloadText(event: PlanEvent): string {
  if ((event.type === "plan.created" || event.type === "plan.changed") && event.payload.body !== undefined) {
    return JSON.stringify({ ...event.payload, graph: undefined, reusable: undefined });
  }
  return JSON.stringify(event.payload);
}

export function recordBudget(core: PartitionCore, resident: Resident, event: BudgetEvent): void {
  const budgetId = resident.budget?.budgetId ?? budgetIdOf(resident.planId);
  resident.budget = applyBudget(resident.budget, event, budgetId);
  const tenant = resident.state?.tenant ?? "";
  core.outbox.add(
    resident,
    {
      type: event.type,
      tenant,
      plan_id: budgetId,
      plan_seq: resident.budget.seq,
      at: isoTime(core.nowMs),
      payload: JSON.stringify(event.payload),
    },
    undefined,
  );
}

/** In the commit that ends an attempt its reservation ends: settled with what was used, released when it never ran to an answer. */
function settleBudget(core: PartitionCore, resident: Resident, event: PlanEvent): void {
  const { budget, state } = resident;
  if (budget === undefined || state === undefined || budget.open.size === 0) return;
  const { payload } = event;
  if (!("task_id" in payload) || payload.task_id === undefined) return;
  const task = findTask(state, payload.task_id);
  if (task === undefined) return;
  const { attempt } = task;
  const held = budget.open.get(entryKey(task.id, attempt));
  if (held === undefined) return;
  const elapsedMs = Math.max(0, core.nowMs - task.startedAtMs);
  const settle = (runMs: number): void => {
    const amounts = settledAmounts(budget, task.id, attempt, runMs);
    if (amounts !== undefined) recordBudget(core, resident, { type: "budget.settled", payload: { task_id: task.id, attempt, amounts } });
  };
  switch (event.type) {
    case "task.succeeded":
    case "review.requested":
      return settle(event.payload.run_ms ?? elapsedMs);
    case "task.failed":
    case "task.attempt_failed":
    case "task.cancelled":
      return settle(elapsedMs);
    case "task.resolved":
      return settle(held.time_ms);
    case "task.attempt_lost":
      if (event.payload.cause === "timeout" || event.payload.next === "reconcile") return settle(elapsedMs);
      return recordBudget(core, resident, { type: "budget.released", payload: { task_id: task.id, attempt } });
    default:
      return;
  }
}

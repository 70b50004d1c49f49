// The budget of one plan: what is used, what is reserved for calls that run, what is left. Pure; events alone change it.

import type { Budget } from "@kos/plan";
import type { Amounts, BudgetEvent } from "./budget-event.ts";

export const AMOUNT_KINDS = ["time_ms", "attempts", "calls", "units"] as const;
type AmountKind = (typeof AMOUNT_KINDS)[number];

export interface BudgetState {
  readonly budgetId: string;
  /** plan_seq of its own stream. */
  seq: number;
  limits: Partial<Amounts>;
  used: Amounts;
  reserved: Amounts;
  /** By `task_id` and attempt. An attempt in doubt keeps its reservation. */
  readonly open: Map<string, Amounts>;
}

const NO_AMOUNTS: Amounts = { time_ms: 0, attempts: 0, calls: 0, units: 0 };

export function entryKey(taskId: string, attempt: number): string {
  return `${taskId}#${attempt}`;
}

/** The state after the event. */
export function applyBudget(state: BudgetState | undefined, event: BudgetEvent, budgetId: string): BudgetState {
  if (state === undefined) {
    const limits = event.type === "budget.opened" ? event.payload.limits : {};
    return { budgetId, seq: 1, limits, used: NO_AMOUNTS, reserved: NO_AMOUNTS, open: new Map() };
  }
  state.seq++;
  switch (event.type) {
    case "budget.opened":
    case "budget.changed":
      state.limits = event.payload.limits;
      return state;
    case "budget.reserved":
      state.open.set(entryKey(event.payload.task_id, event.payload.attempt), event.payload.amounts);
      state.reserved = add(state.reserved, event.payload.amounts, 1);
      return state;
    case "budget.settled":
      release(state, event.payload.task_id, event.payload.attempt);
      state.used = add(state.used, event.payload.amounts, 1);
      return state;
    case "budget.released":
      release(state, event.payload.task_id, event.payload.attempt);
      return state;
  }
}

function release(state: BudgetState, taskId: string, attempt: number): void {
  const key = entryKey(taskId, attempt);
  const held = state.open.get(key);
  if (held === undefined) return;
  state.open.delete(key);
  state.reserved = add(state.reserved, held, -1);
}

export function budgetLimits(budget: Budget): Partial<Amounts> {
  return Object.fromEntries(AMOUNT_KINDS.flatMap((kind) => (budget[kind] === undefined ? [] : [[kind, budget[kind]]])));
}

/**
 * `granted`: reserve these amounts; `time_ms` may be less than wished. `wait`: others hold what is left; ask again when one of them has
 * ended. `exceeded`: not even without them.
 */
export type Reservation =
  | { readonly outcome: "granted"; readonly amounts: Amounts }
  | { readonly outcome: "wait" }
  | { readonly outcome: "exceeded"; readonly kind: AmountKind; readonly limit: number; readonly used: number; readonly wanted: number };

export function reserve(state: BudgetState, wish: Amounts): Reservation {
  const { limits, used, reserved } = state;
  let isBlocked = false;
  let timeMs = wish.time_ms;
  for (const kind of AMOUNT_KINDS) {
    const limit = limits[kind];
    if (limit === undefined) continue;
    // A call takes what time is left rather than none.
    const wanted = kind === "time_ms" ? 1 : wish[kind];
    if (used[kind] + wanted > limit) return { outcome: "exceeded", kind, limit, used: used[kind], wanted };
    if (used[kind] + reserved[kind] + wanted > limit) isBlocked = true;
    if (kind === "time_ms") timeMs = Math.min(timeMs, limit - used[kind] - reserved[kind]);
  }
  return isBlocked ? { outcome: "wait" } : { outcome: "granted", amounts: { ...wish, time_ms: timeMs } };
}

/** What is settled: the reservation with the measured time, never more than was reserved of anything but time. */
export function settledAmounts(state: BudgetState, taskId: string, attempt: number, runMs: number): Amounts | undefined {
  const held = state.open.get(entryKey(taskId, attempt));
  return held && { ...held, time_ms: Math.min(held.time_ms, Math.max(0, Math.ceil(runMs))) };
}

function add(left: Amounts, right: Amounts, sign: 1 | -1): Amounts {
  return {
    time_ms: left.time_ms + sign * right.time_ms,
    attempts: left.attempts + sign * right.attempts,
    calls: left.calls + sign * right.calls,
    units: left.units + sign * right.units,
  };
}

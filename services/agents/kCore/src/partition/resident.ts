// A plan in memory: its state, and what the partition keeps beside it that is not in the log, because it can be worked out again.

import type { BudgetState } from "../budget/budget.ts";
import type { Slot } from "../dispatcher/dispatcher.ts";
import { Fifo } from "../dispatcher/fifo.ts";
import type { PlanState, TaskState } from "../plan/plan-state.ts";
import type { Job } from "./job.ts";
import type { PartitionInput } from "./partition-io.ts";
import type { Stash } from "./stash.ts";
import type { Timed } from "./timer-heap.ts";

/** A call that runs, and the slot it takes. */
export interface Held {
  readonly token: string;
  readonly slot: Slot;
  /** How the agent answered; undefined while it has not. */
  outcome: "ok" | "failed" | "neutral" | undefined;
  cancelSent: boolean;
}

export interface Resident extends Timed {
  readonly planId: string;
  state: PlanState | undefined;
  budget: BudgetState | undefined;
  /** Inputs that came while it was being loaded. */
  waiting: PartitionInput[];
  /** Work that wants a slot, by kind. */
  readonly ready: Map<string, Fifo<Job>>;
  /** By task id. */
  readonly held: Map<string, Held>;
  stash: Stash | undefined;
  readonly timers: { readonly atMs: number; readonly task: TaskState | undefined }[];
  /** The output waits for values. */
  outputParked: boolean;
  rowKey: string;
  updatedAtMs: number;
  /** The newest batch with events of this plan. */
  batch: number;
}

export function newResident(planId: string): Resident {
  return {
    planId,
    state: undefined,
    budget: undefined,
    waiting: [],
    ready: new Map(),
    held: new Map(),
    stash: undefined,
    timers: [],
    outputParked: false,
    rowKey: "",
    updatedAtMs: 0,
    batch: -1,
    atMs: 0,
    heapIndex: -1,
  };
}

export function enqueue(resident: Resident, job: Job): void {
  let queue = resident.ready.get(job.kind.key);
  if (queue === undefined) resident.ready.set(job.kind.key, (queue = new Fifo()));
  queue.push(job);
}

/** Nothing of it is under way: it can be dropped and read back from the log when it is needed. */
export function isIdle(resident: Resident): boolean {
  const { state } = resident;
  if (state === undefined || resident.held.size > 0 || resident.waiting.length > 0) return false;
  const { stash } = resident;
  if (stash !== undefined && stash.reviews.size + stash.loading.size + stash.parked.size > 0) return false;
  if (state.phase === "finished") return true;
  for (const queue of resident.ready.values()) if (queue.size > 0 && !state.paused) return false;
  return true;
}

/** Task timers as a small heap; entries may be stale and are looked at again when due. */
export function pushTimer(resident: Resident, atMs: number, task: TaskState | undefined): void {
  const { timers } = resident;
  let index = timers.length;
  timers.push({ atMs, task });
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = timers[parentIndex];
    const entry = timers[index];
    if (parent === undefined || entry === undefined || parent.atMs <= entry.atMs) return;
    timers[parentIndex] = entry;
    timers[index] = parent;
    index = parentIndex;
  }
}

export function popTimer(resident: Resident): { readonly atMs: number; readonly task: TaskState | undefined } | undefined {
  const { timers } = resident;
  const first = timers[0];
  const last = timers.pop();
  if (first === undefined || last === undefined || first === last) return first;
  let index = 0;
  for (;;) {
    let childIndex = index * 2 + 1;
    const left = timers[childIndex];
    const right = timers[childIndex + 1];
    let child = left;
    if (left !== undefined && right !== undefined && right.atMs < left.atMs) {
      child = right;
      childIndex++;
    }
    if (child === undefined || child.atMs >= last.atMs) break;
    timers[index] = child;
    index = childIndex;
  }
  timers[index] = last;
  return first;
}

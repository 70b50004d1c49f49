// The schedules of one partition in memory: all of them, in one heap of timers.

import type { PartitionInput, ReplyId } from "../partition/partition-io.ts";
import { type Timed, TimerHeap } from "../partition/timer-heap.ts";
import type { ScheduleState } from "./schedule-state.ts";

/** The plan of a run that is being made outside. */
interface Making {
  tries: number;
  /** When to ask again; 0 while an answer is awaited. */
  againAtMs: number;
}

export interface ScheduleEntry extends Timed {
  readonly id: string;
  state: ScheduleState;
  /** By run. */
  readonly making: Map<number, Making>;
  /** Who waits for the plan of a run. */
  readonly replies: Map<number, ReplyId>;
}

export class ScheduleBook {
  /** `closed`: nobody has asked for schedules yet. */
  phase: "closed" | "loading" | "open" = "closed";
  /** Whether due times are seen to. A node that is up for one job alone leaves them to a later one. */
  hasTimers = false;
  /** What came before the schedules were read. */
  waiting: PartitionInput[] = [];
  readonly entries = new Map<string, ScheduleEntry>();
  readonly wakes = new TimerHeap<ScheduleEntry>();

  open(state: ScheduleState): ScheduleEntry {
    const entry: ScheduleEntry = { id: state.scheduleId, state, making: new Map(), replies: new Map(), atMs: 0, heapIndex: -1 };
    this.entries.set(entry.id, entry);
    return entry;
  }

  /** Puts the entry where it next has something to do. */
  arrange(entry: ScheduleEntry): void {
    let atMs = Number.POSITIVE_INFINITY;
    const { state } = entry;
    if (this.hasTimers && !state.paused && !state.removed && state.nextAtMs !== null) atMs = state.nextAtMs;
    for (const { againAtMs } of entry.making.values()) if (againAtMs > 0 && againAtMs < atMs) atMs = againAtMs;
    if (Number.isFinite(atMs)) this.wakes.set(entry, atMs);
    else this.wakes.remove(entry);
  }
}

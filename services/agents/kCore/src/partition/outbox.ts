// Gathers what one commit will hold, and keeps back everything that must not happen before that commit is on disk. Promise 3 lives here:
// an effect is let go only when the commit it follows from, and every commit before it, has been acknowledged.
//
// Deciding and writing take turns unless the work is halved: then one half is decided while the other is written. So a commit leaves when it
// holds half of what is open, although there is more to decide in this turn.

import type { Commit, NewEvent, RowChange } from "@kos/store";
import type { PlanEvent } from "../plan/plan-event.ts";
import type { PartitionEffect } from "./partition-io.ts";
import type { Resident } from "./resident.ts";

interface Batch {
  readonly number: number;
  readonly events: NewEvent[];
  /** Plan events among them, with their place in the batch. */
  readonly news: { readonly index: number; readonly event: PlanEvent; readonly resident: Resident; readonly seq: number }[];
  readonly rows: Map<string, RowChange>;
  readonly residents: Set<Resident>;
  readonly held: PartitionEffect[];
}

export class Outbox {
  #pending = newBatch(0);
  #inFlight: Batch | undefined;
  #version: number;
  readonly #leastHalf: number;
  /** Half of the events that were open at the last acknowledgement. */
  #half: number;
  readonly #emit: (effect: PartitionEffect) => void;

  /** `leastHalf`: events below which halving would cost more than it gains. */
  constructor(version: number, leastHalf: number, emit: (effect: PartitionEffect) => void) {
    this.#version = version;
    this.#leastHalf = leastHalf;
    this.#half = leastHalf;
    this.#emit = emit;
  }

  get isInFlight(): boolean {
    return this.#inFlight !== undefined;
  }

  get hasPending(): boolean {
    return this.#pending.events.length > 0;
  }

  /** Half of the work is decided and none is being written. */
  get isHalfDecided(): boolean {
    return this.#inFlight === undefined && this.#pending.events.length >= this.#half;
  }

  /** The newest batch that has been acknowledged is the one before. */
  get oldestOpenBatch(): number {
    return this.#inFlight?.number ?? this.#pending.number;
  }

  add(resident: Resident, event: NewEvent, news: PlanEvent | undefined): void {
    const { events, residents } = this.#pending;
    if (news !== undefined) this.#pending.news.push({ index: events.length, event: news, resident, seq: event.plan_seq });
    events.push(event);
    residents.add(resident);
    resident.batch = this.#pending.number;
  }

  /** An event of another aggregate than a plan. */
  addOther(event: NewEvent): void {
    this.#pending.events.push(event);
  }

  /** The last change of a row wins. */
  putRow(key: string, row: RowChange): void {
    this.#pending.rows.set(key, row);
  }

  /** Lets the effect go once everything decided so far is durable. */
  hold(effect: PartitionEffect): void {
    if (this.#pending.events.length > 0) this.#pending.held.push(effect);
    else if (this.#inFlight !== undefined) this.#inFlight.held.push(effect);
    else this.#emit(effect);
  }

  /** The next commit, if there is one and none is on its way. */
  next(partition: number, epoch: number, rowsOf: (residents: ReadonlySet<Resident>) => readonly RowChange[]): Commit | undefined {
    if (this.#inFlight !== undefined || this.#pending.events.length === 0) return undefined;
    const batch = this.#pending;
    this.#inFlight = batch;
    this.#pending = newBatch(batch.number + 1);
    const rows = [...batch.rows.values(), ...rowsOf(batch.residents)];
    return { partition, epoch, expected_version: this.#version, events: batch.events, rows };
  }

  /** The commit is on disk: its effects go, in the order they were decided. Returns what it was about. */
  acknowledge(): { readonly batch: Batch; readonly firstPosition: number } | undefined {
    const batch = this.#inFlight;
    if (batch === undefined) return undefined;
    this.#inFlight = undefined;
    this.#half = Math.max(this.#leastHalf, Math.ceil((batch.events.length + this.#pending.events.length) / 2));
    const firstPosition = this.#version;
    this.#version += batch.events.length;
    return { batch, firstPosition };
  }

  release(batch: Batch): void {
    for (const effect of batch.held) this.#emit(effect);
  }

  /** Forgets everything that has not been acknowledged. */
  drop(): void {
    this.#pending = newBatch(this.#pending.number + 1);
    this.#inFlight = undefined;
  }
}

export type { Batch };

function newBatch(number: number): Batch {
  return { number, events: [], news: [], rows: new Map(), residents: new Set(), held: [] };
}

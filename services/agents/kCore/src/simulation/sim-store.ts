// A simulated store: fenced appends that take time, fail, or are lost in a crash; rows written with their events. Streams are kept as text,
// so that what is read back has been through the form it has on disk.

import type { Claim, Commit, NewEvent, RowChange } from "@kos/store";
import { KCORE_PRIMARY_KEYS } from "../projection/kcore-migrations.ts";

export interface StoreFaults {
  /** A planted bug: old owners are not fenced. */
  readonly skipFence?: boolean;
}

interface Shard {
  epoch: number;
  readonly events: NewEvent[];
}

type Row = Readonly<Record<string, unknown>>;

export class SimStore {
  readonly #shards: Shard[];
  readonly #streams = new Map<string, NewEvent[]>();
  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #faults: StoreFaults;

  constructor(partitions: number, faults: StoreFaults) {
    this.#faults = faults;
    this.#shards = Array.from({ length: partitions }, () => ({ epoch: 0, events: [] }));
    for (const table of Object.keys(KCORE_PRIMARY_KEYS)) this.#tables.set(table, new Map());
  }

  claim(partition: number): Claim {
    const shard = this.#shard(partition);
    shard.epoch++;
    return { epoch: shard.epoch, version: shard.events.length };
  }

  /** What is returned as committed is durable. A string is a broken promise of the owner. */
  append(
    commit: Commit,
  ): { readonly outcome: "committed" } | { readonly outcome: "fenced" } | { readonly outcome: "broken"; readonly why: string } {
    const shard = this.#shard(commit.partition);
    if (!this.#faults.skipFence) {
      if (commit.epoch < shard.epoch) return { outcome: "fenced" };
      if (commit.expected_version !== shard.events.length) {
        return {
          outcome: "broken",
          why: `expected version ${commit.expected_version} of partition ${commit.partition}, which has ${shard.events.length}`,
        };
      }
    }
    const added = new Map<string, number>();
    for (const event of commit.events) {
      const last = added.get(event.plan_id) ?? this.stream(event.plan_id).length;
      if (event.plan_seq !== last + 1)
        return { outcome: "broken", why: `${event.plan_id} has ${last} events, the next came as ${event.plan_seq}` };
      added.set(event.plan_id, event.plan_seq);
    }
    for (const event of commit.events) {
      shard.events.push(event);
      const stream = this.#streams.get(event.plan_id);
      if (stream === undefined) this.#streams.set(event.plan_id, [event]);
      else stream.push(event);
    }
    for (const row of commit.rows) this.#change(row);
    return { outcome: "committed" };
  }

  version(partition: number): number {
    return this.#shard(partition).events.length;
  }

  events(partition: number): readonly NewEvent[] {
    return this.#shard(partition).events;
  }

  stream(planId: string): readonly NewEvent[] {
    return this.#streams.get(planId) ?? NO_EVENTS;
  }

  streams(): IterableIterator<[string, NewEvent[]]> {
    return this.#streams.entries();
  }

  rows(table: string): IterableIterator<Row> {
    return this.#table(table).values();
  }

  row(table: string, key: string): Row | undefined {
    return this.#table(table).get(key);
  }

  #change(change: RowChange): void {
    const table = this.#table(change.table);
    const source = change.op === "put" ? change.row : change.key;
    const key = (KCORE_PRIMARY_KEYS[change.table] ?? []).map((column) => String(source[column])).join(" ");
    if (change.op === "put") table.set(key, change.row);
    else table.delete(key);
  }

  #table(name: string): Map<string, Row> {
    const table = this.#tables.get(name);
    if (table === undefined) throw new RangeError(`there is no table ${name}`);
    return table;
  }

  #shard(partition: number): Shard {
    const shard = this.#shards[partition];
    if (shard === undefined) throw new RangeError(`there is no partition ${partition}`);
    return shard;
  }
}

const NO_EVENTS: readonly NewEvent[] = [];

// Keys, tables and short ways to write events, for the tests of this package and the contract suites.

import { createSigner, encodeDidKey } from "@kos/klp";
import type { Commit, EventLog, NewEvent, RowChange } from "./event-log.ts";
import type { LogSignerSeed } from "./log-signer.ts";
import type { Migration } from "./tables.ts";

const SEED = new Uint8Array(32).fill(7);
const KEY = createSigner(SEED);

export const PUBLIC_KEY = KEY.publicKey;
export const SIGNER: LogSignerSeed = { did: encodeDidKey(KEY.publicKey), privateKeySeed: SEED };
export const NOW = () => "2026-11-22T13:00:00.000Z";

export const TASK_TABLES: readonly Migration[] = [
  {
    owner: "test",
    version: 1,
    statements: [
      "CREATE TABLE task (plan_id TEXT NOT NULL, task_id TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending', attempts INTEGER, data BLOB, PRIMARY KEY (plan_id, task_id)) STRICT, WITHOUT ROWID",
      "CREATE TABLE note (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size REAL) STRICT",
    ],
  },
];

export function event(planId: string, seq: number, payload: unknown = { n: seq }, type = "task.succeeded"): NewEvent {
  return { type, tenant: "local", plan_id: planId, plan_seq: seq, at: NOW(), payload: JSON.stringify(payload) };
}

export function putTask(planId: string, taskId: string, state: string): RowChange {
  return { op: "put", table: "task", row: { plan_id: planId, task_id: taskId, state } };
}

/** One owner of one partition, who keeps count of the version as an engine does. */
export class Owner {
  readonly #log: EventLog;
  readonly #partition: number;
  readonly epoch: number;
  version: number;

  private constructor(log: EventLog, partition: number, epoch: number, version: number) {
    this.#log = log;
    this.#partition = partition;
    this.epoch = epoch;
    this.version = version;
  }

  static async claim(log: EventLog, partition = 0): Promise<Owner> {
    const { epoch, version } = await log.claim(partition);
    return new Owner(log, partition, epoch, version);
  }

  commitOf(events: readonly NewEvent[], rows: readonly RowChange[] = []): Commit {
    const commit = { partition: this.#partition, epoch: this.epoch, expected_version: this.version, events, rows };
    this.version += events.length;
    return commit;
  }

  /** Appends without waiting for earlier appends, as an engine does; counts them as done. */
  append(events: readonly NewEvent[], rows: readonly RowChange[] = []): ReturnType<EventLog["append"]> {
    return this.#log.append(this.commitOf(events, rows));
  }
}

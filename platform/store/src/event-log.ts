// The event log port: fenced, durable, signed appends per partition, and reads. The log is the truth; tables are its projections.

import type { TreeHead } from "@kos/evidence";

/** A value a column can hold on every driver. */
export type ColumnValue = string | number | null | Uint8Array;

/** A change to a projection, written in the transaction of the events it follows from. `put` replaces the whole row by primary key. */
export type RowChange =
  | { readonly op: "put"; readonly table: string; readonly row: Readonly<Record<string, ColumnValue>> }
  | { readonly op: "delete"; readonly table: string; readonly key: Readonly<Record<string, ColumnValue>> };

export interface NewEvent {
  /** Dotted, past tense: `task.succeeded`. */
  readonly type: string;
  readonly tenant: string;
  /** The stream: a plan, or another aggregate with an id of its own (a budget). */
  readonly plan_id: string;
  /** 1 for the first event of the stream, then without a gap. */
  readonly plan_seq: number;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** JSON text, written once and never reformatted: commitments are over these bytes. */
  readonly payload: string;
}

export interface Commit {
  readonly partition: number;
  /** The epoch this writer got from `claim`. */
  readonly epoch: number;
  /** How many events the partition holds before this commit. */
  readonly expected_version: number;
  readonly events: readonly NewEvent[];
  readonly rows: readonly RowChange[];
}

/**
 * `committed`: durable on disk. `fenced`: another owner has claimed the partition since; nothing was written and this owner must stop.
 */
export type CommitOutcome =
  | { readonly outcome: "committed"; readonly version: number }
  | { readonly outcome: "fenced"; readonly epoch: number };

export interface Claim {
  readonly epoch: number;
  /** Events in the partition. */
  readonly version: number;
}

export interface StoredEvent {
  readonly partition: number;
  /** Place in the partition's log, from 0. */
  readonly position: number;
  readonly plan_id: string;
  readonly plan_seq: number;
  readonly type: string;
  readonly at: string;
  /** The exact bytes of the header, canonical JSON; the leaf of the tree is their RFC 6962 leaf hash. */
  readonly header: string;
  /** Null once forgotten. */
  readonly payload: string | null;
  /** base64url; null once forgotten. */
  readonly salt: string | null;
}

/** A place where the log is not what it was when written. Its stream is not served any more until a person has looked. */
export interface Damage {
  readonly partition: number;
  readonly position: number;
  readonly plan_id: string;
  /** For people: which check failed. */
  readonly reason: string;
}

/** A node of the tree; it covers the leaves `[index << level, (index + 1) << level)`. Level 0 is leaves. */
export interface TreePlace {
  readonly level: number;
  readonly index: number;
}

export interface StreamQuery {
  readonly partition: number;
  readonly plan_id: string;
  /** First plan_seq wanted; default 1. */
  readonly from_seq?: number;
  readonly limit?: number;
}

/** Events before position `size` are gone; `removed` of them with this call. */
export interface LogCut {
  readonly size: number;
  readonly removed: number;
}

export interface EventLog {
  /** Takes ownership: raises the partition's epoch durably, so that every older owner is fenced; checks and signs the tail. */
  claim(partition: number): Promise<Claim>;
  /**
   * Appends in the order of the calls; resolves after the sync to disk. Many calls share one transaction (group commit): either all
   * events and rows of a commit are there or none. A position is never visible while a lower one can still commit.
   * Errors: CONFLICT (expected_version or plan_seq is wrong, or a row violates a constraint: a bug of the owner), BAD_REQUEST (an unknown table
   * or column, a field that cannot be written), TOO_LARGE (a payload), STORAGE_FULL, UNAVAILABLE (disk failed: the log has stopped; nothing
   * after the failure is acknowledged until it is opened anew). Only the last two stop the log; after the others nothing of that commit is there.
   */
  append(commit: Commit): Promise<CommitOutcome>;
  /**
   * Events of one stream in order. Every payload read is checked against its header, every header against the tree.
   * Errors: INTERNAL with `details {partition, position, plan_id}` where damaged; the place is then listed by `damage`.
   */
  readStream(query: StreamQuery): Promise<readonly StoredEvent[]>;
  /** Events of the partition from a position on, in order. */
  readPartition(query: { readonly partition: number; readonly from: number; readonly limit: number }): Promise<readonly StoredEvent[]>;
  /** A hint after each commit; it may be missed, so readers also read. Returns the way to stop. */
  watch(listener: (hint: { readonly partition: number; readonly version: number }) => void): () => void;
  /** The newest signed head; it may trail the log by one commit. `settle` waits until a head covers everything committed before the call. */
  head(partition: number, options?: { readonly settle?: boolean }): Promise<TreeHead | undefined>;
  /** Hashes of nodes of the tree, for proofs. Errors: NOT_FOUND where one is not complete yet, INTERNAL where the log is damaged. */
  nodes(partition: number, places: readonly TreePlace[]): Promise<readonly Uint8Array[]>;
  /** Damage found so far, oldest first. */
  damage(): Promise<readonly Damage[]>;
  /** Deletes payload and salt of a stream's events, a part at a time; says of how many. Proofs still verify. Interrupted: call it again. */
  forget(stream: { readonly partition: number; readonly plan_id: string }): Promise<number>;
  /**
   * Removes events from the beginning of the partition that have been forgotten, behind a signed checkpoint; never one that has its payload. Does a
   * bounded part of the work and says how many it removed: call it again until that is 0. What is left verifies as before.
   */
  cut(partition: number): Promise<LogCut>;
}

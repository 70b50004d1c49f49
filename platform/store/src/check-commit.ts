// Whether a commit may be appended where the log stands. Pure, shared by all drivers, so that they refuse alike.

import { KosError } from "@kos/klp";
import type { Commit, NewEvent } from "./event-log.ts";

/** Values over 32 KiB are blob references; this bound is against mistakes, and keeps a group of commits a bounded size. */
export const MAX_PAYLOAD_CHARACTERS = 1_048_576;
/** Partitions and positions share one integer key in drivers: 12 and 40 bits. */
export const MAX_PARTITIONS = 4096;

export interface PartitionState {
  readonly epoch: number;
  /** Events in the partition. */
  readonly version: number;
}

/**
 * True when it may be appended, false when its owner is fenced.
 * @throws KosError CONFLICT for an epoch nobody has claimed or another expected version.
 */
export function mayAppend(commit: Commit, state: PartitionState): boolean {
  if (commit.epoch < state.epoch) return false;
  if (commit.epoch > state.epoch) {
    throw new KosError(
      "CONFLICT",
      `Epoch ${commit.epoch} of partition ${commit.partition} was never claimed; the newest is ${state.epoch}. Claim first.`,
    );
  }
  if (commit.expected_version !== state.version) {
    throw new KosError(
      "CONFLICT",
      `Partition ${commit.partition} holds ${state.version} events, not ${commit.expected_version} as the commit expects.`,
      {
        details: { partition: commit.partition, version: state.version, expected_version: commit.expected_version },
      },
    );
  }
  return true;
}

/**
 * Checks one event against the end of its stream.
 * @throws KosError CONFLICT for a gap or a repetition in plan_seq, BAD_REQUEST for text that has no UTF-8 form, TOO_LARGE for a payload over the bound.
 */
export function checkEvent(event: NewEvent, lastSeq: number): void {
  if (event.plan_seq !== lastSeq + 1) {
    throw new KosError("CONFLICT", `The next event of ${event.plan_id} has plan_seq ${lastSeq + 1}, not ${event.plan_seq}.`, {
      details: { plan_id: event.plan_id, plan_seq: event.plan_seq, last_seq: lastSeq },
    });
  }
  if (event.type === "" || event.tenant === "" || event.plan_id === "" || event.at === "") {
    throw new KosError("BAD_REQUEST", "An event has a type, a tenant, a plan_id and a time; one of them is empty.");
  }
  // A lone surrogate has no UTF-8 form: what is read back would not be what was written.
  for (const text of [event.type, event.tenant, event.plan_id, event.at, event.payload]) {
    if (!text.isWellFormed()) throw new KosError("BAD_REQUEST", `An event of ${JSON.stringify(event.plan_id)} holds a lone surrogate.`);
  }
  if (event.payload.length > MAX_PAYLOAD_CHARACTERS) {
    throw new KosError(
      "TOO_LARGE",
      `The payload of ${event.type} has ${event.payload.length} characters; store it as a blob and refer to it.`,
    );
  }
}

/** @throws KosError BAD_REQUEST unless it is a partition's number. */
export function checkPartition(partition: number): void {
  if (!Number.isInteger(partition) || partition < 0 || partition >= MAX_PARTITIONS) {
    throw new KosError("BAD_REQUEST", `A partition is a whole number from 0 to ${MAX_PARTITIONS - 1}, not ${partition}.`);
  }
}

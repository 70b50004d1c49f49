// The header of an event as its row keeps it: hashes as bytes, and nothing twice that the row's place and its stream say already. The text that
// was hashed is made again from that, so a change of any column is a change of the header.

import type { StatementSync } from "node:sqlite";
import { type EventHeader, eventHeader, eventHeaderText, eventLeafHash, formatCommitment } from "@kos/evidence";
import { formatHash, KosError } from "@kos/klp";

/** What `storedHeader` reads of a row of `log_event`, beside its place. */
export const HEADER_COLUMNS = "type, tenant, at, prev, commitment";

const HASH_BYTES = 32;

export type Row = ReturnType<StatementSync["all"]>[number];

export interface StoredHeader {
  readonly header: EventHeader;
  /** What was hashed. */
  readonly text: string;
  readonly leaf: Uint8Array;
}

/** @throws KosError BAD_REQUEST for columns that make no header. */
export function storedHeader(row: Row, partition: number, planId: unknown): StoredHeader {
  const prev = row["prev"];
  const header = eventHeader({
    v: 1,
    type: row["type"],
    tenant: row["tenant"],
    partition,
    plan_id: planId,
    plan_seq: row["plan_seq"],
    prev: prev === null ? null : formatHash(digest(prev)),
    at: row["at"],
    payload_commitment: formatCommitment(digest(row["commitment"])),
  });
  const text = eventHeaderText(header);
  return { header, text, leaf: eventLeafHash(text) };
}

function digest(value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.length === HASH_BYTES) return value;
  throw new KosError("BAD_REQUEST", "The header of the event holds a hash that is none.");
}

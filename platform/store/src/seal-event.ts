// Makes a new event into what the log keeps: header bytes, leaf hash, salt. Shared by all drivers, so that their logs have the same bytes.

import { eventHeaderText, eventLeafHash } from "@kos/evidence";
import { formatHash } from "@kos/klp";
import type { NewEvent } from "./event-log.ts";

export interface SealedEvent {
  readonly header: string;
  readonly leaf: Uint8Array;
}

/** `prev` is the leaf hash of the stream's last event, undefined at its start; `commitment` is over the payload. */
export function sealEvent(event: NewEvent, partition: number, prev: Uint8Array | undefined, commitment: string): SealedEvent {
  const text = eventHeaderText({
    v: 1,
    type: event.type,
    tenant: event.tenant,
    partition,
    plan_id: event.plan_id,
    plan_seq: event.plan_seq,
    prev: prev === undefined ? null : formatHash(prev),
    at: event.at,
    payload_commitment: commitment,
  });
  return { header: text, leaf: eventLeafHash(text) };
}

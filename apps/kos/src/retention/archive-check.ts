// Whether bytes are the whole, closed evidence of a plan, and what its events mention. Pure; it takes a second for ten thousand events.

import { type EvidenceDocument, verifyEvidence } from "@kos/evidence";
import { mentionedHashes } from "./blob-mentions.ts";

export interface CheckedArchive {
  /** Events whose payload the log had lost already. */
  readonly payloadsRemoved: number;
  /** Every hash that stands in a payload, each once. */
  readonly mentioned: readonly string[];
}

/** Undefined unless it is the whole, closed evidence of this plan, signed with this key. */
export function checkArchive(bytes: Uint8Array, planId: string, publicKey: Uint8Array): CheckedArchive | undefined {
  const { ok, run } = verifyEvidence(bytes, { publicKey });
  if (!ok || run?.planId !== planId || !run.closed) return undefined;
  const { events } = JSON.parse(new TextDecoder().decode(bytes)) as Pick<EvidenceDocument, "events">;
  const mentioned = [...new Set(events.flatMap(({ payload }) => mentionedHashes(payload ?? "")))];
  return { payloadsRemoved: run.payloadsRemoved, mentioned };
}

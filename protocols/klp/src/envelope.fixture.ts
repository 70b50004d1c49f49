/** Identities, clocks and contexts for tests of envelopes. */

import { canonicalJson } from "./canonical-json.ts";
import { canonicalUnsigned, type Envelope, signedText, type UnsignedEnvelope } from "./envelope.ts";
import { isKosError } from "./errors.ts";
import { createIdentity, createNodeIdentity, type Identity } from "./identity.ts";
import type { AgentId, DidKey } from "./ids.ts";
import type { KeyRecord, OpenContext } from "./open.ts";
import { createReplayWindow } from "./replay-window.ts";
import type { EnvelopeDraft } from "./seal.ts";
import { formatSignature } from "./signature-text.ts";

export const NOW_MS = Date.parse("2026-11-22T10:00:00.000Z");

export const core = agent("kCore:main", 1);
export const executor = agent("kExecutor:web", 2);
export const stranger = agent("kCore:main", 3);
export const node = createNodeIdentity(new Uint8Array(32).fill(4));
export const otherNode = createNodeIdentity(new Uint8Array(32).fill(5));

/** From kCore:main to kExecutor:web. */
export const draft: EnvelopeDraft = {
  type: "TASK_REQUEST",
  to: "kExecutor:web",
  payload: { url: "https://example.org/", list: [1, 2.5, "ü"], deep: { z: null, a: true } },
  task_id: "fetch",
  plan_id: "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071",
  trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};

export function agent(id: string, seed: number): Identity {
  return createIdentity(id as AgentId, new Uint8Array(32).fill(seed));
}

/** kExecutor:web receives; kCore:main is the only key it knows. */
export function context(changes: Partial<OpenContext> = {}): OpenContext {
  return {
    now: NOW_MS,
    self: ["kExecutor:web"],
    lookupKey: lookup({ [core.did]: { status: "active", id: "kCore:main" } }),
    replay: createReplayWindow({ now: () => NOW_MS }),
    ...changes,
  };
}

export function lookup(records: Readonly<Record<DidKey, KeyRecord>>): OpenContext["lookupKey"] {
  return (key) => records[key] ?? { status: "unknown" };
}

/** The same envelope with members changed and signed anew, or with the old signature when nobody signs. */
export function alter(envelope: Envelope, changes: Readonly<Record<string, unknown>>, signer?: Identity): Envelope {
  const altered = { ...envelope, ...changes } as Envelope;
  return signer === undefined ? altered : sign(altered, signer);
}

/** Signs whatever it is given, also what sealing would refuse. */
export function sign(envelope: UnsignedEnvelope, signer: Identity): Envelope {
  const unsigned = { ...envelope, auth: { key: signer.did } };
  const signature = formatSignature(signer.sign(new TextEncoder().encode(signedText(envelope.type, canonicalUnsigned(unsigned)))));
  return { ...unsigned, auth: { key: signer.did, proof: { kind: "ed25519", signature } } };
}

/** The code of the error an attempt ends with, or `accepted`. Anything but a KosError is passed on. */
export function verdict(attempt: () => unknown): string {
  try {
    attempt();
    return "accepted";
  } catch (error) {
    if (!isKosError(error)) throw error;
    return error.code;
  }
}

/** Bytes of an envelope that need not be one. */
export function bytesOf(value: unknown): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : new TextEncoder().encode(canonicalJson(value));
}

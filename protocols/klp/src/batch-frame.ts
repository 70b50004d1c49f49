/** The frame that carries many envelopes and one proof: `{envelopes[], proof {key, kind, root_signature, size}, protocol}`. */

import { canonicalJson } from "./canonical-json.ts";
import { KLP_VERSION, type UnsignedEnvelope } from "./envelope.ts";
import type { DidKey } from "./ids.ts";
import type { SignatureText } from "./signature-text.ts";

/** The proof of a frame. The envelopes in it have none of their own, and their `auth.key` is this `key`. */
export interface BatchFrameProof {
  readonly key: DidKey;
  readonly kind: "ed25519-batch";
  readonly root_signature: SignatureText;
  readonly size: number;
}

export interface BatchFrame {
  readonly envelopes: readonly UnsignedEnvelope[];
  readonly proof: BatchFrameProof;
  readonly protocol: typeof KLP_VERSION;
}

/** Largest frame in bytes of JSON. */
export const DEFAULT_MAX_FRAME_BYTES = 8 * 1_048_576;

const encoder = new TextEncoder();

/** Writes a frame, itself canonical JSON, from envelopes that already are canonical text. */
export function encodeBatchFrame(canonicalEnvelopes: readonly string[], proof: BatchFrameProof): Uint8Array {
  return encoder.encode(frameText(canonicalEnvelopes, canonicalJson(proof)));
}

/** The text of a frame from the canonical texts of its parts. */
export function frameText(canonicalEnvelopes: readonly string[], canonicalProof: string): string {
  return `{"envelopes":[${canonicalEnvelopes.join(",")}],"proof":${canonicalProof},"protocol":"${KLP_VERSION}"}`;
}

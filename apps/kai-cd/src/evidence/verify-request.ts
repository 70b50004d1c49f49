// What goes to the verifying thread and what comes back.

import type { EvidenceReport } from "@kos/evidence";

export interface VerifyRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** did:key of the node it must come from, where somebody said so. */
  readonly node: string | undefined;
}

export type VerifyAnswer = { readonly report: EvidenceReport } | { readonly failure: string };

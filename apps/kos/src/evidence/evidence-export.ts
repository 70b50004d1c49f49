// Writes a run's evidence from the node's log, with the bytes of its small artifacts in it.

import type { Blobs } from "@kos/blobs";
import { buildEvidence } from "@kos/evidence";
import { type Identity, isKosError } from "@kos/klp";
import type { EventLog } from "@kos/store";

/** Artifacts up to this size go into the file; larger ones stay outside and are checked by their hash. */
const EMBED_BYTES = 1024 * 1024;

export interface EvidenceExport {
  /** The bytes of `run.kos.json`. Errors: NOT_FOUND. */
  export(planId: string): Promise<Uint8Array>;
}

export function createEvidenceExport(options: {
  readonly log: EventLog;
  readonly blobs: Blobs;
  readonly node: Identity;
  readonly partitionOf: (planId: string) => number;
  readonly now: () => number;
}): EvidenceExport {
  const { log, blobs, node } = options;
  return {
    export: (planId) =>
      buildEvidence({
        log,
        node: node.did,
        signer: node,
        partition: options.partitionOf(planId),
        planId,
        createdAt: new Date(options.now()).toISOString(),
        async content({ hash, bytes }) {
          if (bytes > EMBED_BYTES) return undefined;
          try {
            return await blobs.get(hash, { maxBytes: EMBED_BYTES });
          } catch (error) {
            // A blob that was forgotten or damaged is not in the file; its hash still is.
            if (isKosError(error, "NOT_FOUND") || isKosError(error, "INTERNAL")) return undefined;
            throw error;
          }
        },
      }),
  };
}

// Checks the whole signed log in a thread of its own, so that a long log stops neither the engine nor a door. Also keeps checkpoints outside.

import { Worker } from "node:worker_threads";
import type { AuditReport } from "@kos/api";
import { fromWireError, KosError, type WireError } from "@kos/klp";
import type { AuditReport as StoreAudit } from "@kos/store";

/** What the auditing thread gets. */
export interface AuditTask {
  readonly path: string;
  readonly publicKey: Uint8Array;
  readonly checkpointPath: string | undefined;
}

/** What it answers. */
export type AuditAnswer = { readonly report: StoreAudit } | { readonly error: WireError };

export interface AuditVerification {
  /** Errors: UNAVAILABLE, INTERNAL where the file cannot be read at all. */
  verify(): Promise<AuditReport>;
}

export function createAuditVerification(options: AuditTask & { readonly entry: URL }): AuditVerification {
  const { entry, ...task } = options;
  return {
    async verify() {
      const answer = await new Promise<AuditAnswer>((resolve, reject) => {
        const thread = new Worker(entry, { workerData: task, name: "kos-auditor" });
        thread.once("message", resolve);
        thread.once("error", reject);
        thread.once("exit", () => reject(new KosError("INTERNAL", "The audit ended without a report.")));
      });
      if ("error" in answer) throw fromWireError(answer.error);
      return view(answer.report);
    },
  };
}

function view({ ok, partitions }: StoreAudit): AuditReport {
  return {
    ok,
    checked: partitions.reduce((sum, { events }) => sum + events, 0),
    partitions: partitions.map(({ partition, events, signedSize, payloadsRemoved, cutSize, checkpoints, finding }) => ({
      partition,
      events,
      signed_size: signedSize,
      payloads_removed: payloadsRemoved,
      ...(cutSize > 0 && { pruned: cutSize }),
      checkpoints,
      ok: finding === undefined,
      ...(finding && {
        first_bad: finding.position,
        problem: finding.reason,
        ...(finding.plan_id !== undefined && { plan_id: finding.plan_id }),
      }),
    })),
  };
}

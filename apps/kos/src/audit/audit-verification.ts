// Checks the whole signed log in a thread of its own, so that a long log stops neither the engine nor a door.

import type { AuditReport } from "@kos/api";
import type { AuditReport as StoreAudit } from "@kos/store";
import { askAuditor, type LogTask } from "./auditor-thread.ts";

export interface AuditVerification {
  /** Errors: UNAVAILABLE, INTERNAL where the file cannot be read at all. */
  verify(): Promise<AuditReport>;
}

export function createAuditVerification({ entry, ...task }: Omit<LogTask, "kind"> & { readonly entry: URL }): AuditVerification {
  return {
    verify: async () => view(await askAuditor(entry, { kind: "log", ...task })),
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

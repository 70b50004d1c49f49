// Process role: a thread that walks the log file once and answers with what it found.

import { parentPort, workerData } from "node:worker_threads";
import { toWireError } from "@kos/klp";
import { auditStore, readCheckpoints } from "@kos/store";
import type { AuditAnswer, AuditTask } from "../audit/audit-verification.ts";

function audit({ path, publicKey, checkpointPath }: AuditTask): AuditAnswer {
  try {
    const checkpoints = checkpointPath === undefined ? [] : readCheckpoints(checkpointPath);
    return { report: auditStore({ path, publicKey, checkpoints }) };
  } catch (error) {
    return { error: toWireError(error) };
  }
}

parentPort?.postMessage(audit(workerData as AuditTask));

// Process role: a thread that checks one thing that takes long, the log file or a plan's archive, and answers with what it found.

import { parentPort, workerData } from "node:worker_threads";
import { toWireError } from "@kos/klp";
import { auditStore, readCheckpoints } from "@kos/store";
import type { AuditorAnswer, AuditorTask, LogTask } from "../audit/auditor-thread.ts";
import { checkArchive } from "../retention/archive-check.ts";

function answer(task: AuditorTask): AuditorAnswer {
  try {
    return { result: task.kind === "log" ? auditLog(task) : checkArchive(task.bytes, task.planId, task.publicKey) };
  } catch (error) {
    return { error: toWireError(error) };
  }
}

function auditLog({ path, publicKey, checkpointPath }: LogTask) {
  const checkpoints = checkpointPath === undefined ? [] : readCheckpoints(checkpointPath);
  return auditStore({ path, publicKey, checkpoints });
}

parentPort?.postMessage(answer(workerData as AuditorTask));

// The auditing thread, as those see it who have something to be checked: one task, one answer, and the thread is gone.

import { Worker } from "node:worker_threads";
import { fromWireError, KosError, type WireError } from "@kos/klp";
import type { AuditReport } from "@kos/store";
import type { CheckedArchive } from "../retention/archive-check.ts";

export interface LogTask {
  readonly kind: "log";
  /** Of the database. */
  readonly path: string;
  readonly publicKey: Uint8Array;
  readonly checkpointPath: string | undefined;
}

interface ArchiveTask {
  readonly kind: "archive";
  /** Evidence of that plan, uncompressed. */
  readonly bytes: Uint8Array;
  readonly planId: string;
  readonly publicKey: Uint8Array;
}

export interface AuditorResults {
  readonly log: AuditReport;
  readonly archive: CheckedArchive | undefined;
}

export type AuditorTask = LogTask | ArchiveTask;
export type AuditorAnswer = { readonly result: AuditorResults[AuditorTask["kind"]] } | { readonly error: WireError };

/** Errors: those of the task; INTERNAL when the thread ends without an answer. */
export async function askAuditor<Task extends AuditorTask>(entry: URL, task: Task): Promise<AuditorResults[Task["kind"]]> {
  const answer = await new Promise<AuditorAnswer>((resolve, reject) => {
    const thread = new Worker(entry, { workerData: task, name: "kos-auditor" });
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", () => reject(new KosError("INTERNAL", "The audit ended without a report.")));
  });
  if ("error" in answer) throw fromWireError(answer.error);
  return answer.result as AuditorResults[Task["kind"]];
}

// Collects findings during a check, so that one run reports everything.

import { isKosError } from "@kos/klp";
import type { Finding, FindingCode, FindingSeverity } from "./finding.ts";

/** A plan full of mistakes is answered with this many findings, then with the number left out. */
const MAX_FINDINGS = 500;

export interface CheckReport {
  readonly findings: Finding[];
  add(
    code: FindingCode,
    path: string,
    message: string,
    hint: string,
    options?: { readonly taskId?: string; readonly severity?: FindingSeverity },
  ): void;
  /** Runs the work; a BAD_REQUEST it throws becomes a finding and the result undefined. */
  attempt<Result>(code: FindingCode, path: string, hint: string, taskId: string | undefined, work: () => Result): Result | undefined;
  /** The findings, cut to a readable number. */
  finish(): readonly Finding[];
}

export function createCheckReport(): CheckReport {
  const findings: Finding[] = [];
  let leftOut = 0;

  const report: CheckReport = {
    findings,
    add(code, path, message, hint, options = {}) {
      if (findings.length >= MAX_FINDINGS) {
        leftOut += 1;
        return;
      }
      findings.push({
        code,
        severity: options.severity ?? "error",
        path,
        message,
        hint,
        ...(options.taskId !== undefined && { task_id: options.taskId }),
      });
    },
    attempt(code, path, hint, taskId, work) {
      try {
        return work();
      } catch (error) {
        if (!isKosError(error, "BAD_REQUEST")) throw error;
        const at = error.details?.["at"];
        report.add(code, typeof at === "string" ? at : path, error.message, hint, taskId === undefined ? {} : { taskId });
        return undefined;
      }
    },
    finish() {
      if (leftOut === 0) return findings;
      const note: Finding = {
        code: "SHAPE",
        severity: "error",
        path: "$",
        message: `${leftOut} more findings are not shown.`,
        hint: "Fix these first.",
      };
      return [...findings, note];
    },
  };
  return report;
}

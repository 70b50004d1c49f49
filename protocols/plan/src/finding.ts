// What a check has to say: a closed set of codes, each with a place, what is wrong and what to do about it.

import type { ErrorCode } from "@kos/klp";
import { KosError } from "@kos/klp";

export const FINDING_CODES = [
  "SHAPE",
  "TOO_LARGE",
  "DUPLICATE_ID",
  "RESERVED_NAME",
  "UNKNOWN_CAPABILITY",
  "UNKNOWN_TASK",
  "BAD_REFERENCE",
  "NO_SUCH_OUTPUT",
  "UNDECLARED_OUTPUT",
  "BAD_PARAM",
  "TYPE_MISMATCH",
  "BAD_EXPRESSION",
  "BAD_CRITERION",
  "CYCLE",
  "APPROVAL_REQUIRED",
  "POLICY_DENIED",
  "RIGHTS_EXCEEDED",
  "TOO_DEEP",
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** `error`: the plan cannot run. `warning`: it can, but somebody should look. */
export type FindingSeverity = "error" | "warning";

export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** JSON path inside the plan document. */
  readonly path: string;
  /** What is wrong, and what was expected. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  readonly task_id?: string;
  /** `file:line:column`, when the plan was made from a file. */
  readonly source?: string;
}

const ERROR_OF: Readonly<Partial<Record<FindingCode, ErrorCode>>> = {
  TOO_LARGE: "TOO_LARGE",
  UNKNOWN_CAPABILITY: "UNKNOWN_CAPABILITY",
  POLICY_DENIED: "POLICY_DENIED",
  RIGHTS_EXCEEDED: "FORBIDDEN",
};
const MAX_IN_MESSAGE = 5;

/**
 * One error for all findings that keep a plan from running, undefined when there is none. The code is that of the findings when they
 * agree, else BAD_REQUEST; `details.findings` holds them all, warnings included.
 */
export function findingsError(findings: readonly Finding[]): KosError | undefined {
  const errors = findings.filter((finding) => finding.severity === "error");
  const [first] = errors;
  if (first === undefined) return undefined;
  const codes = new Set(errors.map((finding) => ERROR_OF[finding.code] ?? "BAD_REQUEST"));
  const code = codes.size === 1 ? (ERROR_OF[first.code] ?? "BAD_REQUEST") : "BAD_REQUEST";
  const shown = errors.slice(0, MAX_IN_MESSAGE).map((finding) => `${place(finding)}: ${finding.message} ${finding.hint}`);
  const more = errors.length > MAX_IN_MESSAGE ? [`and ${errors.length - MAX_IN_MESSAGE} more`] : [];
  return new KosError(code, `The plan cannot run. ${[...shown, ...more].join(" | ")}`, { details: { findings } });
}

function place(finding: Finding): string {
  return finding.source === undefined ? finding.path : `${finding.source} (${finding.path})`;
}

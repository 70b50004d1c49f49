// Whether a reviewer's answer is a verdict at all, and a planner's another way. What they say is their business.

import type { Verdict } from "@kos/api";
import type { AnotherWay } from "../plan/decide-replan.ts";

export function isVerdict(value: unknown): value is Verdict {
  if (typeof value !== "object" || value === null) return false;
  const { accepted, score, findings } = value as Readonly<Record<string, unknown>>;
  return typeof accepted === "boolean" && typeof score === "number" && Array.isArray(findings) && findings.every(isFinding);
}

/** Its steps are checked like all subtasks; here only what that check does not look at. */
export function isAnotherWay(value: unknown): value is AnotherWay {
  if (typeof value !== "object" || value === null) return false;
  const { capability, params, steps } = value as Readonly<Record<string, unknown>>;
  return typeof capability === "string" && typeof params === "object" && params !== null && !Array.isArray(params) && Array.isArray(steps);
}

function isFinding(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { criterion, severity, message } = value as Readonly<Record<string, unknown>>;
  return typeof criterion === "string" && typeof message === "string" && (severity === "error" || severity === "warning");
}

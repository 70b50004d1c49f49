// Whether a reviewer's answer is a verdict at all. What it says is the reviewer's business.

import type { Verdict } from "@kos/api";

export function isVerdict(value: unknown): value is Verdict {
  if (typeof value !== "object" || value === null) return false;
  const { accepted, score, findings } = value as Readonly<Record<string, unknown>>;
  return typeof accepted === "boolean" && typeof score === "number" && Array.isArray(findings) && findings.every(isFinding);
}

function isFinding(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { criterion, severity, message } = value as Readonly<Record<string, unknown>>;
  return typeof criterion === "string" && typeof message === "string" && (severity === "error" || severity === "warning");
}

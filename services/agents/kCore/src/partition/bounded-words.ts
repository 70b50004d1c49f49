// Keeps what agents say about a call small enough for an event. Their long form belongs into logs and artifacts.

import type { Verdict } from "@kos/api";
import type { WireError } from "@kos/klp";

const MAX_MESSAGE_CHARS = 2000;
const MAX_DETAILS_CHARS = 8000;
const MAX_FINDINGS = 100;
const MAX_FINDING_CHARS = 1000;
const MAX_SHOWN_CHARS = 500;

export function boundedError(error: WireError): WireError {
  const { details, ...rest } = error;
  const isSmall = details !== undefined && JSON.stringify(details).length <= MAX_DETAILS_CHARS;
  return { ...rest, message: cut(error.message, MAX_MESSAGE_CHARS), ...(isSmall && { details }) };
}

export function boundedVerdict({ accepted, score, findings }: Verdict): Verdict {
  return {
    accepted,
    score,
    findings: findings.slice(0, MAX_FINDINGS).map(({ expected, actual, ...finding }) => ({
      ...finding,
      message: cut(finding.message, MAX_FINDING_CHARS),
      ...(isShort(expected) && { expected }),
      ...(isShort(actual) && { actual }),
    })),
  };
}

function isShort(value: unknown): boolean {
  return value !== undefined && (JSON.stringify(value) ?? "").length <= MAX_SHOWN_CHARS;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

// Errors as the terminal shows them: code, what is wrong, where, what to do. Never a stack; causes only when asked for.

import { safeText, toWireError, type WireError } from "@kos/klp";
import type { Style } from "./style.ts";

interface Found {
  readonly message: string;
  readonly path?: string;
  readonly hint?: string;
  readonly source?: string;
  readonly severity?: string;
}

const MAX_FINDINGS = 10;
const MAX_CAUSES = 10;

/** What was thrown, as lines for a person. */
export function errorLines(thrown: unknown, style: Style): readonly string[] {
  return wireErrorLines(toWireError(thrown), style);
}

function wireErrorLines(error: WireError, style: Style): readonly string[] {
  const findings = findingsIn(error);
  const head = (message: string) => `${style.bad(`error ${safeText(error.code)}`)}: ${message}`;
  if (findings.length === 0) {
    const hint = error.details?.["hint"];
    const place = error.details?.["place"];
    return [
      head(safeText(error.message)),
      ...(typeof place === "string" ? [`  at ${safeText(place)}`] : []),
      ...(typeof hint === "string" ? [`  ${style.dim("hint:")} ${safeText(hint)}`] : []),
    ];
  }
  const shown = findings.slice(0, MAX_FINDINGS);
  return [
    head(findings.length === 1 ? "the plan cannot run." : `the plan cannot run; ${findings.length} things are wrong.`),
    ...shown.flatMap((finding) => [
      `  at ${safeText([finding.source, finding.path].filter((part) => part !== undefined).join(" "))}: ${safeText(finding.message)}`,
      ...(finding.hint === undefined || finding.hint === "" ? [] : [`    ${style.dim("hint:")} ${safeText(finding.hint)}`]),
    ]),
    ...(findings.length > shown.length ? [`  … and ${findings.length - shown.length} more`] : []),
  ];
}

/** The chain of causes, for KOS_DEBUG: names and messages of what led to it, outermost first. */
export function causeLines(thrown: unknown): readonly string[] {
  const lines: string[] = [];
  let cause = thrown instanceof Error ? thrown.cause : undefined;
  if (!(thrown instanceof Error && "code" in thrown)) cause = thrown;
  while (cause !== undefined && lines.length < MAX_CAUSES) {
    lines.push(
      `caused by ${safeText(cause instanceof Error ? `${cause.name}: ${cause.message}` : (JSON.stringify(cause) ?? typeof cause))}`,
    );
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

function findingsIn(error: WireError): readonly Found[] {
  const { findings } = error.details ?? {};
  if (!Array.isArray(findings)) return [];
  return findings.filter(
    (finding): finding is Found =>
      typeof finding === "object" && finding !== null && typeof finding.message === "string" && finding.severity !== "warning",
  );
}

// What went wrong, by its code: the node's own words, what to do, the fields it names, and the trace to look for.

import { ERROR_TABLE, isErrorCode, isKosError, type WireError } from "@kos/klp";
import { Button } from "./button.tsx";

export interface ProblemNoteProps {
  readonly error: unknown;
  /** What was being done: "The run could not be started." */
  readonly title: string;
  readonly onRetry?: () => void;
}

export function ProblemNote({ error, title, onRetry }: ProblemNoteProps) {
  const { code, message, details, trace_id: trace, retryable } = isKosError(error) ? wireOf(error) : ofThisPage(error);
  const advice = isErrorCode(code) && !message.includes(ERROR_TABLE[code].advice) ? ERROR_TABLE[code].advice : undefined;
  return (
    <div role="alert" className="rounded-lg border border-bad/40 bg-bad-wash p-4 text-sm">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1 font-medium">
        {title} <code className="font-mono text-2xs text-bad">{code}</code>
      </p>
      <p className="mt-1 break-words">{message}</p>
      {listed(details).length > 0 && (
        <ul className="mt-2 list-disc space-y-0.5 pl-5">
          {listed(details).map((line) => (
            <li key={line} className="break-words">
              {line}
            </li>
          ))}
        </ul>
      )}
      {advice !== undefined && <p className="mt-1 text-quiet">{advice}</p>}
      {trace !== undefined && <p className="mt-2 font-mono text-2xs break-all text-quiet">trace {trace}</p>}
      {onRetry !== undefined && (
        <Button className="mt-3" onClick={onRetry}>
          {retryable ? "Try again" : "Load again"}
        </Button>
      )}
    </div>
  );
}

/** The table's words stand in for what must not leave the node, but what came over the wire may be shown as it is. */
function wireOf(error: { code: string; message: string; retryable: boolean; details?: unknown; traceId?: string | undefined }): WireError {
  return {
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    ...(typeof error.details === "object" && error.details !== null && { details: error.details as Record<string, unknown> }),
    ...(error.traceId !== undefined && { trace_id: error.traceId }),
  };
}

/** Not of the node: what went wrong in this very page. */
function ofThisPage(error: unknown): WireError {
  return { code: "PAGE", message: error instanceof Error ? error.message : String(error), retryable: true };
}

/** Problems or findings that the error lists, a line each. */
function listed(details: WireError["details"]): readonly string[] {
  const lists = [details?.["problems"], details?.["findings"], details?.["effects"], details?.["changed"]];
  const lines = lists.flatMap((list) => (Array.isArray(list) ? list : [])).map(lineOf);
  return [...new Set(lines.filter((line) => line !== ""))].slice(0, 20);
}

function lineOf(item: unknown): string {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return "";
  const { path, message, task_id: task, title, capability } = item as Readonly<Record<string, unknown>>;
  return [path ?? task, message ?? title ?? capability].filter((part) => typeof part === "string").join(": ");
}

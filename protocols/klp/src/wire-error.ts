/** Errors as they travel: in problem documents, frames, envelopes and `--json` output. It must never let a stack, a path or a cause out. */

import { ERROR_TABLE, isErrorCode } from "./error-table.ts";
import { isKosError, KosError } from "./errors.ts";

/** An error as every door sends it. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  readonly task_id?: string;
  readonly plan_id?: string;
  readonly trace_id?: string;
}

/**
 * Turns whatever was thrown into what may leave the process. A code whose message is not public gets title and advice of the table and loses
 * its details; anything that is not a KosError becomes INTERNAL in the same way. Never throws.
 */
export function toWireError(thrown: unknown): WireError {
  if (!isKosError(thrown) || !isErrorCode(thrown.code)) return hidden("INTERNAL", ERROR_TABLE.INTERNAL.retryable);
  const context = {
    ...(typeof thrown.taskId === "string" ? { task_id: thrown.taskId } : {}),
    ...(typeof thrown.planId === "string" ? { plan_id: thrown.planId } : {}),
    ...(typeof thrown.traceId === "string" ? { trace_id: thrown.traceId } : {}),
  };
  if (!ERROR_TABLE[thrown.code].public) return { ...hidden(thrown.code, thrown.retryable), ...context };
  const details = thrown.details;
  return {
    code: thrown.code,
    message: thrown.message,
    ...(details === undefined ? {} : { details }),
    retryable: thrown.retryable,
    ...context,
  };
}

/** Reads an error that came over the wire. A code this version does not know becomes INTERNAL, with the code kept in `details.code`. */
export function fromWireError(wire: unknown): KosError {
  const fields: Readonly<Record<string, unknown>> = typeof wire === "object" && wire !== null ? { ...wire } : {};
  const { code, message, details, retryable, task_id: taskId, plan_id: planId, trace_id: traceId } = fields;
  const known = isErrorCode(code);
  return new KosError(
    known ? code : "INTERNAL",
    typeof message === "string" ? message : "The other side reported an error without a message.",
    {
      ...(isRecord(details) ? { details: known ? details : { ...details, code } } : known ? {} : { details: { code: code ?? null } }),
      ...(typeof retryable === "boolean" ? { retryable } : {}),
      ...(typeof taskId === "string" ? { taskId } : {}),
      ...(typeof planId === "string" ? { planId } : {}),
      ...(typeof traceId === "string" ? { traceId } : {}),
    },
  );
}

function hidden(code: keyof typeof ERROR_TABLE, retryable: boolean): WireError {
  const { title, advice } = ERROR_TABLE[code];
  return { code, message: `${title} ${advice}`, retryable };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

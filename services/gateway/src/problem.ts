// Errors as REST shows them: RFC 9457 problem documents with our code in them.

import { ERROR_TABLE, isErrorCode, toWireError, type WireError } from "@kos/klp";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export interface ProblemAnswer {
  readonly status: number;
  readonly body: WireError & { readonly type: string; readonly title: string; readonly status: number; readonly detail: string };
}

/** Whatever was thrown, as what may be shown. */
export function problemOf(thrown: unknown, traceId: string): ProblemAnswer {
  const wire = toWireError(thrown);
  const code = isErrorCode(wire.code) ? wire.code : "INTERNAL";
  const { status, title } = ERROR_TABLE[code];
  return {
    status,
    body: { type: `urn:kos:error:${code}`, title, status, detail: wire.message, ...wire, trace_id: wire.trace_id ?? traceId },
  };
}

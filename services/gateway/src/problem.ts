// Errors as HTTP shows them: RFC 9457 problem documents with our code in them. What was thrown decides; stack, path and cause stay inside.

import { ERROR_TABLE, isErrorCode, KosError, toWireError, type WireError } from "@kos/klp";
import { HttpRefusal, retryAfter } from "./http-refusal.ts";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: WireError & { readonly type: string; readonly title: string; readonly status: number; readonly detail: string };
}

/** Whatever was thrown, as what may be shown. */
export function problemOf(thrown: unknown, traceId: string): ProblemAnswer {
  const refusal = thrown instanceof HttpRefusal ? thrown : undefined;
  const wire = toWireError(refusal?.error ?? frameworkRefusal(thrown) ?? thrown);
  const code = isErrorCode(wire.code) ? wire.code : "INTERNAL";
  const { title } = ERROR_TABLE[code];
  const status = refusal?.status ?? frameworkStatus(thrown) ?? ERROR_TABLE[code].status;
  return {
    status,
    headers: {
      ...(status === 401 && { "www-authenticate": 'Bearer realm="kos"' }),
      ...((status === 429 || status === 503) && retryAfter(1000)),
      ...refusal?.headers,
    },
    body: { type: `urn:kos:error:${code}`, title, status, detail: wire.message, ...wire, trace_id: wire.trace_id ?? traceId },
  };
}

/** Fastify's own refusals, by their code, as ours. */
function frameworkRefusal(thrown: unknown): KosError | undefined {
  switch (frameworkCode(thrown)) {
    case undefined:
      return undefined;
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new KosError("TOO_LARGE", "The body is larger than this route takes. Send a large value as an artifact and refer to it.");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new KosError("BAD_REQUEST", "This route takes a JSON body: send content-type: application/json.");
    case "FST_ERR_BAD_URL":
      return new KosError("BAD_REQUEST", "The path of the request is not a valid URL path.");
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new KosError("BAD_REQUEST", "A part of the path is longer than any id.");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new KosError("BAD_REQUEST", "The body does not have the length that content-length says.");
    default:
      return frameworkStatus(thrown) === undefined ? undefined : new KosError("BAD_REQUEST", "The request cannot be read.");
  }
}

/** The 4xx status of an error that the framework made. */
function frameworkStatus(thrown: unknown): number | undefined {
  if (frameworkCode(thrown) === undefined) return undefined;
  const { statusCode } = thrown as { readonly statusCode?: unknown };
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function frameworkCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { code } = thrown as { readonly code?: unknown };
  return typeof code === "string" && code.startsWith("FST_ERR_") ? code : undefined;
}

// The guard's failures, as KosErrors: refusals by rule, and what went wrong on the way, told by error codes and never by message text.

import { isKosError, KosError } from "@kos/klp";

/** Rules of SPEC.md that can refuse a request. Named in `details.rule`. */
export type EgressRule = "E1" | "E2" | "E3" | "E4" | "E5" | "E6" | "E7" | "E9" | "E10" | "E11" | "E13";

/** POLICY_DENIED: this request is not allowed and the same request never will be, unless the owner changes the configuration. */
export function denied(rule: EgressRule, message: string): KosError {
  return new KosError("POLICY_DENIED", message, { details: { rule } });
}

export function badRequest(message: string, details: Readonly<Record<string, unknown>> = {}): KosError {
  return new KosError("BAD_REQUEST", message, { details });
}

export function timedOut(phase: string, limitMs: number, host: string): KosError {
  return new KosError("TIMEOUT", `${host}: ${phase} took longer than ${limitMs} ms.`, { details: { phase, limit_ms: limitMs } });
}

export function tooLarge(what: string, limitBytes: number, hint: string): KosError {
  return new KosError("TOO_LARGE", `${what} is larger than ${limitBytes} bytes. ${hint}`, { details: { limit_bytes: limitBytes } });
}

export function unavailable(message: string, details: Readonly<Record<string, unknown>>, cause?: unknown): KosError {
  return new KosError("UNAVAILABLE", message, { details, cause });
}

/**
 * What a failed exchange with `host` is to the caller. KosErrors pass unchanged. `begun`: the headers of the answer had come.
 * Errors: UNAVAILABLE, TOO_LARGE, BAD_REQUEST.
 */
export function translateFailure(error: unknown, host: string, maxHeaderBytes: number, begun = false): KosError {
  if (isKosError(error)) return error;
  const code = codeOf(error);
  switch (code) {
    case "UND_ERR_HEADERS_OVERFLOW":
      return tooLarge(`The header of the response from ${host}`, maxHeaderBytes, "The owner may raise egress.max_header_bytes.");
    case "UND_ERR_INVALID_ARG":
      return badRequest("The request cannot be sent as given: check its method, path and headers.");
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return unavailable(`${host} sent less than the Content-Length it declared.`, { reason: "content_length_mismatch" }, error);
    case "ENOTFOUND":
    case "ENODATA":
    case "EAI_AGAIN": {
      const reason = code === "EAI_AGAIN" ? "dns_unanswered" : "dns";
      return unavailable(`The name ${host} could not be resolved: check its spelling and the machine's DNS.`, { reason }, error);
    }
    case "ECONNREFUSED":
      return unavailable(`${host} refused the connection.`, { reason: "refused" }, error);
    default:
  }
  if (code.startsWith("HPE_")) {
    return unavailable(`${host} answered with something that is not HTTP/1.1.`, { reason: "protocol" }, error);
  }
  if (code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_") || CERTIFICATE_CODES.has(code)) {
    return unavailable(`The TLS certificate or handshake of ${host} is not acceptable (${code}).`, { reason: "tls" }, error);
  }
  if (code.startsWith("Z_") || code.startsWith("ERR_BROTLI") || code.startsWith("ERR_BUFFER") || code.startsWith("ERR__ERROR_")) {
    return unavailable(`The body from ${host} is not in the Content-Encoding it declares.`, { reason: "content_encoding" }, error);
  }
  if (begun) return unavailable(`The answer of ${host} broke off.`, { reason: "body_cut" }, error);
  return unavailable(`The connection to ${host} broke.`, { reason: "connection" }, error);
}

/** OpenSSL's verification results as Node spells them. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "EPROTO",
]);

/** The first code found in the error or, for a failed attempt at several addresses, in its parts. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(codeOf).find((code) => code !== "") ?? "";
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "";
}

// What the next request is when a response redirects: method, body and headers. Whether the target may be reached is egress-policy's.

import { denied } from "./egress-error.ts";
import type { EgressTarget } from "./egress-policy.ts";
import { type HttpMethod, isSafeMethod } from "./http-method.ts";

/** The part of a request that a redirect may change. Header names are in lower case. */
export interface HopRequest {
  readonly method: HttpMethod;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | undefined;
}

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** All that goes to another origin. Any other header may be a credential, whatever its name. */
const CROSS_ORIGIN_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "if-modified-since",
  "if-none-match",
  "range",
  "user-agent",
]);

export function isRedirect(status: number): boolean {
  return REDIRECT_STATUSES.has(status);
}

/** Errors: POLICY_DENIED by rule E10 (a body would go to another origin) or E11 (from TLS to plain text with something to lose). */
export function followRedirect(status: number, request: HopRequest, from: EgressTarget, to: EgressTarget): HopRequest {
  const sameOrigin = from.url.origin === to.url.origin;
  const becomesGet =
    (status === 303 && request.method !== "HEAD" && request.method !== "GET") ||
    ((status === 301 || status === 302) && request.method === "POST");
  const carriesOn = !becomesGet && !isSafeMethod(request.method);
  if (!sameOrigin && carriesOn) {
    throw denied(
      "E10",
      `${from.url.host} redirects the ${request.method} to ${to.url.origin}: a writing request goes only to the origin it was made for. Send it there directly if that is meant.`,
    );
  }
  if (from.secure && !to.secure && holdsSecrets(request.headers)) {
    throw denied("E11", `${from.url.host} redirects from https to http: a request with credentials is not sent unencrypted.`);
  }
  const headers = new Map([...request.headers].filter(([name]) => sameOrigin || CROSS_ORIGIN_HEADERS.has(name)));
  if (!becomesGet) return { ...request, headers };
  for (const name of [...headers.keys()]) if (name.startsWith("content-") || name === "idempotency-key") headers.delete(name);
  return { method: "GET", headers, body: undefined };
}

function holdsSecrets(headers: ReadonlyMap<string, string>): boolean {
  return [...headers.keys()].some((name) => !CROSS_ORIGIN_HEADERS.has(name) && !name.startsWith("content-"));
}

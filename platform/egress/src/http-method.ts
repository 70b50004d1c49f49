// The methods a request may have, and which of them change nothing.

export const HTTP_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** Safe in the sense of RFC 9110: nothing is asked for but an answer. Such a request has no body here and may always be repeated. */
export function isSafeMethod(method: HttpMethod): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

// Which headers a request may set, and in which form they are sent.

import { badRequest, denied } from "./egress-error.ts";

/** The connection, the framing and the target belong to the guard; a caller who set them could smuggle a second request. */
const RESERVED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]{1,200}$/;
/** Visible Latin-1, spaces and tabs: what a header value can carry unchanged. */
const VALUE = /^[\t\x20-\x7e\xa0-\xff]*$/;
const MAX_HEADERS = 100;
const MAX_TOTAL_LENGTH = 32_768;

/** Names in lower case, values trimmed. Errors: BAD_REQUEST for a malformed, repeated or oversized header; POLICY_DENIED by rule E13. */
export function readRequestHeaders(given: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let total = 0;
  for (const [givenName, givenValue] of Object.entries(given)) {
    const name = givenName.toLowerCase();
    const value = givenValue.trim();
    if (!TOKEN.test(name) || name === "__proto__") throw badRequest("A header's name holds characters that no header name may have.");
    if (!VALUE.test(value)) throw badRequest(`The value of header ${name} holds control or non-Latin-1 characters.`, { header: name });
    if (RESERVED.has(name) || name.startsWith("proxy-")) {
      throw denied("E13", `Header ${name} cannot be set: it is written from the URL and the body, or not sent at all.`);
    }
    if (headers.has(name)) throw badRequest(`Header ${name} is given twice.`, { header: name });
    headers.set(name, value);
    total += name.length + value.length;
  }
  if (headers.size > MAX_HEADERS || total > MAX_TOTAL_LENGTH) {
    throw badRequest(`The headers are too many or too long: at most ${MAX_HEADERS} with ${MAX_TOTAL_LENGTH} characters in all.`);
  }
  return headers;
}

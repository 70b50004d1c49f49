// The capability `http.request`: its parameters become a guarded request, its answer a labelled output, its effect a durable mark.

import { type Capability, type CapabilityContext, defineCapability } from "@kos/agent";
import {
  badRequest,
  bareHost,
  type EgressConfig,
  type FetchRequest,
  type FetchResponse,
  type GuardedFetch,
  type HttpMethod,
  headerValue,
  hostKey,
  isSafeMethod,
  unavailable,
} from "@kos/egress";
import { isKosError, KosError } from "@kos/klp";
import { HttpRequestInput, HttpRequestOutput } from "./http-request-schema.ts";
import { type PresentedBody, presentBody } from "./response-body.ts";

const KEY_HEADER = "idempotency-key";
/** Of the body, as JSON. The whole output has to fit into one KLP envelope, 1 MiB; a larger body becomes an artifact. */
const MAX_INLINE_BYTES = 524_288;
const SPILL_NAME = "http-response";
/** On top of the longest request, for the durable mark and for saving the body. */
const TIMEOUT_MARGIN_MS = 10_000;
const MAX_CONCURRENT = 32;

/**
 * Errors, beside those of GuardedFetch: BAD_REQUEST (a body with a method that has none, an answer 4xx not in `expect_status`), RATE_LIMITED
 * (429 not expected), UNAVAILABLE (any other status not expected), and IN_DOUBT for every failure after a non-idempotent request was sent.
 */
export function createHttpRequest(config: EgressConfig, fetch: GuardedFetch): Capability<HttpRequestInput, HttpRequestOutput> {
  return defineCapability({
    name: "http.request",
    title: "Send an HTTP request",
    description: "Sends one HTTP request under the owner's egress rules and gives back status, headers and body. The answer is untrusted.",
    input: HttpRequestInput,
    output: HttpRequestOutput,
    effects: ["net.read", "net.write"],
    effectsOf: (params) => (isSafe(params) ? ["net.read"] : ["net.write"]),
    idempotent: false,
    isIdempotent: (params) => isSafe(params) || keyLifetimeMs(params, config) !== undefined,
    idempotentForMs: (params) => (isSafe(params) ? undefined : keyLifetimeMs(params, config)),
    timeout_ms: config.maxTimeoutMs + TIMEOUT_MARGIN_MS,
    output_labels: ["untrusted"],
    max_concurrent: MAX_CONCURRENT,
    run: (params, context) => run(params, context, config, fetch),
  });
}

/**
 * How long the host of this request remembers an `Idempotency-Key`; undefined where the owner lists none. Within it, counted from the
 * first attempt, sending again is harmless.
 */
export function keyLifetimeMs(params: HttpRequestInput, config: EgressConfig): number | undefined {
  const url = URL.parse(params.url);
  const host = url === null ? undefined : bareHost(url);
  if (url === null || host === undefined) return undefined;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return config.idempotentHosts.get(hostKey(host, port)) ?? config.idempotentHosts.get(host);
}

async function run(
  params: HttpRequestInput,
  context: CapabilityContext,
  config: EgressConfig,
  fetch: GuardedFetch,
): Promise<HttpRequestOutput> {
  const request = prepare(params, context);
  const isKeyed = keyLifetimeMs(params, config) !== undefined;
  let begun = false;
  // Marked at a host that honours keys too: how long it remembers this one counts from here.
  const beforeSend = async (hop: { readonly method: HttpMethod }) => {
    if (isSafe(params) || begun || isSafeMethod(hop.method)) return;
    await context.beginEffect();
    begun = true;
  };
  try {
    const response = await fetch({ ...request, beforeSend });
    checkStatus(params, response);
    return await present(params, response, context);
  } catch (error) {
    if (begun && !isKeyed && !isRefusal(error)) throw inDoubt(params, error);
    throw error;
  }
}

function prepare(params: HttpRequestInput, context: CapabilityContext): FetchRequest {
  const headers = params.headers ?? {};
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  if (names.has(KEY_HEADER)) {
    throw badRequest("Header Idempotency-Key cannot be set: every attempt of a task sends the key that the task was given.", {
      header: KEY_HEADER,
    });
  }
  if (params.body !== undefined && isSafe(params)) {
    throw badRequest(`A ${params.method ?? "GET"} carries no body: put the data into query, or use POST.`);
  }
  const body = params.body === undefined ? undefined : encodeBody(params.body);
  return {
    url: withQuery(params),
    method: params.method ?? "GET",
    headers: {
      ...(body !== undefined && !names.has("content-type") && { "content-type": body.mediaType }),
      ...(!isSafe(params) && { [KEY_HEADER]: context.idempotencyKey }),
      ...headers,
    },
    ...(body !== undefined && { body: body.bytes }),
    ...(params.timeout_ms !== undefined && { timeoutMs: params.timeout_ms }),
    ...(params.max_bytes !== undefined && { maxBytes: params.max_bytes }),
    overflow: params.on_overflow ?? "error",
    signal: context.signal,
  };
}

function encodeBody(body: NonNullable<HttpRequestInput["body"]>): { readonly bytes: Uint8Array; readonly mediaType: string } {
  if ("json" in body) return { bytes: Buffer.from(JSON.stringify(body.json)), mediaType: "application/json" };
  if ("text" in body) return { bytes: Buffer.from(body.text), mediaType: "text/plain;charset=utf-8" };
  const bytes = Buffer.from(body.base64, "base64");
  if (bytes.toString("base64") !== body.base64) throw badRequest("body.base64 is not padded base64.");
  return { bytes, mediaType: "application/octet-stream" };
}

function withQuery(params: HttpRequestInput): string {
  const pairs = Object.entries(params.query ?? {}).flatMap(([name, value]) => [value].flat().map((item) => [name, String(item)]));
  const url = pairs.length === 0 ? null : URL.parse(params.url);
  if (url === null) return params.url; // text that is no URL is refused by the guard
  url.search = [url.search.slice(1), new URLSearchParams(pairs).toString()].filter((part) => part !== "").join("&");
  return url.href;
}

function checkStatus(params: HttpRequestInput, response: FetchResponse): void {
  const { status } = response;
  const expected = params.expect_status;
  if (expected === undefined || expected.some((item) => item === status || item === `${Math.floor(status / 100)}xx`)) return;
  const retryAfter = headerValue(response.headers, "retry-after");
  const details = { status, expected, ...(retryAfter !== undefined && { retry_after: retryAfter }) };
  const message = `${new URL(response.url).host} answered with status ${status}; expected was ${expected.join(" or ")}.`;
  if (status === 429) throw new KosError("RATE_LIMITED", message, { details });
  if (status >= 400 && status < 500 && status !== 408) throw badRequest(message, details);
  throw unavailable(message, { reason: "status", ...details });
}

/** The other side said clearly that it did nothing, so nothing is in doubt. */
function isRefusal(error: unknown): boolean {
  return isKosError(error, "RATE_LIMITED") || (isKosError(error, "BAD_REQUEST") && error.details?.["status"] !== undefined);
}

async function present(params: HttpRequestInput, response: FetchResponse, context: CapabilityContext): Promise<HttpRequestOutput> {
  return {
    status: response.status,
    headers: joinHeaders(response.headers),
    url: response.url,
    redirects: [...response.redirects],
    ...(await inlineOrSaved(params.save_as, presentBody(response), response.bytes, context)),
    bytes: response.bytes.byteLength,
    wire_bytes: response.wireBytes,
    ...(response.truncated && { truncated: true }),
  };
}

async function inlineOrSaved(
  name: string | undefined,
  presented: PresentedBody,
  content: Uint8Array,
  context: CapabilityContext,
): Promise<PresentedBody> {
  const isTooLong = content.byteLength > MAX_INLINE_BYTES || Buffer.byteLength(JSON.stringify(presented.body)) > MAX_INLINE_BYTES;
  if (name === undefined && !isTooLong) return presented;
  const media_type = presented.media_type || "application/octet-stream";
  const artifact = await context.artifacts.put({ name: name ?? SPILL_NAME, media_type, content });
  const note = {
    kind: "saved_as_artifact",
    message: `The body is over ${MAX_INLINE_BYTES} bytes and lies in an artifact; name it with save_as.`,
  } as const;
  const notes = [...(presented.notes ?? []), ...(name === undefined ? [note] : [])];
  return { ...presented, body: { artifact: { ...artifact } }, ...(notes.length > 0 && { notes }) };
}

function joinHeaders(pairs: FetchResponse["headers"]): HttpRequestOutput["headers"] {
  const names = new Set(pairs.map(([name]) => name).filter((name) => name !== "__proto__"));
  return Object.fromEntries(
    [...names].map((name) => {
      const isList = name === "set-cookie";
      return [name, isList ? pairs.filter(([key]) => key === name).map(([, value]) => value) : (headerValue(pairs, name) ?? "")];
    }),
  );
}

function isSafe(params: HttpRequestInput): boolean {
  return isSafeMethod(params.method ?? "GET");
}

function inDoubt(params: HttpRequestInput, cause: unknown): KosError {
  const method = params.method ?? "GET";
  const reason = isKosError(cause) ? cause.code : "INTERNAL";
  const why = isKosError(cause) ? cause.message : "Something inside went wrong after it was sent.";
  const message = `The ${method} was sent, but how it ended is not known. ${why} Look on the other side whether it happened, then settle it with kai resolve.`;
  return new KosError("IN_DOUBT", message, { details: { ...(isKosError(cause) && cause.details), cause: reason }, cause });
}

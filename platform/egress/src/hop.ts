// One request on one connection to vetted addresses, and its response. Decides nothing about redirects.

import type { Client, Dispatcher } from "undici";
import { type BodyBytes, type OverflowMode, readBody } from "./body-reader.ts";
import type { EgressConfig } from "./egress-config.ts";
import { tooLarge, translateFailure, unavailable } from "./egress-error.ts";
import type { EgressTarget } from "./egress-policy.ts";
import type { HttpMethod } from "./http-method.ts";
import type { Network } from "./network.ts";
import type { HopRequest } from "./redirect.ts";
import type { Watchdog } from "./watchdog.ts";

export type HeaderPair = readonly [name: string, value: string];

export interface HopOptions {
  readonly config: EgressConfig;
  readonly network: Network;
  readonly watchdog: Watchdog;
  readonly maxBytes: number;
  readonly overflow: OverflowMode;
  /** Awaited on the open connection, before the first byte of the request. */
  readonly beforeSend: (hop: { readonly method: HttpMethod; readonly url: URL }) => Promise<void>;
  /** True where the body of a response with these headers is not wanted. */
  readonly skipBody: (status: number, headers: readonly HeaderPair[]) => boolean;
}

export interface HopResponse {
  readonly status: number;
  /** Names in lower case, repeated ones kept. */
  readonly headers: readonly HeaderPair[];
  /** Undefined when it was skipped. */
  readonly body: BodyBytes | undefined;
}

/** Errors: those of `beforeSend`; TIMEOUT, CANCELLED, TOO_LARGE, BAD_REQUEST, UNAVAILABLE. The connection is gone when it settles. */
export async function sendHop(
  target: EgressTarget,
  addresses: readonly string[],
  hop: HopRequest,
  options: HopOptions,
): Promise<HopResponse> {
  const { watchdog, config } = options;
  const client = await openClient(target, addresses, hop, options);
  let begun = false;
  try {
    const response = await client.request({
      path: `${target.url.pathname}${target.url.search}`,
      method: hop.method,
      headers: Object.fromEntries(hop.headers),
      body: hop.body ?? null,
      signal: watchdog.signal,
      responseHeaders: "raw",
      reset: true,
    });
    // With `raw`, undici gives names and values in one flat list.
    const headers = pairsOf(response.headers as unknown as readonly string[]);
    const status = response.statusCode;
    begun = true;
    if (options.skipBody(status, headers)) {
      response.body.on("error", () => {}).destroy();
      return { status, headers, body: undefined };
    }
    return { status, headers, body: await readResponseBody(target, hop.method, response, headers, options) };
  } catch (error) {
    throw translateFailure(watchdog.signal.aborted ? watchdog.signal.reason : error, target.host, config.maxHeaderBytes, begun);
  } finally {
    await client.destroy();
  }
}

/** All values of a header, joined as HTTP joins them. */
export function headerValue(headers: readonly HeaderPair[], name: string): string | undefined {
  const values = headers.filter(([key]) => key === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/**
 * A client whose single connection leads to the vetted addresses. It is never shared, reused or opened a second time. Its library is loaded
 * with the first request: the node, which holds this agent's description only, never needs it.
 */
async function openClient(target: EgressTarget, addresses: readonly string[], hop: HopRequest, options: HopOptions): Promise<Client> {
  const { default: undici } = await import("undici");
  const { network, watchdog, config } = options;
  let opened = false;
  const connect = async () => {
    if (opened) throw unavailable(`${target.host} closed the connection before the request was sent.`, { reason: "connection" });
    opened = true;
    watchdog.enter("connecting", config.connectTimeoutMs, target.host);
    const socket = await network.connect({ host: target.host, port: target.port, secure: target.secure, addresses }, watchdog.signal);
    try {
      watchdog.leave();
      await watchdog.race(options.beforeSend({ method: hop.method, url: target.url }));
    } catch (error) {
      socket.destroy();
      throw error;
    }
    watchdog.enter("waiting for the response", config.headersTimeoutMs, target.host);
    return socket;
  };
  return new undici.Client(target.url.origin, {
    connect: (_options, callback) => {
      connect().then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    },
    allowH2: false,
    useMilo: false,
    maxHeaderSize: config.maxHeaderBytes,
    // The watchdog keeps time.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

async function readResponseBody(
  target: EgressTarget,
  method: HttpMethod,
  response: Dispatcher.ResponseData,
  headers: readonly HeaderPair[],
  options: HopOptions,
): Promise<BodyBytes> {
  const { config, watchdog, maxBytes, overflow } = options;
  const isEmpty = method === "HEAD" || response.statusCode === 204 || response.statusCode === 304;
  const encoding = isEmpty ? "" : (headerValue(headers, "content-encoding") ?? "");
  const declaredBytes = isEmpty ? 0 : Number(headerValue(headers, "content-length") ?? 0);
  if (declaredBytes > maxBytes && overflow === "error") {
    response.body.on("error", () => {}).destroy();
    throw tooLarge(
      `The response body, declared as ${declaredBytes} bytes,`,
      maxBytes,
      "Ask for more with max_bytes, up to egress.max_bytes.",
    );
  }
  const keepAwake = () => watchdog.enter("waiting for more of the body", config.idleTimeoutMs, target.host);
  keepAwake();
  return await readBody(response.body, encoding, { maxBytes, overflow }, keepAwake);
}

function pairsOf(raw: readonly string[]): readonly HeaderPair[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [(raw[2 * index] ?? "").toLowerCase(), raw[2 * index + 1] ?? ""] as const);
}

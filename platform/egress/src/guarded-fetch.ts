// One request to the outside, redirects included, under the egress rules of SPEC.md. Knows nothing of plans, labels or idempotency.

import { ACCEPTED_ENCODINGS, type BodyBytes, type OverflowMode } from "./body-reader.ts";
import type { EgressConfig } from "./egress-config.ts";
import { badRequest, denied, translateFailure, unavailable } from "./egress-error.ts";
import { checkUrl, type EgressTarget, type Reach, vetAddresses } from "./egress-policy.ts";
import { type HeaderPair, type HopOptions, headerValue, sendHop } from "./hop.ts";
import { HTTP_METHODS, type HttpMethod } from "./http-method.ts";
import type { Network } from "./network.ts";
import { followRedirect, type HopRequest, isRedirect } from "./redirect.ts";
import { readRequestHeaders } from "./request-headers.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

export interface FetchRequest {
  readonly url: string;
  readonly method: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** At most what the configuration allows; the smaller one holds. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** What a body over its cap becomes. Default `error`. */
  readonly overflow?: OverflowMode;
  readonly signal: AbortSignal;
  /** Awaited on the open connection, before the first byte of the request of each hop. */
  readonly beforeSend?: HopOptions["beforeSend"];
  /** `manual`: a redirect is the answer, without its body; whoever follows it names the URL it came from in `via`. Default `follow`. */
  readonly redirect?: "follow" | "manual";
  /** The URL of the document or redirect that named this one; by rule E7 it leads inside only if it lies inside itself. */
  readonly via?: string;
  /** False: the answer is given without its body, which is not read. Asked once the headers of an answer that is no redirect are there. */
  readonly wantBody?: (status: number, headers: readonly HeaderPair[]) => boolean;
}

interface RedirectHop {
  readonly status: number;
  /** The URL that answered with the redirect. */
  readonly url: string;
}

export interface FetchResponse extends BodyBytes {
  readonly status: number;
  /** Names in lower case, repeated ones kept. */
  readonly headers: readonly HeaderPair[];
  /** The URL that answered. */
  readonly url: string;
  readonly redirects: readonly RedirectHop[];
  /** Whether `wantBody` refused the body; `bytes` is empty then. */
  readonly bodySkipped: boolean;
}

/**
 * Errors: BAD_REQUEST (URL or headers cannot be sent), POLICY_DENIED (`details.rule`; before anything is connected to), TIMEOUT
 * (`details.phase`), TOO_LARGE, CANCELLED, UNAVAILABLE (`details.reason`), and whatever `beforeSend` throws.
 */
export type GuardedFetch = (request: FetchRequest) => Promise<FetchResponse>;

export function createGuardedFetch(config: EgressConfig, network: Network): GuardedFetch {
  return async (request) => {
    if (!HTTP_METHODS.includes(request.method)) throw badRequest(`The method is not one of ${HTTP_METHODS.join(", ")}.`);
    let target = checkUrl(request.url, config);
    let hop: HopRequest = { method: request.method, headers: withDefaults(request.headers ?? {}, config), body: request.body };
    const timeoutMs = Math.min(request.timeoutMs ?? config.timeoutMs, config.maxTimeoutMs);
    using watchdog = createWatchdog(network, timeoutMs, target.host, request.signal);
    const follows = request.redirect !== "manual";
    const options: HopOptions = {
      config,
      network,
      watchdog,
      maxBytes: Math.min(request.maxBytes ?? config.maxBytes, config.maxBytes),
      overflow: request.overflow ?? "error",
      beforeSend: request.beforeSend ?? (async () => {}),
      skipBody: (status, headers) => redirectLocation(status, headers) !== undefined || request.wantBody?.(status, headers) === false,
    };
    const redirects: RedirectHop[] = [];
    let reach: Reach | undefined;
    for (;;) {
      const addresses = await findAddresses(target, network, watchdog, config);
      const next = vetAddresses(target, addresses, network.localAddresses());
      if (next === "inside" && request.via !== undefined) reach ??= await reachOf(request.via, network, watchdog, config);
      reach = checkReach(target, reach, next);
      const { status, headers, body } = await sendHop(target, addresses, hop, options);
      const location = redirectLocation(status, headers);
      if (location === undefined || !follows) {
        return { status, headers, url: target.url.href, redirects, ...(body ?? NO_BODY), bodySkipped: body === undefined };
      }
      if (redirects.length >= config.maxRedirects) {
        throw denied(
          "E9",
          `${target.url.host} redirects again after ${redirects.length} redirects: at most ${config.maxRedirects} are followed.`,
        );
      }
      const to = checkUrl(location, config, target.url);
      hop = followRedirect(status, hop, target, to);
      redirects.push({ status, url: target.url.href });
      target = to;
    }
  };
}

const NO_BODY: BodyBytes = { bytes: new Uint8Array(), wireBytes: 0, truncated: false, decoded: true };

/** Where the document that names an inside address lies itself. */
async function reachOf(via: string, network: Network, watchdog: Watchdog, config: EgressConfig): Promise<Reach> {
  const target = checkUrl(via, config);
  return vetAddresses(target, await findAddresses(target, network, watchdog, config), network.localAddresses());
}

function redirectLocation(status: number, headers: readonly HeaderPair[]): string | undefined {
  return isRedirect(status) ? headerValue(headers, "location") : undefined;
}

/** Resolved once for each hop: what is vetted is what is connected to. */
async function findAddresses(target: EgressTarget, network: Network, watchdog: Watchdog, config: EgressConfig): Promise<readonly string[]> {
  if (target.literal) return [target.host];
  watchdog.enter("resolving the name", config.connectTimeoutMs, target.host);
  let addresses: readonly string[];
  try {
    addresses = await watchdog.race(network.resolve(target.host));
  } catch (error) {
    throw translateFailure(error, target.host, config.maxHeaderBytes);
  }
  if (addresses.length === 0) throw unavailable(`The name ${target.host} has no address.`, { reason: "dns" });
  return addresses;
}

/** The owner opens an inside address to those who name it, not to whichever public server points at it. */
function checkReach(target: EgressTarget, last: Reach | undefined, next: Reach): Reach {
  if (last === "public" && next === "inside") {
    throw denied(
      "E7",
      `A redirect or link from a public host to ${target.url.host} is not followed: what egress.allow_hosts opens is reached directly only.`,
    );
  }
  return next;
}

function withDefaults(headers: Readonly<Record<string, string>>, config: EgressConfig): ReadonlyMap<string, string> {
  const defaults = [
    ["accept", "*/*"],
    ["accept-encoding", ACCEPTED_ENCODINGS],
    ["user-agent", config.userAgent],
  ] as const;
  return new Map([...defaults, ...readRequestHeaders(headers)]);
}

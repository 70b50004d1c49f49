// What the hosts of a site ask of robots: their robots.txt, fetched once for each origin and read by the package `robots-parser` (RFC 9309).

import type { CapabilityContext } from "@kos/agent";
import { decodeText, type FetchResponse, headerValue } from "@kos/egress";
import { isKosError, KosError } from "@kos/klp";
import { mediaTypeOf } from "../fetch/page-body.ts";
import type { MannersWish, WebAccess } from "../fetch/web-access.ts";
import { exportedFunction } from "../older-module.ts";

interface RobotsRules {
  isAllowed(address: string): boolean;
  /** Between two requests; 0 where nothing is asked. */
  readonly delayMs: number;
  readonly sitemaps: readonly string[];
  readonly found: boolean;
  /** Why the file could not be had, where that closes the host. */
  readonly failure?: KosError;
}

export interface Robots {
  /** Errors: those of the guard for a host that may not be reached; CANCELLED. */
  rulesFor(address: string): Promise<RobotsRules>;
}

/** More than that a robot need not read (RFC 9309, 2.5). */
const MAX_BYTES = 524_288;
/** A host that asks for more is crawled at this pace; it can close the door in robots.txt if that is too fast. */
const MAX_DELAY_MS = 10_000;
const MAX_SITEMAPS = 50;

const OPEN: RobotsRules = { isAllowed: () => true, delayMs: 0, sitemaps: [], found: false };

export interface RobotsOptions {
  readonly access: WebAccess;
  readonly context: CapabilityContext;
  readonly wish: MannersWish;
  readonly timeoutMs: number;
  /** False: every address is allowed; the file is still read for its sitemaps. */
  readonly respect: boolean;
}

export function createRobots(options: RobotsOptions): Robots {
  const known = new Map<string, Promise<RobotsRules>>();
  return {
    rulesFor(address) {
      const { origin } = new URL(address);
      const rules = known.get(origin) ?? fetchRules(origin, options);
      known.set(origin, rules);
      return rules;
    },
  };
}

async function fetchRules(origin: string, options: RobotsOptions): Promise<RobotsRules> {
  const { access, context, wish, timeoutMs, respect } = options;
  const url = `${origin}/robots.txt`;
  let response: FetchResponse;
  try {
    const manners = access.mannersFor(url, wish);
    response = await access.request(
      {
        url,
        method: "GET",
        headers: { accept: "text/plain,*/*;q=0.5" },
        maxBytes: MAX_BYTES,
        overflow: "truncate",
        timeoutMs,
        manners,
        via: url,
      },
      context,
    );
  } catch (error) {
    if (!isKosError(error) || context.signal.aborted) throw error;
    // Where robots.txt cannot be had for any reason of the host's, nothing may be fetched (RFC 9309, 2.3.1.4). A redirect that is refused is
    // the host's reason too; an address that is refused is ours, and is told.
    if (error.code === "POLICY_DENIED" && error.details?.["rule"] !== "E9" && error.details?.["rule"] !== "E7") throw error;
    return closedBy(error, respect);
  }
  if (response.status >= 500 || response.status === 429) {
    const message = `${url} answered with status ${response.status}: until it can be read, nothing may be fetched (RFC 9309). For a site of your own, say respect_robots: false.`;
    return closedBy(new KosError("UNAVAILABLE", message, { details: { status: response.status, url } }), respect);
  }
  if (response.status >= 300) return OPEN;
  return await parseRules(url, response, access.robotName, respect);
}

function closedBy(failure: KosError, respect: boolean): RobotsRules {
  return respect ? { ...OPEN, isAllowed: () => false, failure } : OPEN;
}

async function parseRules(url: string, response: FetchResponse, robotName: string, respect: boolean): Promise<RobotsRules> {
  if (headerValue(response.headers, "content-type")?.toLowerCase().includes("html") === true) return OPEN;
  const { text } = decodeText(response.bytes, mediaTypeOf(response.headers));
  const robotsParser = exportedFunction(await import("robots-parser")) as RobotsParser;
  const robots = robotsParser(url, text);
  const delayMs = Math.max(0, (robots.getCrawlDelay(robotName) ?? 0) * 1000);
  return {
    isAllowed: (address) => !respect || robots.isAllowed(address, robotName) !== false,
    delayMs: respect && Number.isFinite(delayMs) ? Math.min(delayMs, MAX_DELAY_MS) : 0,
    sitemaps: robots.getSitemaps().slice(0, MAX_SITEMAPS),
    found: true,
  };
}

type RobotsParser = (
  url: string,
  text: string,
) => {
  isAllowed(address: string, robot: string): boolean | undefined;
  getCrawlDelay(robot: string): number | undefined;
  getSitemaps(): string[];
};

// The one way of this agent to the web: a guarded request with manners. It follows what the guard's rules allow and nothing else.

import type { CapabilityContext } from "@kos/agent";
import { type EgressConfig, type FetchRequest, type FetchResponse, type GuardedFetch, hostKey } from "@kos/egress";
import { throwIfAborted } from "../../task-error.ts";
import type { HostGate, Manners } from "./host-gate.ts";
import { MAX_RETRY_AFTER_MS, retryAfterMs } from "./retry-after.ts";

export interface WebAccess {
  readonly config: EgressConfig;
  /** First product of the user agent: what robots.txt files call us. */
  readonly robotName: string;
  /**
   * One request when the host's turn has come. An answer 429 or 503 that says when to come again makes everybody wait until then, up to a
   * minute. Errors: those of the guard; the signal's reason.
   */
  request(request: PoliteRequest, context: Pick<CapabilityContext, "signal" | "now">): Promise<PoliteResponse>;
  /** What is right for a host where nobody said: none for one the owner opened, which is theirs. */
  mannersFor(address: string, wish: MannersWish): Manners;
}

export type PoliteRequest = Omit<FetchRequest, "signal"> & { readonly manners: Manners };

export interface PoliteResponse extends FetchResponse {
  /** From the host's turn to the end of the body. */
  readonly ms: number;
}

export interface MannersWish {
  readonly delayMs?: number | undefined;
  readonly maxConcurrent?: number | undefined;
}

const PUBLIC_MANNERS: Manners = { delayMs: 200, maxConcurrent: 2 };
const OPENED_MANNERS: Manners = { delayMs: 0, maxConcurrent: 8 };

export function createWebAccess(config: EgressConfig, fetch: GuardedFetch, gate: HostGate): WebAccess {
  return {
    config,
    robotName: /^[A-Za-z_-]+/.exec(config.userAgent)?.[0] ?? "kOS",
    async request({ manners, ...request }, { signal, now }) {
      const host = URL.parse(request.url)?.host ?? "";
      using _turn = await gate.enter(host, manners, signal);
      throwIfAborted(signal);
      const startedAt = now();
      const response = await fetch({ ...request, signal });
      const ms = now() - startedAt;
      if (response.status === 429 || response.status === 503) {
        const header = response.headers.find(([name]) => name === "retry-after")?.[1];
        const waitMs = retryAfterMs(header, now());
        if (waitMs !== undefined) gate.pause(host, now() + Math.min(waitMs, MAX_RETRY_AFTER_MS));
      }
      return { ...response, ms };
    },
    mannersFor(address, { delayMs, maxConcurrent }) {
      const usual = isOpened(address, config) ? OPENED_MANNERS : PUBLIC_MANNERS;
      return { delayMs: delayMs ?? usual.delayMs, maxConcurrent: maxConcurrent ?? usual.maxConcurrent };
    },
  };
}

/** Whether the owner's configuration names this host and port. */
function isOpened(address: string, config: EgressConfig): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return config.allowHosts.has(hostKey(host, port));
}

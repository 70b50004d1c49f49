// Asks whether there is something behind an address: HEAD first, GET where HEAD is not answered well. No body is read.

import type { CapabilityContext } from "@kos/agent";
import { type FetchResponse, headerValue } from "@kos/egress";
import { isKosError } from "@kos/klp";
import { throwIfAborted } from "../../task-error.ts";
import { pageAddress } from "../address/page-address.ts";
import type { MannersWish, WebAccess } from "../fetch/web-access.ts";
import { failureReason } from "../site/visit.ts";
import { type LinkOutcome, outcomeOfFailure, outcomeOfStatus } from "./link-outcome.ts";

export interface LinkCheckOptions {
  readonly access: WebAccess;
  readonly context: Pick<CapabilityContext, "signal" | "now">;
  readonly wish: MannersWish;
  readonly timeoutMs: number;
}

const MAX_REDIRECTS = 10;
const METHODS = ["HEAD", "GET"] as const;

/**
 * `via`: the page the link stands on, for rule E7 of the guard. `isDoubted`: a GET of it has failed before, so where HEAD does not come either,
 * that is enough. Errors: CANCELLED.
 */
export async function checkLink(
  address: string,
  via: string | undefined,
  isDoubted: boolean,
  options: LinkCheckOptions,
): Promise<LinkOutcome> {
  let outcome: LinkOutcome = { state: "unchecked", status: null, reason: "policy" };
  for (const method of METHODS) {
    outcome = await ask(method, address, via, options);
    // Many servers know HEAD badly, so what it says is believed only when it is good, or when nobody may ask at all.
    if (outcome.state === "alive" || outcome.reason === "policy" || outcome.reason === "dns") return outcome;
    if (isDoubted && outcome.reason === "timeout") return outcome;
  }
  return outcome;
}

async function ask(
  method: (typeof METHODS)[number],
  address: string,
  via: string | undefined,
  { access, context, wish, timeoutMs }: LinkCheckOptions,
): Promise<LinkOutcome> {
  const visited = new Set<string>();
  let url = address;
  let from = via;
  let status: number | null = null;
  try {
    for (;;) {
      if (visited.has(url) || visited.size > MAX_REDIRECTS) return outcomeOfFailure("redirect_loop", status);
      visited.add(url);
      const response: FetchResponse = await access.request(
        {
          url,
          method,
          headers: { accept: "*/*" },
          redirect: "manual",
          wantBody: () => false,
          timeoutMs,
          manners: access.mannersFor(url, wish),
          ...(from !== undefined && { via: from }),
        },
        context,
      );
      status = response.status;
      const location = status >= 300 && status < 400 ? headerValue(response.headers, "location") : undefined;
      if (location === undefined) return outcomeOfStatus(status);
      const to = pageAddress(location, url);
      if (to === undefined) return outcomeOfFailure("policy", status);
      [from, url] = [url, to];
    }
  } catch (error) {
    throwIfAborted(context.signal);
    if (!isKosError(error)) throw error;
    return outcomeOfFailure(failureReason(error), status);
  }
}

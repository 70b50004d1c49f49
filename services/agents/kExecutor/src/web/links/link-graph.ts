// Where the links of a site end: what its crawl knows of each address, redirects followed, and what is left to be asked.

import type { SiteRecord } from "../site/site-record.ts";
import { type LinkOutcome, outcomeOfFailure, outcomeOfStatus } from "./link-outcome.ts";

interface LinkEnd {
  /** The address behind all redirects the crawl knows. */
  readonly address: string;
  /** Undefined where the crawl does not know it. */
  readonly outcome: LinkOutcome | undefined;
  readonly redirected: boolean;
}

export interface LinkGraph {
  add(record: SiteRecord): void;
  endOf(address: string): LinkEnd;
}

export function createLinkGraph(): LinkGraph {
  const outcomes = new Map<string, LinkOutcome>();
  const redirects = new Map<string, { readonly to: string; readonly status: number }>();
  return {
    add(record) {
      if (record.kind === "redirect") redirects.set(record.url, record);
      else outcomes.set(record.url, outcomeOf(record));
    },
    endOf(start) {
      const visited = new Set<string>();
      let address = start;
      for (;;) {
        const redirect = redirects.get(address);
        if (redirect === undefined) return { address, outcome: outcomes.get(address), redirected: visited.size > 0 };
        visited.add(address);
        if (visited.has(redirect.to)) return { address, outcome: outcomeOfFailure("redirect_loop", redirect.status), redirected: true };
        address = redirect.to;
      }
    },
  };
}

function outcomeOf(record: Exclude<SiteRecord, { kind: "redirect" }>): LinkOutcome {
  if (record.kind === "skipped") return { state: "unchecked", status: null, reason: record.reason };
  return record.kind === "failed" ? outcomeOfFailure(record.reason, record.status) : outcomeOfStatus(record.status);
}

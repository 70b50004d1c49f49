// kExecutor:web: the agent that fetches, crawls and compares web sites, under the owner's egress rules and with manners. It reads no file: what
// has a path (web.extract) belongs to kExecutor:documents, which has no network.

import { type Agent, defineAgent } from "@kos/agent";
import { createGuardedFetch, type EgressConfig, type Network } from "@kos/egress";
import { createHostGate } from "./fetch/host-gate.ts";
import { createWebAccess } from "./fetch/web-access.ts";
import { webFetch } from "./fetch/web-fetch.ts";
import { webCheckLinks } from "./links/web-check-links.ts";
import { siteRecount } from "./report/site-recount.ts";
import { siteReport } from "./report/site-report.ts";
import { webCrawl } from "./site/web-crawl.ts";
import { siteCompare } from "./watch/site-compare.ts";

const VERSION = "0.1.0";

export interface WebAgentOptions {
  readonly config: EgressConfig;
  readonly network: Network;
  /** Milliseconds since the epoch; for the turns at a host. */
  readonly now: () => number;
}

export function createWebAgent({ config, network, now }: WebAgentOptions): Agent {
  const gate = createHostGate({ now, after: (delayMs, callback) => network.after(delayMs, callback) });
  const access = createWebAccess(config, createGuardedFetch(config, network), gate);
  return defineAgent({
    class: "kExecutor",
    name: "web",
    version: VERSION,
    description: "Fetches, crawls and compares web sites, under the owner's egress rules and with manners.",
    capabilities: [webFetch(access), webCrawl(access), webCheckLinks(access), siteRecount(access), siteReport, siteCompare],
  });
}

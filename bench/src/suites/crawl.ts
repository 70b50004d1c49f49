// A crawl of a large site on loopback: pages a second beside plain undici on the same site, memory, and a worker killed on the way.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@kos/api";
import type { Contender, Reading, Suite } from "../harness/figure.ts";
import { perSecond } from "../harness/rate.ts";
import { processesBelow } from "../node/process-memory.ts";
import { startNodeRole } from "../node/whole-node.ts";
import { type SiteProcess, startSite, walk } from "../web/site-process.ts";

const POLL_MS = 100;
const MOST_MEMORY_MB = 400;
/** Under way at the kill, or fetched and not yet acknowledged. */
const MOST_AGAIN = 100;

export const crawl: Suite = {
  name: "crawl",
  title: "Crawl of a site on loopback: 4 kB a page, 11 links each, 8 requests at once",
  figures: [
    { id: "undici", title: "floor: plain undici, kept-alive, links by pattern, nothing kept", unit: "pages/s", better: "higher" },
    { id: "crawl", title: "web.crawl: guarded, read, measured, kept durably", unit: "pages/s", better: "higher", beside: "undici" },
    {
      id: "crawl_mb",
      title: "web.crawl, most memory of its process (heap of 192 MB)",
      unit: "MB",
      better: "lower",
      target: { of: "value", must: MOST_MEMORY_MB, aim: 250 },
    },
    { id: "plan", title: "the same in a plan of a node, its worker killed half way", unit: "pages/s", better: "higher", beside: "undici" },
    {
      id: "again",
      title: "… pages asked for twice in all (under way or not acknowledged at the kill)",
      unit: "pages",
      better: "lower",
      target: { of: "value", must: MOST_AGAIN, aim: 64 },
    },
    { id: "missing", title: "… pages missing in the end", unit: "pages", better: "lower", target: { of: "value", must: 0, aim: 0 } },
  ],
  async open({ folder, quick, note }) {
    const pages = quick ? 1_000 : 5_000;
    note(`${pages.toLocaleString("en-GB")} pages`);
    const site = await startSite(pages);
    const plain = (kind: "undici" | "crawl"): Contender => ({
      name: kind,
      async measure(): Promise<Reading> {
        const result = await walk(kind, site, pages, folder);
        if (result.pages !== pages) throw new Error(`${kind} found ${result.pages} pages of ${pages}`);
        return { [kind]: perSecond(pages, result.elapsedMs), ...(kind === "crawl" && { crawl_mb: result.peakMb }) };
      },
    });
    const killed: Contender = { name: "killed", measure: () => inNode(site, pages, folder) };
    return { contenders: [plain("undici"), plain("crawl"), killed], warmUps: 0, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
  },
};

/** A plan with one web.crawl in a real node; the worker is killed when half of the site has been asked for. */
async function inNode(site: SiteProcess, pages: number, folder: string): Promise<Reading> {
  const data = mkdtempSync(join(folder, "data-"));
  const host = `localhost:${site.port}`;
  const node = await startNodeRole(data, { KOS_EGRESS__ALLOW_HOSTS: host });
  try {
    const client = createClient({ baseUrl: node.url, token: readFileSync(join(data, "owner.token"), "utf8").trim(), fetch });
    site.reset();
    const start = performance.now();
    const params = { url: `http://${host}/p0`, max_pages: pages, concurrency: 8 };
    const { plan_id } = await client.call("submit", { body: { capability: "web.crawl", params } });
    while ((await site.asked()).size < pages / 2) await pause(POLL_MS);
    for (const pid of processesBelow(node.pid)) process.kill(pid, "SIGKILL");
    for (;;) {
      const { plan } = await client.call("plan", { params: { plan_id } });
      if (plan.status === "succeeded") break;
      if (plan.status === "failed" || plan.status === "cancelled") throw new Error(`the crawl ${plan.status}`);
      await pause(POLL_MS);
    }
    const elapsedMs = performance.now() - start;
    const asked = [...(await site.asked())].filter(([path]) => path.startsWith("/p"));
    const again = asked.filter(([, times]) => times > 1).length;
    return { plan: perSecond(pages, elapsedMs), again, missing: pages - asked.length };
  } finally {
    await node.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

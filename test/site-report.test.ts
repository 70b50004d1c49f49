// The playbook site-report on sites made for it: its numbers against the truth, and a crawl whose worker is killed on the way.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileBlobs } from "@kos/blobs";
import { expect, test } from "vitest";
import { faultySite, largeSite, siteTruth, type TestSite } from "./support/faulty-site.fixture.ts";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { artifactNamed, ended, eventsOf, plan, run, step, submit, taskOf } from "./support/plan.fixture.ts";

interface Report {
  readonly pages_total: number;
  readonly links_total: number;
  readonly bytes_total: number;
  readonly complete: boolean;
  readonly pages: readonly { url: string; status: number; title: string; bytes: number; links: number; depth: number | null }[];
  readonly dead_links: readonly { from: string; to: string; status: number | null }[];
  readonly broken_resources: readonly { from: string; to: string; kind: string }[];
  readonly duplicate_titles: readonly { title: string; pages: readonly string[] }[];
  readonly missing_titles: readonly string[];
  readonly failed: readonly { url: string; reason: string }[];
  readonly sitemap: { readonly orphans: readonly string[] };
  readonly skipped: { readonly robots: number };
  readonly links: { readonly restricted_total: number };
  readonly reading: { readonly lix: number | null; readonly flesch: number | null };
  readonly provenance: Readonly<Record<string, { readonly task: string; readonly checked_by?: { readonly agrees: boolean } }>>;
}

/** A worker's heap may grow to 192 MB; code, buffers and stacks come on top. */
const MOST_WORKER_MB = 400;

async function nodeFor(site: TestSite): Promise<RunningNode> {
  return await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: site.host } });
}

async function report(node: RunningNode, site: TestSite, params: Record<string, unknown> = {}) {
  const { plan_id } = await submit(node, { playbook: "site-report", params: { url: site.url, ...params } });
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.tasks.map(({ task_id, status, error }) => ({ task_id, status, error })))).toBe("succeeded");
  const named = async (name: string) => (await artifactNamed(node, plan_id, name)).toString("utf8");
  return {
    view,
    json: JSON.parse(await named("report.json")) as Report,
    html: await named("report.html"),
    markdown: await named("report.md"),
  };
}

test("[R84] [R86] [R89] [R95] site-report finds what is true of a site with known faults, and nothing else", async () => {
  await using site = await faultySite();
  await using node = await nodeFor(site);
  const truth = siteTruth();
  const { json, html, markdown, view } = await report(node, site, { timeout_ms: 8000 });
  const path = (url: string) => url.replace(site.url, "");
  const found = new Map(json.pages.map(({ url, title, bytes, links }) => [path(url), { title, bytes, links }]));
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(truth.pages));
  expect(json.pages.every(({ status }) => status === 200)).toBe(true);
  expect(new Set(json.dead_links.map(({ from, to, status }) => `${path(from)} ${path(to)} ${status}`))).toEqual(truth.dead);
  expect(new Map(json.duplicate_titles.map(({ title, pages }) => [title, pages.map(path)]))).toEqual(truth.sharedTitles);
  expect(json.missing_titles.map(path)).toEqual(truth.missingTitles);
  expect(json.sitemap.orphans.map(path)).toEqual(truth.orphans);
  expect(json.broken_resources).toMatchObject([{ from: `${site.url}/boats`, to: `${site.url}/boats/none.png`, kind: "image" }]);
  const pages = [...truth.pages.values()];
  expect(json).toMatchObject({
    pages_total: pages.length,
    links_total: pages.reduce((sum, { links }) => sum + links, 0),
    bytes_total: pages.reduce((sum, { bytes }) => sum + bytes, 0),
    complete: true,
    skipped: { robots: 1 },
    links: { restricted_total: 1 },
  });
  expect(Object.fromEntries(json.failed.map(({ url, reason }) => [path(url), reason]))).toMatchObject({
    "/bomb": "too_large",
    "/endless": "too_large",
    "/claim": "too_large",
    "/hang": "timeout",
    "/missing": "status",
  });
  expect(json.reading.lix).toBeGreaterThan(20);
  for (const key of ["pages_total", "links_total", "bytes_total"]) expect(json.provenance[key]?.checked_by?.agrees).toBe(true);
  for (const taskId of ["crawl", "links", "recount", "report", "render"]) expect(taskOf(view, taskId).attempt).toBe(1);
  // What robots.txt closes was never asked for, and no script of a title is one in the pages.
  expect(site.asked.filter((asked) => asked.includes("/secret/"))).toEqual([]);
  expect(html).not.toMatch(/<script|<img|<iframe/);
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(markdown).toContain("\\<script\\>");
});

test("a crawl of 5,000 pages whose worker is killed goes on where it stood: no recorded page is asked for again, none is missing, memory stays bounded", async () => {
  const PAGES = 5000;
  await using site = await largeSite(PAGES);
  await using node = await nodeFor(site);
  const { plan_id } = await submit(node, { playbook: "site-report", params: { url: site.url } });
  await site.arrivals(PAGES / 2);
  for (const pid of node.workers()) process.kill(pid, "SIGKILL");
  const recorded = await recordedPages(node, plan_id);
  const asked = site.asked.length;
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  const crawl = taskOf(view, "crawl");
  expect(crawl.attempt).toBeGreaterThan(1);
  expect(recorded.length).toBeGreaterThan(PAGES / 4);
  // The tasks after the crawl ask for a few pages again; those are after all others.
  const ofCrawl = new Set(site.asked.slice(asked, site.asked.length - 50));
  expect(ofCrawl.size).toBeGreaterThan(0);
  expect(recorded.filter((url) => ofCrawl.has(url.replace(site.url, "")))).toEqual([]);
  const json = JSON.parse((await artifactNamed(node, plan_id, "report.json")).toString("utf8")) as Report;
  expect([json.pages_total, new Set(json.pages.map(({ url }) => url)).size]).toEqual([PAGES, PAGES]);
  if (process.platform === "linux") for (const pid of node.workers()) expect(peakMb(pid)).toBeLessThan(MOST_WORKER_MB);
}, 300_000);

test("a page that is fetched and read in one plan is what the site serves, through the programs that are shipped", async () => {
  await using site = await faultySite();
  await using node = await nodeFor(site);
  const tasks = [
    step("page", "web.fetch", { url: `${site.url}/` }),
    step("text", "web.extract", { html: "${page.html}", url: "${page.url}" }),
    step("same", "web.fetch", { url: `${site.url}/`, etag: '"none"' }),
  ];
  const view = await run(node, plan(tasks, { output: { title: "${text.title}", markdown: "${text.markdown}", status: "${same.status}" } }));
  expect(view.plan.status, JSON.stringify(view.tasks)).toBe("succeeded");
  expect(view.output).toMatchObject({
    title: "The harbour",
    status: 200,
    markdown: expect.stringContaining("The harbour was built of granite"),
  });
  const [command, ...others] = node.commandsOf("kExecutor:web");
  expect(others).toEqual([]);
  expect(command).toEqual(expect.arrayContaining(["--permission", "--allow-net", "--no-experimental-sqlite"]));
  expect(command?.filter((option) => /^--allow-(?:fs-write|child-process|worker|addons)/.test(option))).toEqual([]);
});

/** Addresses in the batches whose checkpoints are in the log. */
async function recordedPages(node: RunningNode, planId: string): Promise<readonly string[]> {
  await using blobs = await fileBlobs(join(node.data, "blobs"));
  const found: string[] = [];
  for (const { type, payload } of await eventsOf(node, planId)) {
    const hash = (payload as { value?: { site_records?: string } }).value?.site_records;
    if (type !== "task.checkpointed" || hash === undefined) continue;
    const lines = Buffer.from(await blobs.get(hash))
      .toString("utf8")
      .split("\n");
    found.push(...lines.filter((line) => line !== "").map((line) => (JSON.parse(line) as { url: string }).url));
  }
  return found;
}

/** The most memory that a process of ours has had, in MB. */
function peakMb(pid: number): number {
  const [, kilobytes = ""] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

import { describe, expect, test } from "vitest";
import { call } from "../../testing/call.fixture.ts";
import { type TestContext, testContext } from "../../testing/test-context.fixture.ts";
import { type TestPage, type TestWeb, testWeb } from "../../testing/web.fixture.ts";
import { recordedBatches } from "./ledger.ts";
import { siteRecords } from "./site-lists.ts";
import { readRecords } from "./site-record.ts";
import { type Site, webCrawl } from "./web-crawl.ts";

const ROOT = "http://site.example";
const PAGES = 300;

/** Three links a page: a tree with redirects and gaps in it. */
function largeSite(): Readonly<Record<string, TestPage>> {
  const pages: Record<string, TestPage> = { "/robots.txt": { status: 404 } };
  for (let index = 0; index < PAGES; index += 1) {
    const next = [1, 2, 3].map((step) => `<a href="${index * 3 + step < PAGES ? `/p${index * 3 + step}` : `/gone${index}`}">next</a>`);
    pages[index === 0 ? "/" : `/p${index}`] =
      `<title>Page ${index}</title><p>Text of page ${index}.</p>${next.join("")}${index % 7 === 0 ? `<a href="/moved${index}">moved</a>` : ""}`;
    if (index % 7 === 0) pages[`/moved${index}`] = { status: 301, headers: { location: `/p${Math.max(1, index)}` } };
  }
  return pages;
}

const crawlOn = (web: TestWeb, context: TestContext) => call(webCrawl(web.access), { url: `${ROOT}/` }, { ...context, now: web.now });

/** An attempt that is cut off once so many checkpoints are recorded; what was asked for and not recorded by then is lost with it. */
async function cutOff(web: TestWeb, before: TestContext | undefined, checkpoints: number): Promise<TestContext> {
  const controller = new AbortController();
  const earlier = before === undefined ? [] : [...before.checkpoints, ...before.recorded];
  const context = testContext({ signal: controller.signal, checkpoints: earlier, ...(before !== undefined && { after: before }) });
  const cutting: TestContext = {
    ...context,
    async checkpoint(value) {
      if (context.recorded.length >= checkpoints) controller.abort();
      controller.signal.throwIfAborted();
      await context.checkpoint(value);
    },
  };
  await expect(crawlOn(web, cutting)).rejects.toMatchObject({ name: expect.anything() });
  return context;
}

async function recordedPages(context: TestContext): Promise<readonly string[]> {
  const found: string[] = [];
  for (const hash of recordedBatches([...context.checkpoints, ...context.recorded], "site_records")) {
    for (const record of readRecords(await context.artifacts.get(hash), "")) found.push(record.url);
  }
  return found;
}

async function linesOf(site: Site, context: TestContext): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const record of siteRecords(site.records, context.artifacts)) lines.push(JSON.stringify({ ...record, ms: 0 }));
  return lines.sort();
}

describe("a crawl that is cut off", () => {
  test("[WL1] goes on where it stood: no page that was recorded is asked for again, and the site is the same in the end", async () => {
    await using whole = await testWeb(largeSite());
    const first = testContext();
    const expected = await crawlOn(whole, first);
    await using web = await testWeb(largeSite());
    const one = await cutOff(web, undefined, 5);
    const two = await cutOff(web, one, 20);
    const finished = await recordedPages(two);
    expect(finished.length).toBeGreaterThan(10);
    const already = web.asked.length;
    const last = testContext({ checkpoints: [...two.checkpoints, ...two.recorded], after: two });
    const site = await crawlOn(web, last);
    const again = new Set(web.asked.slice(already).map((asked) => asked.slice("GET ".length)));
    expect(finished.filter((url) => again.has(url))).toEqual([]);
    expect(site.resumed_records).toBeGreaterThanOrEqual(finished.length - 1);
    const { started_at: _one, resumed_records: _two, records: _three, ...sums } = site;
    const { started_at: _four, resumed_records: _five, records: _six, ...wanted } = expected;
    expect(sums).toEqual(wanted);
    expect(await linesOf(site, last)).toEqual(await linesOf(expected, first));
  });

  test("[WL1] an attempt whose every page is recorded asks for none", async () => {
    await using web = await testWeb(largeSite());
    const first = testContext();
    await crawlOn(web, first);
    const asked = web.asked.length;
    const site = await crawlOn(web, testContext({ checkpoints: first.recorded, after: first }));
    expect(web.asked.slice(asked)).toEqual([`GET ${ROOT}/robots.txt`]);
    expect(site.pages_total).toBe(PAGES);
  });

  test("[WL1] batches that are gone are done again", async () => {
    await using web = await testWeb(largeSite());
    const first = testContext();
    await crawlOn(web, first);
    const lost = [first.recorded[0], { site_records: `sha256:${"0".repeat(64)}` }, ...first.recorded.slice(2)];
    const site = await crawlOn(web, testContext({ checkpoints: lost, after: first }));
    expect([site.pages_total, site.resumed_records]).toEqual([PAGES, 0]);
  });

  test("[R102] ends at once when it is cancelled, and leaves no request behind", async () => {
    const controller = new AbortController();
    await using web = await testWeb(largeSite(), {
      otherwise(address) {
        if (address.includes("gone")) controller.abort();
        return undefined;
      },
    });
    await expect(crawlOn(web, testContext({ signal: controller.signal }))).rejects.toMatchObject({ code: "CANCELLED" });
    expect(web.network.armedTimers()).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { reportRender } from "../../render/report-render.ts";
import { call } from "../../testing/call.fixture.ts";
import { activeParts } from "../../testing/html-tags.fixture.ts";
import { type TestContext, testContext } from "../../testing/test-context.fixture.ts";
import { redirectTo, type TestPage, type TestWeb, testWeb } from "../../testing/web.fixture.ts";
import { webCheckLinks } from "../links/web-check-links.ts";
import { readRecords, writeRecords } from "../site/site-record.ts";
import { type Site, webCrawl } from "../site/web-crawl.ts";
import type { SiteData } from "./site-data.ts";
import { siteRecount } from "./site-recount.ts";
import { siteReport } from "./site-report.ts";
import { distribution } from "./site-statistics.ts";

const ROOT = "http://site.example";
const PROSE =
  "The harbour was built of granite that ships had brought from the north. It has stood there for two hundred years, and nobody remembers who paid for the granite. ";

const SITE: Readonly<Record<string, TestPage>> = {
  "/": `<html lang="en"><title>Harbour</title><meta name=description content=d><h1>H</h1><p>${PROSE.repeat(2)}</p><a href=/a>a</a><a href=/b>b</a><a href=/gone>g</a><a href=/old>o</a>`,
  "/a": `<html lang="en"><title>Same</title><h1>A</h1><p>${PROSE}</p><img src=/a.png>`,
  "/b": `<html lang="de"><title>Same</title><p>${PROSE.repeat(2)}</p><a href=/c?x=1>c</a>`,
  "/c?x=1": `<p>${"Die Boote liegen im Hafen und warten auf den Wind. Niemand wei\u00df, wann er kommt, aber alle glauben daran. ".repeat(3)}</p>`,
  "/old": redirectTo("/a", 301),
};

interface Made {
  readonly site: Site;
  readonly json: SiteData & { readonly issues: readonly { readonly id: string }[] };
  readonly markdown: string;
  readonly html: string;
}

async function make(web: TestWeb, context: TestContext = testContext()): Promise<Made> {
  const timed = { ...context, now: web.now };
  const site = await call(webCrawl(web.access), { url: `${ROOT}/` }, timed);
  const links = await call(webCheckLinks(web.access), { site }, timed);
  const recount = await call(siteRecount(web.access), { site }, timed);
  const { title, subtitle, facts, markdown, charts } = await call(siteReport, { site, links, recount }, timed);
  await call(reportRender, { title, subtitle, facts, markdown, charts }, timed);
  return {
    site,
    json: JSON.parse(context.textOf("report.json")) as Made["json"],
    markdown: context.textOf("report.md"),
    html: context.textOf("report.html"),
  };
}

describe("a report on a site", () => {
  test("has a row for each page, and what its pages have in common", async () => {
    await using web = await testWeb(SITE);
    const { json, markdown } = await make(web);
    expect(
      json.pages.map(({ url, title, links, links_internal, dead_links, depth }) => [
        url.replace(ROOT, ""),
        title,
        links,
        links_internal,
        dead_links,
        depth,
      ]),
    ).toEqual([
      ["/", "Harbour", 4, 4, 1, 0],
      ["/a", "Same", 0, 0, 0, 1],
      ["/b", "Same", 1, 1, 0, 1],
      ["/c?x=1", "", 0, 0, 0, 2],
    ]);
    expect(json).toMatchObject({
      missing_titles: [`${ROOT}/c?x=1`],
      duplicate_titles: [{ title: "Same", pages: [`${ROOT}/a`, `${ROOT}/b`] }],
      missing_descriptions: [`${ROOT}/a`, `${ROOT}/b`, `${ROOT}/c?x=1`],
      redirects: [{ from: `${ROOT}/old`, to: `${ROOT}/a`, status: 301 }],
      dead_links: [{ from: `${ROOT}/`, to: `${ROOT}/gone`, status: 404 }],
      recount: { pages: 4, unreached: 0, repeated: 0, sample: { compared: 4, differing: [] } },
    });
    expect(json.reading.languages.map(({ language, pages }) => [language, pages])).toEqual([
      ["en", 3],
      ["de", 1],
    ]);
    expect(json.keywords.slice(0, 2).map(({ term }) => term)).toEqual(expect.arrayContaining(["granite"]));
    expect(json.issues.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["dead_links", "missing_titles", "duplicate_titles", "redirected_links", "language", "missing_alt"]),
    );
    expect(Object.values(json.provenance).every(({ task }) => task !== "")).toBe(true);
    for (const heading of [
      "## Summary",
      "## Dead links",
      "## Titles",
      "## Sizes",
      "## Reading level",
      "## All pages",
      "## How each number was obtained",
    ])
      expect(markdown).toContain(heading);
  });

  test("[R95] [R96] [WH2] whatever pages say of themselves is inert in it: titles, links, addresses, keywords, charsets, notes", async () => {
    const canary = "http:/canary.example";
    const hostile = [
      `<script>new Image().src='${canary}'</script>`,
      `</td></table><img src="${canary}/x">`,
      `[x](javascript:alert(1))`,
      `![x](${canary}/y)`,
      `"><svg onload="alert(1)">`,
      "| a | b |\n|---|---|",
      "`code` **bold** \u202Egnp.exe",
    ];
    const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const pages = Object.fromEntries(
      hostile.map((text, index) => [
        `/p${index}`,
        {
          headers: { "content-type": `text/html; charset="${text.replace(/[^\x20-\x7e]|"/g, "")}"` },
          body: `<title>${escaped(text)}</title><p>${escaped(text).repeat(5)}</p><a href="/dead?${encodeURIComponent(text)}">${escaped(text)}</a>`,
        },
      ]),
    );
    await using web = await testWeb({
      "/": `<title>${escaped(hostile[1] ?? "")}</title>${Object.keys(pages)
        .map((path) => `<a href="${path}">x</a>`)
        .join("")}<a href="/"><b>`,
      ...pages,
    });
    const { html } = await make(web);
    expect(activeParts(html)).toEqual([]);
    expect(new Set(web.network.lookups)).toEqual(new Set(["site.example"]));
  });

  test("does not take parts that do not belong together", async () => {
    await using web = await testWeb(SITE);
    const context = testContext();
    const { site } = await make(web, context);
    const links = await call(webCheckLinks(web.access), { site }, { ...context, now: web.now });
    const recount = await call(siteRecount(web.access), { site }, { ...context, now: web.now });
    const wrong = { ...site, pages_total: site.pages_total + 1 };
    await expect(call(siteReport, { site: wrong, links, recount }, context)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      details: { at: "/site" },
    });
    const other = await context.artifacts.put({ name: "x", media_type: "text/plain", content: "no list\n" });
    await expect(call(siteReport, { site, links: { ...links, dead_list: { ...other } }, recount }, context)).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    await expect(call(siteReport, { site: { ...site, records: [{ ...other }] }, links, recount }, context)).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });
});

describe("a second count", () => {
  async function tampered(change: (lines: ReturnType<typeof readRecords>) => ReturnType<typeof readRecords>) {
    await using web = await testWeb(SITE);
    const context = testContext();
    const timed = { ...context, now: web.now };
    const site = await call(webCrawl(web.access), { url: `${ROOT}/` }, timed);
    const [list] = site.records;
    const records = change(readRecords(await context.artifacts.get(list?.hash ?? ""), ""));
    const changed = await context.artifacts.put({
      name: "site-001.ndjson",
      media_type: "application/x-ndjson",
      content: writeRecords(records),
    });
    return { site, recount: await call(siteRecount(web.access), { site: { ...site, records: [{ ...changed }] } }, timed) };
  }

  test("agrees with a crawl that is whole", async () => {
    const { site, recount } = await tampered((records) => records);
    expect(recount).toMatchObject({ pages: site.pages_total, links: site.links_total, bytes: site.bytes_total, unreached: 0, repeated: 0 });
  });

  test.each([
    ["a page that is lost", (records: ReturnType<typeof readRecords>) => records.filter(({ url }) => url !== `${ROOT}/a`), { pages: 3 }],
    [
      "a page that is there twice",
      (records: ReturnType<typeof readRecords>) => [...records, ...records.filter(({ url }) => url === `${ROOT}/a`)],
      { repeated: 1 },
    ],
    [
      "a page that nothing leads to",
      (records: ReturnType<typeof readRecords>) =>
        records.map((record) => (record.url === `${ROOT}/c?x=1` ? { ...record, url: `${ROOT}/made-up` } : record)),
      { pages: 3, unreached: 1 },
    ],
    [
      "a title that another parser does not read",
      (records: ReturnType<typeof readRecords>) =>
        records.map((record) => (record.kind === "page" ? { ...record, title: "made up" } : record)),
      { sample: { differing: expect.arrayContaining([expect.objectContaining({ what: "title" })]) } },
    ],
    [
      "links that another parser does not count",
      (records: ReturnType<typeof readRecords>) =>
        records.map((record) => (record.kind === "page" ? { ...record, links_total: record.links_total + 1 } : record)),
      { sample: { differing: expect.arrayContaining([expect.objectContaining({ what: "links" })]) } },
    ],
  ])("finds %s", async (_name, change, expected) => {
    expect((await tampered(change)).recount).toMatchObject(expected);
  });
});

test("a distribution is by nearest rank", () => {
  expect(distribution([5, 1, 3, 2, 4, 10, 6, 7, 8, 9])).toEqual({ count: 10, min: 1, median: 5, p90: 9, max: 10, mean: 6 });
  expect(distribution([])).toEqual({ count: 0, min: 0, median: 0, p90: 0, max: 0, mean: 0 });
});

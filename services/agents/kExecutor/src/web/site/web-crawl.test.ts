import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { call } from "../../testing/call.fixture.ts";
import { type TestContext, testContext } from "../../testing/test-context.fixture.ts";
import { rawly, redirectTo, type TestPage, type TestWeb, testWeb } from "../../testing/web.fixture.ts";
import { siteRecords } from "./site-lists.ts";
import type { PageRecord, SiteRecord } from "./site-record.ts";
import { type Site, webCrawl } from "./web-crawl.ts";

const ROOT = "http://site.example";
const links = (...hrefs: readonly string[]) => hrefs.map((href) => `<a href="${href}">link</a>`).join(" ");
const page = (title: string, ...hrefs: readonly string[]) => `<!doctype html><title>${title}</title>${links(...hrefs)}`;

type Params = Parameters<ReturnType<typeof webCrawl>["run"]>[0];

interface Crawled {
  readonly site: Site;
  readonly records: readonly SiteRecord[];
  readonly pages: readonly PageRecord[];
  readonly context: TestContext;
}

async function crawlOf(web: TestWeb, params: Partial<Params> = {}, context = testContext()): Promise<Crawled> {
  const site = await call(webCrawl(web.access), { url: `${ROOT}/`, ...params }, { ...context, now: web.now });
  const records: SiteRecord[] = [];
  for await (const record of siteRecords(site.records, context.artifacts)) records.push(record);
  return { site, records, pages: records.filter((record) => record.kind === "page"), context };
}

const addresses = (records: readonly SiteRecord[]) => records.map(({ url }) => url.replace(ROOT, "")).sort();
const timesAsked = (web: TestWeb, path: string) => web.asked.filter((asked) => asked === `GET ${ROOT}${path}`).length;

describe("what a crawl finds", () => {
  test("[WC1] [WC2] each page once: after redirects, without fragment, with its query, from relative links and a base", async () => {
    await using web = await testWeb({
      "/": `<base href="/docs/"><title>Home</title>${links("a", "a#top", "../b?x=1&y=2", "../b?y=2&x=1", "../old", "mailto:a@b.example", "javascript:alert(1)", "data:text/html,x", "http://other.example/", "../file.pdf", "", "#here")}`,
      "/docs/a": page("A", "/", "a", "/missing"),
      "/docs/": page("Docs"),
      "/b?x=1&y=2": page("B"),
      "/b?y=2&x=1": page("B again"),
      "/old": redirectTo("/new", 301),
      "/new": page("New"),
      "/file.pdf": { headers: { "content-type": "application/pdf", "content-length": "999999999" }, body: "" },
    });
    const { site, records, pages } = await crawlOf(web, { sitemap: false });
    expect(addresses(pages)).toEqual(["/", "/b?x=1&y=2", "/b?y=2&x=1", "/docs/", "/docs/a", "/new"]);
    expect(site).toMatchObject({
      pages_total: 6,
      redirects_total: 1,
      other_total: 1,
      failed_total: 1,
      complete: true,
      stopped_by: [],
      deepest: 1,
    });
    const home = pages.find(({ url }) => url === `${ROOT}/`);
    // a twice, b twice, old, other, file.pdf; and two that lead to the base itself.
    expect([home?.links_total, home?.links.length, home?.depth]).toEqual([9, 7, 0]);
    expect(records.find(({ url }) => url.endsWith("/old"))).toMatchObject({ kind: "redirect", status: 301, to: `${ROOT}/new`, depth: 1 });
    expect(records.find(({ url }) => url.endsWith("/file.pdf"))).toMatchObject({
      kind: "other",
      media_type: "application/pdf",
      bytes: 999999999,
    });
    expect(records.find(({ url }) => url.endsWith("/missing"))).toMatchObject({ kind: "failed", status: 404, reason: "status", depth: 2 });
    expect(web.asked.filter((asked) => asked.includes("other.example"))).toEqual([]);
    for (const path of addresses(records)) expect([path, timesAsked(web, path)]).toEqual([path, 1]);
  });

  test("[WC4] depth is the length of the shortest way, whatever answers first; what lies deeper than asked is left out and said", async () => {
    await using web = await testWeb({
      "/": page("Home", "/slow", "/a"),
      "/slow": (response) =>
        void setImmediate(() => setImmediate(() => response.writeHead(200, { "content-type": "text/html" }).end(page("S", "/target")))),
      "/a": page("A", "/b"),
      "/b": page("B", "/target"),
      "/target": page("T", "/end"),
      "/end": page("E"),
    });
    const whole = await crawlOf(web);
    expect(Object.fromEntries(whole.pages.map(({ url, depth }) => [url.replace(ROOT, ""), depth]))).toEqual({
      "/": 0,
      "/a": 1,
      "/slow": 1,
      "/b": 2,
      "/target": 2,
      "/end": 3,
    });
    const cut = await crawlOf(web, { max_depth: 2 });
    expect(addresses(cut.pages)).toEqual(["/", "/a", "/b", "/slow", "/target"]);
    expect(cut.site).toMatchObject({ complete: false, stopped_by: ["max_depth"], deepest: 2 });
  });

  test("[WC4] [WE2] exactly the pages asked for at most, the nearest ones, always the same", async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`/p${index}`, page(`P${index}`, "/deep")]));
    await using web = await testWeb({ "/": page("Home", ...Object.keys(many)), ...many, "/deep": page("Deep") });
    const [first, second] = [await crawlOf(web, { max_pages: 13 }), await crawlOf(web, { max_pages: 13 })];
    expect(first.site).toMatchObject({ pages_total: 13, complete: false, stopped_by: ["max_pages"] });
    expect(addresses(first.pages)).toEqual(addresses(second.pages));
  });

  test("[WC3] patterns choose, and what belongs to the site is as asked", async () => {
    await using web = await testWeb({
      "/": page(
        "Home",
        "/docs/a",
        "/docs/b.pdf",
        "/blog/",
        "http://www.site.example/w",
        "http://sub.site.example/s",
        "https://site.example/t",
      ),
      "/docs/a": page("A"),
      "/blog/": page("Blog"),
      "http://www.site.example/w": page("W"),
      "http://sub.site.example/s": page("S"),
    });
    const docs = await crawlOf(web, { include: ["/docs/"], exclude: ["/*.pdf$"] });
    expect(addresses(docs.pages)).toEqual(["/", "/docs/a"]);
    expect(docs.site.skipped.excluded).toBe(4);
    expect((await crawlOf(web, { same_site: "origin" })).pages.map(({ url }) => new URL(url).host)).not.toContain("www.site.example");
    expect((await crawlOf(web)).pages.map(({ url }) => new URL(url).host)).toContain("www.site.example");
    expect((await crawlOf(web, { same_site: "domain" })).pages.map(({ url }) => new URL(url).host)).toContain("sub.site.example");
  });

  test("a start that leads to no page is an error that says why", async () => {
    await using web = await testWeb({
      "/pdf": { headers: { "content-type": "application/pdf" } },
      "/loop": redirectTo("/loop2"),
      "/loop2": redirectTo("/loop"),
    });
    await expect(crawlOf(web, { url: `${ROOT}/none` })).rejects.toMatchObject({ code: "NOT_FOUND", details: { status: 404 } });
    await expect(crawlOf(web, { url: `${ROOT}/pdf` })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("application/pdf"),
    });
    await expect(crawlOf(web, { url: `${ROOT}/loop` })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(crawlOf(web, { url: "http://nowhere.example/" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(crawlOf(web, { url: "ftp://site.example/" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});

describe("robots.txt and sitemaps", () => {
  const text = (body: string): TestPage => ({ headers: { "content-type": "text/plain" }, body });

  test("[WM3] what robots.txt closes is not asked for, its delay is kept, and its owner may say otherwise", async () => {
    await using web = await testWeb({
      "/robots.txt": text(
        "User-agent: *\nDisallow: /private/\nDisallow: /*?print\n\nUser-agent: kOS\nDisallow: /only-us\nCrawl-delay: 3\n",
      ),
      "/": page("Home", "/only-us", "/private/x", "/a"),
      "/only-us": page("Us"),
      "/private/x": page("X"),
      "/a": page("A"),
    });
    const { site, pages, records } = await crawlOf(web);
    expect(addresses(pages)).toEqual(["/", "/a", "/private/x"]);
    expect(site).toMatchObject({ skipped: { robots: 1 }, robots: { found: true, crawl_delay_ms: 3000 } });
    expect(records).toContainEqual({ kind: "skipped", url: `${ROOT}/only-us`, reason: "robots" });
    expect(timesAsked(web, "/only-us")).toBe(0);
    expect(web.passedMs()).toBeGreaterThanOrEqual(6000);
    expect((await crawlOf(web, { respect_robots: false })).site.pages_total).toBe(4);
    await expect(crawlOf(web, { url: `${ROOT}/only-us` })).rejects.toMatchObject({ code: "POLICY_DENIED", details: { rule: "robots" } });
  });

  test("[WM3] a robots.txt that fails on the server's side closes the site, one that is not there opens it", async () => {
    await using broken = await testWeb({ "/robots.txt": { status: 503 }, "/": page("Home") });
    await expect(crawlOf(broken)).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("respect_robots") });
    await using page404 = await testWeb({ "/robots.txt": { status: 404 }, "/": page("Home") });
    expect((await crawlOf(page404)).site.pages_total).toBe(1);
  });

  test("[WC4] sitemaps are read: named ones, an index, gzip, text; what no link leads to has no depth", async () => {
    const urls = (...paths: readonly string[]) =>
      `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${paths.map((path) => `<url><loc> ${ROOT}${path} </loc></url>`).join("")}</urlset>`;
    await using web = await testWeb({
      "/robots.txt": text(`Sitemap: ${ROOT}/index.xml\nSitemap: ${ROOT}/list.txt\nSitemap: http://other.example/sitemap.xml`),
      "/index.xml": `<sitemapindex><sitemap><loc>${ROOT}/one.xml.gz</loc></sitemap><sitemap><loc>${ROOT}/broken.xml</loc></sitemap><sitemap><loc>${ROOT}/gone.xml</loc></sitemap></sitemapindex>`,
      "/one.xml.gz": { headers: { "content-type": "application/gzip" }, body: gzipSync(urls("/", "/orphan", "/gone")) },
      "/broken.xml": {
        body: `<urlset><url><loc>${ROOT}/a?x=1&y=2</loc></url><url><loc>http://other.example/</loc></url><url><loc>${ROOT}/late`,
      },
      "/list.txt": text(`${ROOT}/listed\nnot an address\n`),
      "/": page("Home", "/a?x=1&y=2"),
      "/a?x=1&y=2": page("A"),
      "/orphan": page("Orphan", "/behind"),
      "/behind": page("Behind"),
      "/listed": page("Listed"),
    });
    const { site, pages } = await crawlOf(web);
    expect(addresses(pages)).toEqual(["/", "/a?x=1&y=2", "/behind", "/listed", "/orphan"]);
    expect(Object.fromEntries(pages.map(({ url, depth }) => [url.replace(ROOT, ""), depth]))).toMatchObject({
      "/a?x=1&y=2": 1,
      "/orphan": null,
      "/behind": null,
    });
    expect(site.sitemap).toEqual({ files: 4, addresses_total: 5, foreign_total: 1 });
    expect(site.notes).toEqual(
      expect.arrayContaining([
        expect.stringContaining("other.example"),
        expect.stringContaining("broken.xml"),
        expect.stringContaining("gone.xml"),
      ]),
    );
    expect((await crawlOf(web, { sitemap: false })).site.pages_total).toBe(2);
  });

  test("[R89] a sitemap that unpacks to more than a sitemap may hold is not read", async () => {
    await using web = await testWeb({
      "/robots.txt": text(`Sitemap: ${ROOT}/bomb.xml.gz`),
      "/bomb.xml.gz": { headers: { "content-type": "application/gzip" }, body: gzipSync(Buffer.alloc(60_000_000, " ")) },
      "/": page("Home"),
    });
    expect((await crawlOf(web)).site).toMatchObject({
      pages_total: 1,
      sitemap: { files: 0 },
      notes: [expect.stringContaining("bomb.xml.gz")],
    });
  });
});

describe("a site without end", () => {
  test("[WE1] a calendar that always has a next month ends after the longest row, and the rest of the site is whole", async () => {
    await using web = await testWeb(
      { "/": page("Home", "/calendar?month=1", "/a"), "/a": page("A") },
      {
        otherwise(address) {
          const month = /\/calendar\?month=(\d+)$/.exec(address)?.[1];
          return month === undefined ? undefined : page(`Month ${month}`, `/calendar?month=${Number(month) + 1}`, "/");
        },
      },
    );
    const { site, pages } = await crawlOf(web, { max_row: 20 });
    expect(addresses(pages)).toContain("/a");
    expect([site.pages_total, site.skipped.endless, site.complete]).toEqual([23, 1, true]);
  });

  test("[WC1] [WE1] session ids, paths that repeat themselves and one page under every query are seen through", async () => {
    let serial = 0;
    const id = () => (++serial).toString(16).padStart(32, "a");
    await using web = await testWeb(
      {},
      {
        otherwise(address) {
          const { pathname, search } = new URL(address);
          if (pathname === "/")
            return page("Home", `/shop?sid=${id()}`, `/shop;jsessionid=${id()}?PHPSESSID=${id()}`, "grow/", "/same?n=0");
          if (pathname === "/shop") return page(`Shop ${search}`, `/shop?sid=${id()}`, `/?sid=${id()}`);
          if (pathname.endsWith("grow/")) return page("Growing", "grow/");
          if (pathname === "/same")
            return `<title>Same</title><p>The very same words every time.</p>${links(`/same?n=${++serial}`, `/same?n=${++serial}`)}`;
          return undefined;
        },
      },
    );
    const { site, pages } = await crawlOf(web, { max_pages: 500 });
    const at = (path: string) => pages.filter(({ url }) => new URL(url).pathname === path).length;
    expect([at("/"), at("/shop")]).toEqual([1, 1]);
    expect(pages.filter(({ url }) => url.includes("grow/")).length).toBeLessThanOrEqual(4);
    expect(at("/same")).toBeLessThan(100);
    expect(site.complete).toBe(true);
    expect(site.skipped.endless).toBe(1);
  });
});

describe("a host that does wrong", () => {
  const html = { "content-type": "text/html; charset=utf-8" };

  test("[R89] bombs, endless bodies, lies of length and broken answers are named, and the rest goes on", async () => {
    const pour = (socket: { writable: boolean; write(text: string): boolean; on(event: "drain", listener: () => void): unknown }) => {
      const more = () => {
        while (socket.writable && socket.write("a".repeat(65_536)));
      };
      socket.on("drain", more);
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n");
      more();
    };
    await using web = await testWeb({
      "/": page("Home", "/bomb", "/endless", "/claim", "/short", "/garbage", "/hangup", "/encoding", "/fine"),
      "/bomb": { headers: { ...html, "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(50_000_000)) },
      "/endless": rawly(pour),
      "/claim": rawly((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 10737418240\r\n\r\nx")),
      "/short": rawly((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 100\r\n\r\nshort")),
      "/garbage": rawly((socket) => socket.end("HELLO this is no HTTP\r\n\r\n")),
      "/hangup": rawly((socket) => socket.destroy()),
      "/encoding": { headers: { ...html, "content-encoding": "gzip" }, body: "not gzip" },
      "/fine": page("Fine"),
    });
    const { site, records } = await crawlOf(web, { max_page_bytes: 100_000 });
    const reasons = Object.fromEntries(
      records.flatMap((record) => (record.kind === "failed" ? [[record.url.replace(ROOT, ""), record.reason]] : [])),
    );
    expect(reasons).toEqual({
      "/bomb": "too_large",
      "/endless": "too_large",
      "/claim": "too_large",
      "/short": "broken_body",
      "/garbage": "connection",
      "/hangup": "connection",
      "/encoding": "broken_body",
    });
    expect(site).toMatchObject({ pages_total: 2, failed_total: 7, complete: true });
    // What may have been a stumble was asked for twice, what was too large once.
    expect([timesAsked(web, "/hangup"), timesAsked(web, "/bomb")]).toEqual([2, 1]);
  });

  test("[R91] a page that never comes costs its time and no more", async () => {
    await using web = await testWeb({
      "/": page("Home", "/hang", "/fine"),
      // One request at a time, so this is the only timer of that length.
      "/hang": () => void web.network.fireTimer(5000),
      "/fine": page("Fine"),
    });
    const { records, site } = await crawlOf(web, { timeout_ms: 5000, concurrency: 1 });
    expect(records.find(({ url }) => url.endsWith("/hang"))).toMatchObject({ kind: "failed", status: null, reason: "timeout" });
    expect(site.pages_total).toBe(2);
  });

  test("[WM2] a host that asks for a pause gets one, and is asked again", async () => {
    let refused = 0;
    await using web = await testWeb({
      "/": page("Home", "/busy"),
      "/busy": (response) => {
        if (++refused === 1) response.writeHead(503, { "retry-after": "30" }).end();
        else response.writeHead(200, html).end(page("Busy"));
      },
    });
    expect((await crawlOf(web)).site).toMatchObject({ pages_total: 2, failed_total: 0 });
    expect(web.passedMs()).toBeGreaterThanOrEqual(30_000);
  });

  test("charsets are found out, and a lie about one is noted with the page", async () => {
    const latin = (text: string) => Buffer.from(text, "latin1");
    await using web = await testWeb({
      "/": page("Home", "/lie", "/meta", "/bom"),
      "/lie": { headers: html, body: latin("<title>caf\u00e9</title>") },
      "/meta": { headers: { "content-type": "text/html" }, body: latin('<meta charset="iso-8859-1"><title>caf\u00e9</title>') },
      "/bom": {
        headers: { "content-type": "text/html; charset=iso-8859-1" },
        body: Buffer.from("\ufeff<title>caf\u00e9</title>", "utf16le"),
      },
    });
    const { pages } = await crawlOf(web);
    const found = Object.fromEntries(pages.map(({ url, title, charset_refuted: refuted }) => [url.replace(ROOT, ""), [title, refuted]]));
    expect(found).toMatchObject({ "/lie": ["caf\u00e9", "utf-8"], "/meta": ["caf\u00e9", undefined], "/bom": ["caf\u00e9", "iso-8859-1"] });
  });
});

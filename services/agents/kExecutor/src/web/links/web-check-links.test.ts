import { describe, expect, test } from "vitest";
import { call } from "../../testing/call.fixture.ts";
import { testContext } from "../../testing/test-context.fixture.ts";
import { rawly, redirectTo, type TestPage, type TestWeb, testWeb } from "../../testing/web.fixture.ts";
import { webCrawl } from "../site/web-crawl.ts";
import { readDeadList } from "./dead-list.ts";
import { webCheckLinks } from "./web-check-links.ts";

const ROOT = "http://site.example";
const page = (title: string, ...hrefs: readonly string[]) =>
  `<title>${title}</title>${hrefs.map((href) => `<a href="${href}">to ${href}</a>`).join(" ")}`;

type Params = Parameters<ReturnType<typeof webCheckLinks>["run"]>[0];

async function checkSite(web: TestWeb, params: Partial<Params> = {}) {
  const context = testContext();
  const timed = { ...context, now: web.now };
  const site = await call(webCrawl(web.access), { url: `${ROOT}/` }, timed);
  const before = web.asked.length;
  const links = await call(webCheckLinks(web.access), { site, ...params }, timed);
  const dead = await readDeadList(links.dead_list, context.artifacts);
  const short = dead.map(({ from, to, status, reason, kind }) => [
    from.replace(ROOT, ""),
    to.replace(ROOT, ""),
    status,
    reason,
    ...(kind === undefined ? [] : [kind]),
  ]);
  return { links, dead: short, asked: web.asked.slice(before) };
}

const check = (web: TestWeb, links: NonNullable<Params["links"]>, params: Partial<Params> = {}) =>
  call(webCheckLinks(web.access), { links, ...params }, { ...testContext(), now: web.now });

describe("links of a site", () => {
  test("[WC6] are dead or not by what their targets say, each pair of page and target once, redirects followed", async () => {
    await using web = await testWeb({
      "/": page(
        "Home",
        "/a",
        "/missing",
        "/missing#x",
        "/missing",
        "/err",
        "/login",
        "/old",
        "/lost",
        "/loop",
        "/file.pdf",
        "http://other.example/fine",
        "http://other.example/none",
        "http://gone.example/",
      ),
      "/a": page("A", "/missing", "/"),
      "/err": { status: 500 },
      "/login": { status: 401 },
      "/old": redirectTo("/a", 301),
      "/lost": redirectTo("/missing"),
      "/loop": redirectTo("/loop2"),
      "/loop2": redirectTo("/loop"),
      "/file.pdf": { headers: { "content-type": "application/pdf" }, body: "%PDF" },
      "http://other.example/fine": "fine",
    });
    const { links, dead, asked } = await checkSite(web);
    expect(dead).toEqual([
      ["/", "http://gone.example/", null, "dns"],
      ["/", "http://other.example/none", 404, "status"],
      ["/", "/err", 500, "status"],
      ["/", "/loop", 302, "redirect_loop"],
      ["/", "/lost", 404, "status"],
      ["/", "/missing", 404, "status"],
      ["/a", "/missing", 404, "status"],
    ]);
    expect(links).toMatchObject({
      targets_total: 12,
      dead_targets_total: 6,
      dead_total: 7,
      alive_total: 5,
      restricted_total: 1,
      unchecked_total: 0,
      redirected_total: 1,
    });
    // What the crawl knows to be there is not asked for again; what failed is, by HEAD and GET.
    expect(asked.filter((line) => line.startsWith(`HEAD ${ROOT}`)).sort()).toEqual([`HEAD ${ROOT}/err`, `HEAD ${ROOT}/missing`]);
    expect(asked.filter((line) => line.includes("other.example")).sort()).toEqual([
      "GET http://other.example/none",
      "HEAD http://other.example/fine",
      "HEAD http://other.example/none",
    ]);
  });

  test("[WC6] that failed once and answer now are alive, and counted as recovered", async () => {
    let failures = 0;
    await using web = await testWeb({
      "/": page("Home", "/shaky"),
      "/shaky": (response) => void response.writeHead(++failures <= 2 ? 500 : 200).end(),
    });
    const { links } = await checkSite(web);
    expect(links).toMatchObject({ dead_total: 0, recovered_total: 1, alive_total: 1 });
  });

  test("[WC6] [WM4] of which nothing can be known are unchecked, with the reason", async () => {
    await using web = await testWeb(
      {
        "/robots.txt": { headers: { "content-type": "text/plain" }, body: "User-agent: *\nDisallow: /closed" },
        "/": page("Home", "/closed", "http://busy.example/", "http://127.0.0.1/admin", "http://inside.example/"),
        "http://busy.example/": { status: 429 },
      },
      { names: { "inside.example": ["10.0.0.7"] } },
    );
    const { links } = await checkSite(web);
    expect(links).toMatchObject({ dead_total: 0, unchecked_total: 4, unchecked: { robots: 1, rate_limited: 1, policy: 2 } });
    expect((await checkSite(web, { external: false })).links.unchecked).toEqual({ robots: 1, external: 3 });
    expect((await checkSite(web, { max_links: 1 })).links.unchecked).toMatchObject({ limit: 2 });
  });

  test("resources that are missing are named with their kind, apart from the links", async () => {
    await using web = await testWeb({
      "/": `<title>Home</title><link rel=stylesheet href=/gone.css><script src=/there.js></script><img src=/gone.png><img src="data:image/gif;base64,R0"><video src=/gone.mp4></video><iframe src=/frame></iframe>`,
      "/there.js": { headers: { "content-type": "text/javascript" }, body: "1" },
      "/frame": "fine",
    });
    const { links, dead } = await checkSite(web);
    expect(dead).toEqual([
      ["/", "/gone.css", 404, "status", "stylesheet"],
      ["/", "/gone.mp4", 404, "status", "media"],
      ["/", "/gone.png", 404, "status", "image"],
    ]);
    expect(links).toMatchObject({ dead_total: 0, broken_resources_total: 3, targets_total: 0 });
    expect((await checkSite(web, { resources: false })).links.broken_resources_total).toBe(0);
  });
});

describe("links of a list", () => {
  test.each<[string, TestPage, string, number | null]>([
    ["HEAD refused, GET answered", (response) => void response.writeHead(response.req.method === "HEAD" ? 405 : 200).end(), "alive", 200],
    [
      "a body that says it has 10 GB",
      rawly((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n")),
      "alive",
      200,
    ],
    ["gone", { status: 410 }, "dead", 410],
    ["forbidden", { status: 403 }, "restricted", 403],
    ["unavailable", { status: 503 }, "dead", 503],
    ["teapot", { status: 418 }, "dead", 418],
    ["hang up", rawly((socket) => socket.destroy()), "dead", null],
    ["a redirect that leads nowhere", redirectTo("http://gone.example/x"), "dead", 302],
    ["a redirect to another scheme", redirectTo("ftp://other.example/"), "unchecked", 302],
    ["a redirect to an inside address", redirectTo("http://127.0.0.1/"), "unchecked", 302],
  ])("[WC6] %s", async (_name, answer, state, status) => {
    await using web = await testWeb({ "/x": answer });
    const links = await check(web, [{ to: `${ROOT}/x` }]);
    expect([links.alive_total, links.dead_targets_total, links.restricted_total, links.unchecked_total]).toEqual(
      ["alive", "dead", "restricted", "unchecked"].map((one) => (one === state ? 1 : 0)),
    );
    if (state === "dead") expect(links.dead_links).toMatchObject([{ from: "", to: `${ROOT}/x`, status }]);
  });

  test("are asked for once however often they stand there, and again by no later attempt", async () => {
    await using web = await testWeb({ "/a": "a", "/b": { status: 404 } });
    const list = [{ to: `${ROOT}/a` }, { from: `${ROOT}/p`, to: `${ROOT}/a#x` }, { from: `${ROOT}/p`, to: `${ROOT}/b` }];
    const first = testContext();
    const whole = await call(webCheckLinks(web.access), { links: list }, { ...first, now: web.now });
    expect(web.asked.length).toBe(3);
    const second = testContext({ checkpoints: first.recorded, after: first });
    const again = await call(webCheckLinks(web.access), { links: list }, { ...second, now: web.now });
    expect(web.asked.length).toBe(3);
    expect(again).toEqual(whole);
  });

  test("that are none, and anything but one source, are BAD_REQUEST", async () => {
    await using web = await testWeb({});
    await expect(check(web, [{ to: "mailto:a@b.example" }])).rejects.toMatchObject({ code: "BAD_REQUEST", details: { at: "/links/0/to" } });
    await expect(call(webCheckLinks(web.access), {}, testContext())).rejects.toThrow();
  });

  test("[R90] [E7] a link on a public page does not lead to what the owner opened; one that the owner lists does", async () => {
    const names = { "models.lan": ["192.168.1.20"] };
    await using web = await testWeb({ "http://models.lan:11434/": "inside" }, { names, egress: { allow_hosts: ["models.lan:11434"] } });
    expect(await check(web, [{ from: `${ROOT}/`, to: "http://models.lan:11434/" }])).toMatchObject({ unchecked: { policy: 1 } });
    expect(web.asked).toEqual([]);
    expect(await check(web, [{ to: "http://models.lan:11434/" }])).toMatchObject({ alive_total: 1 });
  });
});

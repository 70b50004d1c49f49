// Every way for a URL into this agent, tried with every spelling of an inside address, against a listener that counts who comes.

import { createGuardedFetch, resolveEgressConfig } from "@kos/egress";
import { INSIDE_URLS } from "@kos/egress/inside-urls.fixture";
import { type FakeNetworkOptions, fakeNetwork, PUBLIC_ADDRESS } from "@kos/egress/network.fixture";
import { type Canary, canary, httpServer } from "@kos/egress/server.fixture";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { testContext } from "../testing/test-context.fixture.ts";
import { jumpingClock } from "../testing/web.fixture.ts";
import { createHostGate } from "./fetch/host-gate.ts";
import { createWebAccess, type WebAccess } from "./fetch/web-access.ts";
import { webFetch } from "./fetch/web-fetch.ts";
import { webExtract } from "./html/web-extract.ts";
import { webCheckLinks } from "./links/web-check-links.ts";
import { webCrawl } from "./site/web-crawl.ts";

function accessOn(target: Canary, options: FakeNetworkOptions): WebAccess {
  // The canary's port is open, so that only the address can be what stops a request.
  const config = resolveEgressConfig({ ports: [80, 443, target.port] });
  return createWebAccess(config, createGuardedFetch(config, fakeNetwork(options)), createHostGate(jumpingClock(0)));
}

const WAYS: readonly (readonly [name: string, go: (access: WebAccess, url: string) => Promise<unknown>])[] = [
  ["web.fetch", (access, url) => webFetch(access).run({ url }, testContext())],
  ["web.crawl", (access, url) => webCrawl(access).run({ url, sitemap: false }, testContext())],
  ["web.check_links", (access, url) => webCheckLinks(access).run({ links: [{ to: url }] }, testContext())],
  [
    "web.extract",
    (_access, url) => webExtract.run({ html: `<base href="${url}"><a href="${url}">x</a><img src="${url}">`, url }, testContext()),
  ],
];

/** The code of the error, or `none`. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (isKosError(error)) return error.code;
    throw error;
  }
}

describe.each(WAYS)("%s", (name, go) => {
  test("[R84] [R87] [R88] reaches no inside address, however it is spelled", async () => {
    await using target = await canary();
    const access = accessOn(target, { names: { localhost: ["127.0.0.1", "::1"] } });
    for (const spelled of INSIDE_URLS) {
      const code = await outcome(go(access, spelled.replace("PORT", String(target.port))));
      if (name === "web.fetch" || name === "web.crawl")
        expect([spelled, ["POLICY_DENIED", "BAD_REQUEST", "UNAVAILABLE"].includes(code)]).toEqual([spelled, true]);
    }
    expect(target.hits()).toBe(0);
  });

  test("[R85] reaches none through a name that changes its mind or has one private address among many", async () => {
    await using target = await canary();
    const names = { "rebind.example": [[PUBLIC_ADDRESS], ["127.0.0.1"], ["127.0.0.1"]], "mixed.example": [PUBLIC_ADDRESS, "127.0.0.1"] };
    await using outside = await httpServer((_seen, reply) => reply.writeHead(404).end());
    const access = accessOn(target, { names, routes: { [`rebind.example:${target.port}`]: outside.port } });
    for (const host of ["mixed.example", "rebind.example", "rebind.example"]) await outcome(go(access, `http://${host}:${target.port}/`));
    expect(target.hits()).toBe(0);
  });
});

describe("what a page leads to", () => {
  const hostile = (inside: string) =>
    ["/to-inside", "/to-file", inside, "//127.0.0.1/", "http://[::1]/", "http://metadata.example/latest/"]
      .map((href) => `<a href="${href}">x</a><img src="${href}"><iframe src="${href}"></iframe><link rel=stylesheet href="${href}">`)
      .join("");

  test("[R86] [WH3] redirects, links, resources, sitemaps and robots.txt of a public site never lead inside", async () => {
    await using target = await canary();
    const inside = `http://127.0.0.1:${target.port}/`;
    await using site = await httpServer((seen, reply) => {
      if (seen.url === "/")
        return reply
          .writeHead(200, { "content-type": "text/html" })
          .end(`<meta http-equiv=refresh content="0;url=${inside}">${hostile(inside)}`);
      if (seen.url === "/robots.txt")
        return reply
          .writeHead(200, { "content-type": "text/plain" })
          .end(`Sitemap: ${inside}sitemap.xml\nSitemap: http://site.example/map`);
      if (seen.url === "/map") return reply.writeHead(302, { location: `${inside}sitemap.xml` }).end();
      if (seen.url === "/to-inside") return reply.writeHead(302, { location: inside }).end();
      if (seen.url === "/to-file") return reply.writeHead(302, { location: "file:///etc/passwd" }).end();
      return reply.writeHead(301, { location: inside }).end();
    });
    const names = { "site.example": [PUBLIC_ADDRESS], "metadata.example": ["169.254.169.254"] };
    const access = accessOn(target, { names, routes: { "site.example:80": site.port } });
    const context = testContext();
    const crawled = await webCrawl(access).run({ url: "http://site.example/", same_site: "domain" }, context);
    expect(crawled.pages_total).toBe(1);
    const links = await webCheckLinks(access).run({ site: crawled }, context);
    expect(links).toMatchObject({ dead_total: 0, alive_total: 0 });
    expect(await outcome(webFetch(access).run({ url: "http://site.example/to-inside" }, context))).toBe("POLICY_DENIED");
    expect(target.hits()).toBe(0);
  });

  test("[R86] a start that redirects inside, to another scheme or without end makes no site", async () => {
    await using target = await canary();
    await using site = await httpServer((seen, reply) => {
      const where =
        { "/inside": `http://127.0.0.1:${target.port}/`, "/file": "file:///etc/passwd" }[seen.url] ?? `/next${seen.url.length}${seen.url}`;
      reply.writeHead(seen.url === "/robots.txt" ? 404 : 302, { location: where }).end();
    });
    const access = accessOn(target, { names: { "site.example": [PUBLIC_ADDRESS] }, routes: { "site.example:80": site.port } });
    for (const path of ["/inside", "/file", "/on"]) {
      expect(["POLICY_DENIED", "UNAVAILABLE"]).toContain(
        await outcome(webCrawl(access).run({ url: `http://site.example${path}` }, testContext())),
      );
    }
    expect(target.hits()).toBe(0);
  });
});

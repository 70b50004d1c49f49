// A small web site with known faults on loopback, and the truth about it, written down beside each page and never read from one.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";

export interface SiteTruth {
  /** By path. */
  readonly pages: ReadonlyMap<string, { readonly title: string; readonly bytes: number; readonly links: number }>;
  /** `from to status`, paths for addresses of the site. */
  readonly dead: ReadonlySet<string>;
  readonly sharedTitles: ReadonlyMap<string, readonly string[]>;
  readonly missingTitles: readonly string[];
  readonly orphans: readonly string[];
}

export interface TestSite extends AsyncDisposable {
  /** `localhost:PORT`, for `egress.allow_hosts`. */
  readonly host: string;
  readonly url: string;
  /** Paths in the order they were asked for; HEAD is marked. */
  readonly asked: readonly string[];
  /** Resolves once so many requests have arrived. */
  arrivals(count: number): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export async function servedSite(answer: Answer): Promise<TestSite> {
  const asked: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(`${request.method === "HEAD" ? "HEAD " : ""}${request.url ?? ""}`);
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve();
    answer(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  const ready = Promise.withResolvers<void>();
  server.listen(0, "localhost", ready.resolve);
  await ready.promise;
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    asked,
    arrivals(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (asked.length >= count) resolve();
      else waiting.push({ count, resolve });
      return promise;
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of sockets) socket.destroy();
      await closed.promise;
    },
  };
}

const PROSE =
  "The harbour was built of granite that ships had brought from the north. It has stood there for two hundred years, and every spring the fishermen paint the boats. " +
  "Nobody remembers who planted the trees along the quay, but everybody sits below them in summer. In winter the wind comes from the sea and the market moves into the hall. ";

interface Written {
  readonly path: string;
  /** Undefined: there is no title element. */
  readonly title?: string;
  /** As they stand in the page; `web` of them are links to pages. */
  readonly hrefs: readonly string[];
  readonly web: number;
  readonly head?: string;
  readonly body?: string;
  readonly charset?: BufferEncoding;
  readonly type?: string;
}

/** The pages that can be read. Hostile ones come after. */
const WRITTEN: readonly Written[] = [
  {
    path: "/",
    title: "The harbour",
    hrefs: [
      "/boats",
      "/boats#sails",
      "market?day=1",
      "market?day=2",
      "/old-quay",
      "/missing",
      "/hostile",
      "/files/plan.pdf",
      "mailto:a@b.example",
      "javascript:alert(1)",
      "http://gone.invalid/",
    ],
    web: 9,
    head: '<meta name="description" content="All about it">',
    body: `<p>${PROSE}</p>`,
  },
  {
    path: "/boats",
    title: "Boats",
    hrefs: ["/", "/boats/one", "/boats/two", "/boats/three", "/missing", "/missing#again"],
    web: 6,
    body: `<p>${PROSE}</p><img src="/boats/none.png">`,
  },
  { path: "/boats/one", title: "A boat", hrefs: ["/boats", "two", "../late"], web: 3 },
  { path: "/boats/two", title: "A  boat\n", hrefs: ["/boats"], web: 1 },
  { path: "/boats/three", hrefs: ["/boats", "/loop"], web: 2 },
  { path: "/late", title: "  ", hrefs: ["/teapot", "/members"], web: 2 },
  { path: "/market?day=1", title: "Market", hrefs: ["/market?day=2", "//gone.invalid/x"], web: 2 },
  { path: "/market?day=2", title: "Market", hrefs: ["?day=1"], web: 1 },
  { path: "/quay", title: "The quay", hrefs: ["/"], web: 1 },
  {
    path: "/hostile",
    title: "<script>alert(1)</script><img src=x onerror=alert(1)>",
    hrefs: ["/bomb", "/endless", "/claim", "/hang", "/private", "/caf\u00e9", "/secret/x"],
    web: 7,
  },
  { path: "/caf%C3%A9", title: "Caf\u00e9 \u00fcber alles", hrefs: ["/"], web: 1, charset: "latin1", type: "text/html; charset=utf-8" },
  { path: "/orphan", title: "Orphan", hrefs: ["/broken-image-only"], web: 1 },
];

const REDIRECTS: Readonly<Record<string, string>> = {
  "/old-quay": "/quay",
  "/loop": "/loop/2",
  "/loop/2": "/loop",
  "/private": "http://169.254.169.254/latest/meta-data/",
};

function htmlOf({ title, hrefs, head, body }: Written): string {
  const shown = title === undefined ? "" : `<title>${title.replaceAll("<", "&lt;")}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${shown}${head ?? ""}</head><body>${hrefs.map((href) => `<a href="${href}">go</a>`).join("\n")}${body ?? ""}</body></html>`;
}

const BOMB = gzipSync(Buffer.alloc(60_000_000));

/** Every answer that no page of a person gives. */
const HOSTILE: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/bomb": (response) => response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" }).end(BOMB),
  "/endless"(response) {
    response.writeHead(200, { "content-type": "text/html" });
    if (response.req.method === "HEAD") return void response.end();
    const more = () => {
      while (!response.destroyed && response.write("<p>and so on</p>".repeat(4000)));
    };
    response.on("drain", more);
    more();
  },
  "/claim": (response) =>
    void response.writeHead(200, { "content-type": "text/html", "content-length": "10737418240" }).write("<title>claim"),
  "/hang": () => undefined,
  "/members": (response) => response.writeHead(401, { "www-authenticate": "Basic" }).end(),
  "/teapot": (response) => response.writeHead(418, { "content-type": "text/html" }).end("<title>teapot</title>"),
  "/files/plan.pdf": (response) => response.writeHead(200, { "content-type": "application/pdf" }).end("%PDF-1.7"),
};

export function siteTruth(): SiteTruth {
  const plain = (title: string | undefined) => (title ?? "").replace(/\s+/g, " ").trim();
  return {
    pages: new Map(
      WRITTEN.map((page) => [
        page.path,
        { title: plain(page.title), bytes: Buffer.byteLength(htmlOf(page), page.charset ?? "utf8"), links: page.web },
      ]),
    ),
    dead: new Set([
      "/ /missing 404",
      "/ http://gone.invalid/ null",
      "/boats /missing 404",
      "/boats/three /loop 302",
      "/late /teapot 418",
      "/market?day=1 http://gone.invalid/x null",
      "/hostile /hang null",
      "/orphan /broken-image-only 404",
    ]),
    sharedTitles: new Map([
      ["A boat", ["/boats/one", "/boats/two"]],
      ["Market", ["/market?day=1", "/market?day=2"]],
    ]),
    missingTitles: ["/boats/three", "/late"],
    orphans: ["/orphan"],
  };
}

export function faultySite(): Promise<TestSite> {
  const pages = new Map(WRITTEN.map((page) => [page.path, page]));
  return servedSite((request, response) => {
    const path = request.url ?? "";
    const origin = `http://${request.headers.host ?? ""}`;
    const [page, hostile, redirect] = [pages.get(path), HOSTILE[path], REDIRECTS[path]];
    if (page !== undefined)
      response
        .writeHead(200, { "content-type": page.type ?? "text/html; charset=utf-8" })
        .end(Buffer.from(htmlOf(page), page.charset ?? "utf8"));
    else if (hostile !== undefined) hostile(response);
    else if (redirect !== undefined) response.writeHead(302, { location: redirect }).end();
    else if (path === "/robots.txt")
      response.writeHead(200, { "content-type": "text/plain" }).end(`User-agent: *\nDisallow: /secret/\nSitemap: ${origin}/sitemap.xml\n`);
    else if (path === "/sitemap.xml") {
      const named = ["/", "/boats", "/orphan"].map((at) => `<url><loc>${origin}${at}</loc></url>`);
      response
        .writeHead(200, { "content-type": "application/xml" })
        .end(`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${named.join("")}</urlset>`);
    } else response.writeHead(404, { "content-type": "text/html" }).end("<title>Not here</title>");
  });
}

/** So many pages in a tree, ten links each, with text. */
export function largeSite(pages: number): Promise<TestSite> {
  return servedSite((request, response) => {
    const index = request.url === "/" ? 0 : Number(/^\/p(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN);
    if (!(index < pages)) {
      response.writeHead(404).end();
      return;
    }
    const next = Array.from({ length: 10 }, (_, step) => index * 10 + step + 1).filter((target) => target < pages);
    const links = [...next, ...(index > 0 ? [Math.floor((index - 1) / 10)] : [])].map(
      (target) => `<a href="/p${target}">page ${target}</a> `,
    );
    const html = `<!doctype html><html lang="en"><title>Page ${index}</title><h1>Page ${index}</h1><p>${PROSE.repeat(4)}</p>${links.join("").replaceAll('"/p0"', '"/"')}`;
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });
}

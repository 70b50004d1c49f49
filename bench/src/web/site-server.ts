// A process of its own: a site of so many pages on loopback, a tree with ten links a page and text such as people write; it counts who asks for what.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { SiteAnswer, SiteOrder } from "./crawl-message.ts";

const PROSE =
  "The harbour was built of granite that ships had brought from the north. It has stood there for two hundred years, and every spring the fishermen paint the boats. " +
  "Nobody remembers who planted the trees along the quay, but everybody sits below them in summer. In winter the wind comes from the sea and the market moves into the hall. ";
const LINKS = 10;

const pages = Number(process.argv[2]);
let asked: Record<string, number> = {};

function pageAt(index: number): string {
  const next = Array.from({ length: LINKS }, (_, step) => index * LINKS + step + 1).filter((target) => target < pages);
  const links = [...next, Math.max(0, Math.floor((index - 1) / LINKS))].map((target) => `<li><a href="/p${target}">Page ${target}</a>`);
  const text = `<p>${PROSE.repeat(2)}</p>`.repeat(4);
  return `<!doctype html><html lang="en"><head><title>Page ${index}</title><meta name="description" content="About ${index}"></head><body><nav><ul>${links.join("")}</ul></nav><main><h1>Page ${index}</h1>${text}</main></body></html>`;
}

const server = createServer((request, response) => {
  const path = request.url ?? "";
  asked[path] = (asked[path] ?? 0) + 1;
  const index = path === "/" ? 0 : Number(/^\/p(\d+)$/.exec(path)?.[1] ?? Number.NaN);
  if (index < pages) response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(pageAt(index));
  else response.writeHead(404).end();
});
server.listen(0, "localhost", () => tell({ kind: "ready", port: (server.address() as AddressInfo).port }));

process.on("message", ({ kind }: SiteOrder) => {
  if (kind === "reset") asked = {};
  else tell({ kind: "asked", paths: asked });
});

function tell(answer: SiteAnswer): void {
  process.send?.(answer);
}

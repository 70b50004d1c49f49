// The addresses that a site's sitemaps name (sitemaps.org, 0.9): XML and plain text, indexes, gzip. Read as a stream and within bounds; what is
// broken gives what came before the break.

import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { CapabilityContext } from "@kos/agent";
import { decodeText, type FetchResponse } from "@kos/egress";
import { isKosError } from "@kos/klp";
import { SaxesParser } from "saxes";
import { throwIfAborted } from "../../task-error.ts";
import { pageAddress } from "../address/page-address.ts";
import { mediaTypeOf } from "../fetch/page-body.ts";
import type { MannersWish, WebAccess } from "../fetch/web-access.ts";

export interface SitemapFindings {
  /** Sitemap files that could be read. */
  readonly files: number;
  /** Each once, in their order; those of the site only. */
  readonly addresses: readonly string[];
  /** Entries that lead elsewhere or nowhere. */
  readonly foreign: number;
  readonly notes: readonly string[];
}

export interface SitemapOptions {
  readonly access: WebAccess;
  readonly context: CapabilityContext;
  readonly wish: MannersWish;
  readonly timeoutMs: number;
  readonly isWithin: (address: string) => boolean;
  readonly maxAddresses: number;
}

const MAX_FILES = 100;
const MAX_LEVELS = 3;
/** The protocol's own limit on a sitemap, unpacked. */
const MAX_UNPACKED_BYTES = 52_428_800;
const CHUNK_CHARS = 65_536;
const MAX_NOTES = 20;
const MAX_ERRORS = 1000;
/** In a query it is mostly not escaped; the parser would take what follows for an entity's name. */
const STRAY_AMPERSAND = /&(?!(?:[a-z][a-z0-9]*|#\d+|#x[0-9a-f]+);)/gi;

export interface SitemapSource {
  readonly url: string;
  /** Whether the site names it; where it is only guessed, its absence is no news. */
  readonly named: boolean;
}

/** Errors: CANCELLED. A sitemap that cannot be had is a note. */
export async function readSitemaps(sources: readonly SitemapSource[], options: SitemapOptions): Promise<SitemapFindings> {
  const addresses = new Set<string>();
  const notes: string[] = [];
  const visited = new Set<string>();
  let queue = sources.map((source) => ({ ...source, level: 1 }));
  let files = 0;
  let foreign = 0;
  const note = (text: string) => {
    if (notes.length < MAX_NOTES) notes.push(text);
  };
  while (queue.length > 0) {
    const [source, ...rest] = queue;
    queue = rest;
    if (source === undefined || visited.has(source.url)) continue;
    if (visited.size >= MAX_FILES || addresses.size >= options.maxAddresses) {
      note("There is more in the sitemaps than was read.");
      break;
    }
    visited.add(source.url);
    if (!options.isWithin(source.url)) {
      note(`The sitemap ${source.url} lies on another site and was not read.`);
      continue;
    }
    const found = await readSitemap(source.url, options);
    if (found === undefined) {
      if (source.named) note(`The sitemap ${source.url} could not be read.`);
      continue;
    }
    files += 1;
    if (found.isBroken) note(`The sitemap ${source.url} is not well-formed; what could be read of it was.`);
    for (const location of found.pages) {
      const address = pageAddress(location, source.url);
      if (address === undefined || !options.isWithin(address)) foreign += 1;
      else if (addresses.size < options.maxAddresses) addresses.add(address);
    }
    if (source.level >= MAX_LEVELS) continue;
    for (const location of found.sitemaps.slice(0, MAX_FILES)) {
      const url = pageAddress(location, source.url);
      if (url !== undefined) queue.push({ url, named: true, level: source.level + 1 });
    }
  }
  return { files, addresses: [...addresses], foreign, notes };
}

interface SitemapContent {
  readonly pages: readonly string[];
  readonly sitemaps: readonly string[];
  readonly isBroken: boolean;
}

async function readSitemap(url: string, options: SitemapOptions): Promise<SitemapContent | undefined> {
  const { access, context, wish, timeoutMs } = options;
  let response: FetchResponse;
  try {
    const manners = access.mannersFor(url, wish);
    const headers = { accept: "application/xml,text/xml,text/plain;q=0.5,*/*;q=0.1" };
    response = await access.request({ url, method: "GET", headers, overflow: "truncate", timeoutMs, manners, via: url }, context);
  } catch (error) {
    throwIfAborted(context.signal);
    if (isKosError(error)) return undefined;
    throw error;
  }
  if (response.status !== 200) return undefined;
  const bytes = await unpacked(response.bytes);
  if (bytes === undefined) return undefined;
  const { text } = decodeText(bytes, mediaTypeOf(response.headers));
  const begin = text.slice(0, 1000).trimStart();
  if (/^<(?:!doctype html|html)/i.test(begin)) return undefined;
  return begin.startsWith("<") ? readXml(text, options.maxAddresses) : readLines(text, options.maxAddresses);
}

async function unpacked(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined; // no gzip after all, cut short, or a bomb
    throw error;
  }
}

function readLines(text: string, most: number): SitemapContent {
  const lines = text.split(/\r?\n/, most + 1).map((line) => line.trim());
  return { pages: lines.filter((line) => /^https?:\/\//i.test(line)), sitemaps: [], isBroken: false };
}

/** Only `<loc>` counts, inside `<url>` or `<sitemap>`. */
function readXml(text: string, most: number): SitemapContent {
  const parser = new SaxesParser();
  const [pages, sitemaps]: [string[], string[]] = [[], []];
  const open: string[] = [];
  let location: string | undefined;
  let errors = 0;
  parser.on("opentag", ({ name }) => {
    const local = name.slice(name.indexOf(":") + 1);
    open.push(local);
    if (local === "loc") location = "";
  });
  parser.on("text", (part) => {
    if (location !== undefined && location.length < 8192) location += part;
  });
  parser.on("cdata", (part) => {
    if (location !== undefined && location.length < 8192) location += part;
  });
  parser.on("closetag", () => {
    if (open.pop() !== "loc" || location === undefined) return;
    const parent = open.at(-1);
    if (parent === "url") pages.push(location.trim());
    if (parent === "sitemap") sitemaps.push(location.trim());
    location = undefined;
  });
  parser.on("error", () => {
    errors += 1;
  });
  const escaped = text.replace(STRAY_AMPERSAND, "&amp;");
  const isFull = () => pages.length + sitemaps.length >= most;
  for (let at = 0; at < escaped.length && errors <= MAX_ERRORS && !isFull(); at += CHUNK_CHARS) {
    parser.write(escaped.slice(at, at + CHUNK_CHARS));
  }
  if (errors <= MAX_ERRORS && !isFull()) parser.close();
  return { pages, sitemaps, isBroken: errors > 0 };
}

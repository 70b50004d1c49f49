// The JSON of a report on a web site: every number, every page, and for each number which task obtained it. It reads nothing and formats nothing.

import type { DeadLink } from "../links/dead-list.ts";
import type { Links } from "../links/web-check-links.ts";
import type { FailedRecord, OtherRecord, PageRecord, RedirectRecord, SiteRecord } from "../site/site-record.ts";
import type { Site } from "../site/web-crawl.ts";
import { type Keyword, siteKeywords } from "./site-keywords.ts";
import type { Recount } from "./site-recount.ts";
import { type Distribution, distribution, readingOf, type SiteReading } from "./site-statistics.ts";

/** One row of the page table. */
interface ReportPage {
  readonly url: string;
  readonly status: number;
  /** Empty where there is none. */
  readonly title: string;
  readonly bytes: number;
  /** Links on the page, each one counted. */
  readonly links: number;
  readonly links_internal: number;
  readonly links_external: number;
  readonly dead_links: number;
  /** Links from the start; null where no link leads to it. */
  readonly depth: number | null;
  readonly ms: number;
  readonly words: number;
  readonly language: string;
  readonly declared_language: string;
  readonly lix: number | null;
  /** For English. */
  readonly flesch: number | null;
  readonly description: string;
  readonly h1: readonly string[];
  readonly canonical: string | null;
  readonly noindex: boolean;
  readonly charset: string;
  readonly images: number;
  readonly images_without_alt: number;
  readonly in_sitemap: boolean;
}

interface Provenance {
  readonly task: string;
  readonly capability: string;
  /** A second count of the same thing by another way. */
  readonly checked_by?: { readonly task: string; readonly capability: string; readonly value: number; readonly agrees: boolean };
}

export interface SiteData {
  readonly report: "site-report";
  readonly format: 1;
  readonly title: string;
  readonly url: string;
  readonly crawled_at: string;
  readonly complete: boolean;
  readonly stopped_by: Site["stopped_by"];
  readonly pages_total: number;
  readonly links_total: number;
  readonly bytes_total: number;
  readonly dead_links_total: number;
  readonly pages: readonly ReportPage[];
  readonly dead_links: readonly Omit<DeadLink, "kind">[];
  readonly broken_resources: readonly DeadLink[];
  readonly links: Omit<Links, "dead_links" | "dead_list" | "measured_by">;
  readonly missing_titles: readonly string[];
  readonly duplicate_titles: readonly { readonly title: string; readonly pages: readonly string[] }[];
  readonly missing_descriptions: readonly string[];
  readonly missing_h1: readonly string[];
  readonly duplicate_pages: readonly { readonly pages: readonly string[] }[];
  readonly redirects: readonly { readonly from: string; readonly to: string; readonly status: number }[];
  readonly failed: readonly Pick<FailedRecord, "url" | "status" | "reason">[];
  readonly other: readonly Pick<OtherRecord, "url" | "status" | "media_type" | "bytes">[];
  readonly charset_refuted: readonly { readonly url: string; readonly declared: string; readonly read_as: string }[];
  readonly skipped: Site["skipped"];
  readonly sitemap: Site["sitemap"] & {
    /** Pages of the sitemap to which no link leads. */
    readonly orphans: readonly string[];
    /** Pages that the sitemap does not name; empty where there is none. */
    readonly missing: readonly string[];
  };
  readonly robots: Site["robots"];
  readonly sizes: Distribution;
  readonly response_ms: Distribution;
  readonly reading: SiteReading;
  readonly keywords: readonly Keyword[];
  readonly notes: readonly string[];
  readonly recount: Omit<Recount, "measured_by">;
  readonly provenance: Readonly<Record<string, Provenance>>;
}

export interface SiteSources {
  readonly title: string;
  readonly site: Site;
  readonly records: readonly Exclude<SiteRecord, { kind: "skipped" }>[];
  readonly links: Links;
  readonly dead: readonly DeadLink[];
  readonly sitemap: ReadonlySet<string>;
  readonly recount: Recount;
  readonly isWithin: (address: string) => boolean;
}

/** Texts shorter than that are alike by chance. */
const LEAST_WORDS = 20;

export function siteData(sources: SiteSources): SiteData {
  const { title, site, records, links, dead, sitemap, recount } = sources;
  const pages = records.filter((record) => record.kind === "page").sort(byUrl);
  const table = pageTable(pages, sources);
  const { dead_links: _first, dead_list: _list, measured_by: _by, ...linkSums } = links;
  const { measured_by: _counted, ...recounted } = recount;
  return {
    report: "site-report",
    format: 1,
    title,
    url: site.url,
    crawled_at: site.started_at,
    complete: site.complete,
    stopped_by: site.stopped_by,
    pages_total: site.pages_total,
    links_total: site.links_total,
    bytes_total: site.bytes_total,
    dead_links_total: links.dead_total,
    pages: table,
    dead_links: dead.filter(({ kind }) => kind === undefined),
    broken_resources: dead.filter(({ kind }) => kind !== undefined),
    links: linkSums,
    missing_titles: table.filter((page) => page.title === "").map(({ url }) => url),
    duplicate_titles: groups(table, (page) => page.title).map(({ key, urls }) => ({ title: key, pages: urls })),
    missing_descriptions: table.filter(({ description }) => description === "").map(({ url }) => url),
    missing_h1: table.filter(({ h1 }) => h1.length === 0).map(({ url }) => url),
    duplicate_pages: groups(pages, ({ words, text_hash }) => (words < LEAST_WORDS ? "" : text_hash)).map(({ urls }) => ({ pages: urls })),
    redirects: of(records, "redirect").map(({ url, to, status }) => ({ from: url, to, status })),
    failed: of(records, "failed").map(({ url, status, reason }) => ({ url, status, reason })),
    other: of(records, "other").map(({ url, status, media_type, bytes }) => ({ url, status, media_type, bytes })),
    charset_refuted: pages.flatMap(({ url, charset, charset_refuted: declared }) =>
      declared === undefined ? [] : [{ url, declared, read_as: charset }],
    ),
    skipped: site.skipped,
    sitemap: {
      ...site.sitemap,
      orphans: table.filter(({ depth }) => depth === null).map(({ url }) => url),
      missing: sitemap.size === 0 ? [] : table.filter(({ in_sitemap, noindex }) => !in_sitemap && !noindex).map(({ url }) => url),
    },
    robots: site.robots,
    sizes: distribution(pages.map(({ bytes }) => bytes)),
    response_ms: distribution(pages.map(({ ms }) => ms)),
    reading: readingOf(pages),
    keywords: siteKeywords(pages),
    notes: site.notes,
    recount: recounted,
    provenance: provenance(sources),
  };
}

function pageTable(pages: readonly PageRecord[], { dead, sitemap, isWithin }: SiteSources): readonly ReportPage[] {
  const deadOn = new Map<string, number>();
  for (const { from, kind } of dead) if (kind === undefined) deadOn.set(from, (deadOn.get(from) ?? 0) + 1);
  return pages.map((page) => {
    const internal = page.links.reduce((sum, { to, count }) => sum + (isWithin(to) ? count : 0), 0);
    return {
      url: page.url,
      status: page.status,
      title: page.title,
      bytes: page.bytes,
      links: page.links_total,
      links_internal: internal,
      links_external: page.links_total - internal,
      dead_links: deadOn.get(page.url) ?? 0,
      depth: page.depth,
      ms: page.ms,
      words: page.words,
      language: page.language,
      declared_language: page.declared_language,
      lix: page.lix ?? null,
      flesch: page.flesch ?? null,
      description: page.description,
      h1: page.h1,
      canonical: page.canonical ?? null,
      noindex: page.noindex,
      charset: page.charset,
      images: page.images,
      images_without_alt: page.images_without_alt,
      in_sitemap: sitemap.has(page.url),
    };
  });
}

type RecordOf<Kind extends SiteRecord["kind"]> = Extract<RedirectRecord | OtherRecord | FailedRecord | PageRecord, { kind: Kind }>;

function of<Kind extends "redirect" | "other" | "failed">(records: SiteSources["records"], kind: Kind): readonly RecordOf<Kind>[] {
  return records.filter((record): record is RecordOf<Kind> => record.kind === kind).sort(byUrl);
}

/** Addresses that share a key; an empty key is none. */
function groups<Item extends { readonly url: string }>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): readonly { readonly key: string; readonly urls: readonly string[] }[] {
  const byKey = Map.groupBy(items, keyOf);
  byKey.delete("");
  return [...byKey]
    .filter(([, members]) => members.length > 1)
    .map(([key, members]) => ({ key, urls: members.map(({ url }) => url) }))
    .sort((one, other) => other.urls.length - one.urls.length);
}

function byUrl(one: { readonly url: string }, other: { readonly url: string }): number {
  return one.url < other.url ? -1 : one.url > other.url ? 1 : 0;
}

const BY_CRAWL = [
  "pages",
  "missing_titles",
  "duplicate_titles",
  "missing_descriptions",
  "missing_h1",
  "duplicate_pages",
  "redirects",
  "failed",
  "other",
  "charset_refuted",
  "skipped",
  "sitemap",
  "robots",
  "sizes",
  "response_ms",
  "reading",
  "keywords",
  "notes",
] as const;
const BY_LINKS = ["dead_links", "dead_links_total", "broken_resources", "links"] as const;

function provenance({ site, links, recount }: SiteSources): Readonly<Record<string, Provenance>> {
  const checked = (value: number, first: number): Provenance => ({
    ...site.measured_by,
    checked_by: { ...recount.measured_by, value, agrees: value === first },
  });
  return {
    pages_total: checked(recount.pages, site.pages_total),
    links_total: checked(recount.links, site.links_total),
    bytes_total: checked(recount.bytes, site.bytes_total),
    ...Object.fromEntries(BY_CRAWL.map((key) => [key, site.measured_by])),
    ...Object.fromEntries(BY_LINKS.map((key) => [key, links.measured_by])),
    recount: recount.measured_by,
  };
}

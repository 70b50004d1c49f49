// The capability web.crawl: the pages of one site, each asked for once, with what a report or a comparison needs to know of them.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../../artifact/artifact-schema.ts";
import { Count } from "../../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../../measured-by.ts";
import { PATTERN_HINT } from "../address/address-pattern.ts";
import { SITE_SCOPES } from "../address/site-scope.ts";
import type { WebAccess } from "../fetch/web-access.ts";
import { MannersParams, strict, Text, TimeoutParam, UrlParam } from "../web-schema.ts";
import { type CrawlResult, crawl, STOP_REASONS } from "./crawl.ts";
import { writeSiteLists } from "./site-lists.ts";
import type { SiteRecord, SkipReason } from "./site-record.ts";

const ONE_HOUR_MS = 3_600_000;
const DEFAULT_MAX_PAGES = 10_000;
const MOST_PAGES = 100_000;
const DEFAULT_MAX_DEPTH = 1000;
const DEFAULT_MAX_ROW = 1000;
const DEFAULT_PAGE_BYTES = 5_242_880;
const DEFAULT_MINUTES = 50;
const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_WORKERS = 32;
const WORKERS = 8;
const MAX_CONCURRENT = 4;

const Patterns = (title: string, description: string) =>
  Type.Optional(
    Type.Array(Type.String({ pattern: "^[/*][\\x21-\\x7e]*$", maxLength: 500 }), {
      maxItems: 100,
      title,
      description: `${description} ${PATTERN_HINT}`,
      "x-kos-sink": "control",
    }),
  );

const CrawlInput = Type.Object(
  {
    url: UrlParam("Start", "The page to start from. Where it redirects to is the site."),
    max_pages: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_PAGES,
        default: DEFAULT_MAX_PAGES,
        title: "Most pages",
        description: "The nearest ones come first.",
      }),
    ),
    max_depth: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        default: DEFAULT_MAX_DEPTH,
        title: "Deepest page",
        description: "Links from the start to a page at most; 0 is the start alone.",
      }),
    ),
    same_site: Type.Optional(
      Type.Enum(SITE_SCOPES, {
        default: "host",
        title: "What belongs to the site",
        description:
          "origin: the same scheme, host and port. host: also http for https and with or without www. domain: also every host below. An odd port is always a site of its own.",
      }),
    ),
    include: Patterns("Only", "Only addresses that one of them fits are asked for, and the start."),
    exclude: Patterns("Leave out", "Addresses that one of them fits are not asked for."),
    respect_robots: Type.Optional(
      Type.Boolean({ default: true, title: "Heed robots.txt", description: "False only for a site of one's own." }),
    ),
    sitemap: Type.Optional(
      Type.Boolean({
        default: true,
        title: "Use sitemaps",
        description: "Also ask for what /sitemap.xml and the sitemaps of robots.txt name, after everything that links lead to.",
      }),
    ),
    ...MannersParams,
    timeout_ms: TimeoutParam,
    max_page_bytes: Type.Optional(
      Type.Integer({
        minimum: 1024,
        maximum: 67_108_864,
        default: DEFAULT_PAGE_BYTES,
        title: "Largest page",
        description: "A page with more bytes, decompressed, is not read and named among the failed.",
      }),
    ),
    max_minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 55,
        default: DEFAULT_MINUTES,
        title: "Most minutes",
        description: "Of one attempt; what is not reached by then is left out, and the output says so.",
      }),
    ),
    max_row: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 1_000_000,
        default: DEFAULT_MAX_ROW,
        title: "Longest row",
        description:
          "Pages in a row, each found on the one before, whose addresses differ in numbers only; longer rows are taken to be endless.",
      }),
    ),
    keep_text: Type.Optional(
      Type.Boolean({ default: false, title: "Keep the text", description: "Put the readable text of each page into its record." }),
    ),
  },
  { ...strict, title: "web.crawl input" },
);

export const SiteSchema = Type.Object(
  {
    url: Type.String({ title: "Site", description: "The page the start led to.", "x-kos-type": "url" }),
    pages_total: Count(
      "Pages",
      "HTML documents (text/html, application/xhtml+xml, or of no declared type and beginning as one) that answered with a status of 2xx, each address once. " +
        "Addresses are compared after redirects, without fragment, with their query; two addresses with the same content are two pages.",
    ),
    links_total: Count("Links", "On all pages: <a> and <area> whose href leads to an http or https address, each one counted."),
    bytes_total: Count("Bytes", "Sum of the lengths of the pages' bodies, decompressed."),
    redirects_total: Count("Redirects", "Addresses of the site that redirect."),
    other_total: Count("Other documents", "Addresses of the site that answered with something that is no HTML page."),
    failed_total: Count("Failed", "Addresses of the site that answered with another status, or not, or not as they should."),
    skipped: Type.Object(
      {
        robots: Count("By robots.txt", "Addresses that robots.txt does not allow."),
        excluded: Count("By pattern", "Addresses that include or exclude leaves out."),
        endless: Count("Endless", "Addresses that a server seems to make up without end."),
        limit: Count("Too many", "Addresses beyond the number that is remembered."),
      },
      { title: "Not asked for" },
    ),
    complete: Type.Boolean({ title: "Complete", description: "Whether no limit cut anything off." }),
    stopped_by: Type.Array(Type.Enum(STOP_REASONS), { title: "Cut off by" }),
    deepest: Type.Integer({ minimum: 0, title: "Deepest page", description: "Links from the start to the farthest page." }),
    robots: Type.Object(
      {
        found: Type.Boolean({ title: "There is one" }),
        crawl_delay_ms: Count("Crawl-delay", "What it asks for, in milliseconds; at most ten seconds are heeded."),
      },
      { title: "robots.txt" },
    ),
    sitemap: Type.Object(
      {
        files: Count("Files", "Sitemaps that could be read."),
        addresses_total: Count("Addresses", "Of the site, each once."),
        foreign_total: Count("Foreign", "Entries that lead elsewhere or nowhere."),
      },
      { title: "Sitemaps" },
    ),
    sitemap_list: Type.Optional(ArtifactRefSchema),
    records: Type.Array(ArtifactRefSchema, {
      title: "Records",
      description:
        "NDJSON artifacts, one record an address: pages with their facts and links, redirects, other documents, failed and skipped ones.",
    }),
    notes: Type.Array(Type.String(), { title: "Notes", description: "What a reader should know about how the numbers came about." }),
    started_at: Text("Started at", "RFC 3339 UTC; of the attempt that finished."),
    resumed_records: Count("Taken over", "Records that an attempt cut off before had made, and that were not made again."),
    measured_by: MeasuredBySchema,
  },
  { title: "web.crawl output", "x-kos-type": "web.site" },
);
export type Site = Type.Static<typeof SiteSchema>;

export function webCrawl(access: WebAccess) {
  return defineCapability({
    name: "web.crawl",
    title: "Crawl a site",
    description:
      "Asks for every page of a site once, nearest first, with manners: robots.txt, delays, Retry-After. Goes on where it stood when it is cut off. What a host does wrong is recorded, not an error. " +
      "Errors: BAD_REQUEST, POLICY_DENIED, NOT_FOUND or UNAVAILABLE when the start leads to no page; CANCELLED; STORAGE_FULL.",
    input: CrawlInput,
    output: SiteSchema,
    effects: ["net.read"],
    output_labels: ["untrusted"],
    timeout_ms: ONE_HOUR_MS,
    max_concurrent: MAX_CONCURRENT,
    async run(params, context) {
      const startedAt = new Date(context.now()).toISOString();
      const result = await crawl({
        access,
        context,
        url: params.url,
        scope: params.same_site ?? "host",
        maxPages: params.max_pages ?? DEFAULT_MAX_PAGES,
        maxDepth: params.max_depth ?? DEFAULT_MAX_DEPTH,
        maxRow: params.max_row ?? DEFAULT_MAX_ROW,
        include: params.include ?? [],
        exclude: params.exclude ?? [],
        respectRobots: params.respect_robots ?? true,
        useSitemap: params.sitemap ?? true,
        wish: { delayMs: params.delay_ms, maxConcurrent: params.concurrency },
        workers: Math.min(MAX_WORKERS, params.concurrency ?? WORKERS),
        timeoutMs: params.timeout_ms ?? DEFAULT_TIMEOUT_MS,
        maxPageBytes: Math.min(params.max_page_bytes ?? DEFAULT_PAGE_BYTES, access.config.maxBytes),
        maxTimeMs: (params.max_minutes ?? DEFAULT_MINUTES) * 60_000,
        keepText: params.keep_text ?? false,
      });
      const tally = createTally();
      const skipped = [...result.skipped].map(([url, reason]) => ({ kind: "skipped", url, reason }) as const);
      const records = await writeSiteLists(result.batches, skipped, context.artifacts, tally.see);
      const { addresses } = result.sitemap;
      const sitemapList =
        addresses.length === 0
          ? undefined
          : await context.artifacts.put({
              name: "sitemap.txt",
              media_type: "text/plain; charset=utf-8",
              content: `${addresses.join("\n")}\n`,
            });
      return {
        url: result.root,
        ...tally.sums(),
        complete: result.stoppedBy.length === 0,
        stopped_by: [...result.stoppedBy],
        robots: { found: result.robotsFound, crawl_delay_ms: result.crawlDelayMs },
        sitemap: { files: result.sitemap.files, addresses_total: addresses.length, foreign_total: result.sitemap.foreign },
        ...(sitemapList !== undefined && { sitemap_list: { ...sitemapList } }),
        records: records.map((record) => ({ ...record })),
        notes: notesOn(result),
        started_at: startedAt,
        resumed_records: result.resumed,
        measured_by: measuredBy(context, "web.crawl"),
      };
    },
  });
}

function createTally() {
  const sums = { pages_total: 0, links_total: 0, bytes_total: 0, redirects_total: 0, other_total: 0, failed_total: 0, deepest: 0 };
  const skipped: Record<SkipReason, number> = { robots: 0, excluded: 0, endless: 0, limit: 0 };
  return {
    sums: () => ({ ...sums, skipped }),
    see(record: SiteRecord) {
      if (record.kind === "skipped") {
        skipped[record.reason] += 1;
        return;
      }
      if (record.kind === "redirect") sums.redirects_total += 1;
      if (record.kind === "other") sums.other_total += 1;
      if (record.kind === "failed") sums.failed_total += 1;
      if (record.kind !== "page") return;
      sums.pages_total += 1;
      sums.links_total += record.links_total;
      sums.bytes_total += record.bytes;
      sums.deepest = Math.max(sums.deepest, record.depth ?? 0);
    },
  };
}

function notesOn({ sitemap, stoppedBy, skipped }: CrawlResult): string[] {
  const endless = [...skipped.values()].filter((reason) => reason === "endless").length;
  return [
    ...sitemap.notes.map((note) => note.slice(0, 500)),
    ...(stoppedBy.length === 0 ? [] : [`Not every page was asked for: ${stoppedBy.join(", ")}.`]),
    ...(endless === 0 ? [] : [`${endless} addresses were not asked for because they seem to be made up without end.`]),
  ];
}

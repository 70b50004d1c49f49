// Walks a site: asks for one address after the other, several at a time, and keeps what came of each in a ledger. A later attempt of the same call
// goes on from the ledger and asks for nothing again that is in it.

import type { CapabilityContext } from "@kos/agent";
import { KosError } from "@kos/klp";
import { badParam, throwIfAborted } from "../../task-error.ts";
import { matchesPattern } from "../address/address-pattern.ts";
import { pageAddress } from "../address/page-address.ts";
import { createSiteScope, type SiteScope } from "../address/site-scope.ts";
import type { MannersWish, WebAccess } from "../fetch/web-access.ts";
import { createFrontier, type Frontier, type Turn } from "./frontier.ts";
import { createLedger, type Ledger, restoredBatches } from "./ledger.ts";
import { createRobots, type Robots } from "./robots.ts";
import { createSameness } from "./sameness.ts";
import { type FetchedRecord, readRecords, type SkipReason, writeRecords } from "./site-record.ts";
import type { SitemapFindings } from "./sitemap.ts";
import { type VisitOptions, visit } from "./visit.ts";

export interface CrawlOptions {
  readonly access: WebAccess;
  readonly context: CapabilityContext;
  readonly url: string;
  readonly scope: SiteScope;
  readonly maxPages: number;
  readonly maxDepth: number;
  readonly maxRow: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly respectRobots: boolean;
  readonly useSitemap: boolean;
  readonly wish: MannersWish;
  /** Requests under way at once, over all hosts. */
  readonly workers: number;
  readonly timeoutMs: number;
  readonly maxPageBytes: number;
  readonly maxTimeMs: number;
  readonly keepText: boolean;
}

export const STOP_REASONS = ["max_pages", "max_depth", "max_requests", "time", "addresses"] as const;
type StopReason = (typeof STOP_REASONS)[number];

export interface CrawlResult {
  /** Where the start led, after redirects. */
  readonly root: string;
  /** Hashes of the batches of records, in order. */
  readonly batches: readonly string[];
  readonly skipped: ReadonlyMap<string, SkipReason>;
  /** Why addresses of the site were left out; empty where every one was asked for. */
  readonly stoppedBy: readonly StopReason[];
  readonly sitemap: SitemapFindings;
  readonly robotsFound: boolean;
  readonly crawlDelayMs: number;
  /** Records that came from earlier attempts. */
  readonly resumed: number;
}

/** What an attempt must know before the first page; kept, so that the attempt after it sees the same site. */
interface Opening {
  readonly root: string;
  readonly sitemap: SitemapFindings;
  /** The start and the redirects behind it. */
  readonly records: readonly FetchedRecord[];
}

const LEDGER = "site_records";
const OPENING = "site_opening";
const MAX_START_REDIRECTS = 5;
/** Addresses that lead to no page cost requests too. */
const REQUESTS_PER_PAGE = 4;
const SPARE_REQUESTS = 200;
/** Addresses remembered, each about 200 bytes. */
const ADDRESSES_PER_PAGE = 8;
const SPARE_ADDRESSES = 20_000;
const MAX_ADDRESSES = 500_000;
const PROGRESS_EVERY_MS = 500;

export async function crawl(options: CrawlOptions): Promise<CrawlResult> {
  const { context } = options;
  const robots = createRobots({ ...options, respect: options.respectRobots });
  const maxAddresses = Math.min(MAX_ADDRESSES, options.maxPages * ADDRESSES_PER_PAGE + SPARE_ADDRESSES);
  const opening = (await restoredOpening(context)) ?? (await open(options, robots, maxAddresses));
  const isWithin = createSiteScope(opening.root, options.scope);
  const frontier = createFrontier({
    limits: { maxDepth: options.maxDepth, maxAddresses, maxRow: options.maxRow },
    isWithin,
    isWanted: (address) => isWanted(address, options),
  });
  const maxRequests = options.maxPages * REQUESTS_PER_PAGE + SPARE_REQUESTS;
  const walk = createWalk(options, frontier, maxRequests);
  for (const record of opening.records) walk.take(record);
  const earlier: string[] = [];
  let resumed = 0;
  for await (const { hash, entries } of restoredBatches(context, LEDGER, (content) => readRecords(content, ""))) {
    earlier.push(hash);
    for (const record of entries) if (record.kind !== "skipped" && walk.take(record)) resumed += 1;
  }
  for (const address of opening.sitemap.addresses) frontier.seed(address, "sitemap");
  const ledger = createLedger<FetchedRecord>({ context, name: LEDGER, write: writeRecords, earlier, maxEntries: maxRequests });
  if (earlier.length === 0) for (const record of opening.records) await ledger.add(record);
  await walk.run(ledger, robots, opening.root);
  await ledger.close();
  const rules = await robots.rulesFor(opening.root);
  return {
    root: opening.root,
    batches: ledger.batches,
    skipped: frontier.skipped,
    stoppedBy: walk.stoppedBy(),
    sitemap: opening.sitemap,
    robotsFound: rules.found,
    crawlDelayMs: rules.delayMs,
    resumed,
  };
}

/** Errors: POLICY_DENIED, NOT_FOUND, UNAVAILABLE, BAD_REQUEST: a start that leads to no page makes no site. */
async function open(options: CrawlOptions, robots: Robots, maxAddresses: number): Promise<Opening> {
  const { context } = options;
  const start = pageAddress(options.url, options.url);
  if (start === undefined) throw badParam("/url", "The start is no http or https address.", "Give an absolute one: https://example.com/.");
  const records: FetchedRecord[] = [];
  let root = start;
  for (;;) {
    const record = await visitStart(root, options, robots);
    records.push(record);
    if (record.kind === "page") break;
    if (record.kind !== "redirect") throw startFailure(record);
    if (records.length > MAX_START_REDIRECTS || records.some(({ url }) => url === record.to)) {
      throw new KosError("UNAVAILABLE", `${start} redirects without end.`, { details: { url: start } });
    }
    root = record.to;
  }
  const rules = await robots.rulesFor(root);
  const sources = [...rules.sitemaps.map((url) => ({ url, named: true })), { url: new URL("/sitemap.xml", root).href, named: false }];
  const none: SitemapFindings = { files: 0, addresses: [], foreign: 0, notes: [] };
  const isWithin = createSiteScope(root, options.scope);
  const sitemap = options.useSitemap
    ? await (await import("./sitemap.ts")).readSitemaps(sources, { ...options, isWithin, maxAddresses })
    : none;
  const opening: Opening = { root, sitemap, records };
  const { hash } = await context.artifacts.put({
    name: "site-opening.json",
    media_type: "application/json",
    content: JSON.stringify(opening),
  });
  await context.checkpoint({ [OPENING]: hash });
  return opening;
}

async function visitStart(address: string, options: CrawlOptions, robots: Robots): Promise<FetchedRecord> {
  const rules = await robots.rulesFor(address);
  if (rules.failure !== undefined) throw rules.failure;
  if (!rules.isAllowed(address)) {
    throw new KosError(
      "POLICY_DENIED",
      `The robots.txt of ${new URL(address).host} does not allow ${address}. For a site of your own, say respect_robots: false.`,
      { details: { url: address, rule: "robots" } },
    );
  }
  const via = address === pageAddress(options.url, options.url) ? undefined : options.url;
  return await visit(address, 0, visitOptions(options, via, rules.delayMs));
}

function startFailure(record: FetchedRecord): KosError {
  const { url } = record;
  if (record.kind === "other") {
    return badParam("/url", `${url} is no HTML page but ${record.media_type || "of no declared type"}.`, "Give a page to start from.");
  }
  const status = record.kind === "failed" ? record.status : null;
  const reason = record.kind === "failed" ? record.reason : "status";
  const details = { url, status, reason };
  if (status === 404 || status === 410)
    return new KosError("NOT_FOUND", `${url} answered with status ${status}. Check the address.`, { details });
  if (reason === "policy") {
    return new KosError(
      "POLICY_DENIED",
      `The egress rules do not allow ${url}. web.fetch of the same address says which one, and what opens it.`,
      {
        details,
      },
    );
  }
  const what = status === null ? `could not be fetched (${reason.replaceAll("_", " ")})` : `answered with status ${status}`;
  return new KosError("UNAVAILABLE", `The start ${url} ${what}.`, { details });
}

async function restoredOpening(context: CapabilityContext): Promise<Opening | undefined> {
  const parse = (content: Uint8Array) => [JSON.parse(Buffer.from(content).toString("utf8")) as Opening];
  for await (const { entries } of restoredBatches(context, OPENING, parse)) return entries[0];
  return undefined;
}

function isWanted(address: string, { include, exclude }: CrawlOptions): boolean {
  if (exclude.some((pattern) => matchesPattern(address, pattern))) return false;
  return include.length === 0 || include.some((pattern) => matchesPattern(address, pattern));
}

function visitOptions(options: CrawlOptions, via: string | undefined, delayMs: number): VisitOptions {
  const asked = Math.max(delayMs, options.wish.delayMs ?? 0);
  const wish = asked === 0 ? options.wish : { ...options.wish, delayMs: asked };
  return { ...options, wish, via };
}

interface Walk {
  /** False for a record that is known. */
  take(record: FetchedRecord): boolean;
  run(ledger: Ledger<FetchedRecord>, robots: Robots, via: string): Promise<void>;
  stoppedBy(): readonly StopReason[];
}

function createWalk(options: CrawlOptions, frontier: Frontier, maxRequests: number): Walk {
  const { context } = options;
  const sameness = createSameness();
  const endsAt = context.now() + options.maxTimeMs;
  let [pages, requests, active] = [0, 0, 0];
  const stops = new Set<StopReason>();
  let wake = Promise.withResolvers<void>();
  let broken = false;
  let toldAt = 0;

  function take(record: FetchedRecord): boolean {
    if (frontier.isDone(record.url)) return false;
    requests += 1;
    if (record.kind === "page") pages += 1;
    frontier.absorb(record, record.kind !== "page" || sameness.isNew(record));
    return true;
  }

  /** `wait`: what is under way decides. Undefined: nothing more is to be asked for. */
  function nextTurn(): Turn | "wait" | undefined {
    if (context.now() >= endsAt) {
      if (frontier.waiting > 0) stops.add("time");
      return undefined;
    }
    if (requests + active >= maxRequests) {
      if (frontier.waiting > 0) stops.add("max_requests");
      return undefined;
    }
    if (pages >= options.maxPages) {
      if (frontier.waiting > 0) stops.add("max_pages");
      return undefined;
    }
    // What is under way may turn out to be pages.
    if (pages + active >= options.maxPages) return "wait";
    return frontier.next();
  }

  async function work(ledger: Ledger<FetchedRecord>, robots: Robots, via: string): Promise<void> {
    for (;;) {
      throwIfAborted(context.signal);
      const turn = broken ? undefined : nextTurn();
      if (turn === undefined) return;
      if (turn === "wait") {
        if (active === 0) return;
        await wake.promise;
        continue;
      }
      active += 1;
      try {
        await ask(turn, ledger, robots, via);
      } catch (error) {
        broken = true;
        throw error;
      } finally {
        active -= 1;
        wake.resolve();
        wake = Promise.withResolvers();
      }
    }
  }

  async function ask({ address, depth }: Turn, ledger: Ledger<FetchedRecord>, robots: Robots, via: string): Promise<void> {
    const rules = await robots.rulesFor(address);
    if (!rules.isAllowed(address)) return frontier.drop(address, "robots");
    const isAtHome = new URL(address).origin === new URL(via).origin;
    const record = await visit(address, depth, visitOptions(options, isAtHome ? undefined : via, rules.delayMs));
    take(record);
    await ledger.add(record);
    tell();
  }

  function tell(): void {
    const now = context.now();
    if (now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    const { waiting } = frontier;
    context.progress({
      done: pages,
      total: Math.min(options.maxPages, pages + waiting),
      message: `${pages} pages, ${waiting} addresses waiting`,
    });
  }

  return {
    take,
    async run(ledger, robots, via) {
      const workers = Array.from({ length: options.workers }, () => work(ledger, robots, via));
      const outcomes = await Promise.allSettled(workers);
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    },
    stoppedBy() {
      if (frontier.isCutAtDepth) stops.add("max_depth");
      if ([...frontier.skipped.values()].includes("limit")) stops.add("addresses");
      return STOP_REASONS.filter((reason) => stops.has(reason));
    },
  };
}

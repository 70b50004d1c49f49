// What a crawl knows of one address, as a line of NDJSON. The records of a site are its truth; every sum is made from them.

import { badParam } from "../../task-error.ts";
import type { ResourceKind } from "../html/html-facts.ts";
import type { HtmlExcess } from "../html/html-walk.ts";

/** Why there is no page behind an address; a closed set, because it is shown and counted. */
export const FAILURE_REASONS = [
  "status",
  "timeout",
  "dns",
  "dns_unanswered",
  "refused",
  "connection",
  "tls",
  "protocol",
  "too_large",
  "broken_body",
  "redirect_loop",
  "policy",
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why an address of the site was not asked for. */
const SKIP_REASONS = ["robots", "excluded", "endless", "limit"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

interface At {
  /** Spelled as pageAddress spells it. */
  readonly url: string;
  /** Links from the start page; null for what no link leads to. */
  readonly depth: number | null;
}

interface PageLink {
  readonly to: string;
  readonly text: string;
  readonly count: number;
}

/** An HTML document that came with a status of 2xx. */
export interface PageRecord extends At {
  readonly kind: "page";
  readonly status: number;
  readonly title: string;
  /** Of the body, decompressed; and as it came. */
  readonly bytes: number;
  readonly wire_bytes: number;
  /** From the request to the end of the body, without what manners made it wait before. */
  readonly ms: number;
  readonly charset: string;
  readonly charset_refuted?: string;
  /** The language the text is in, as far as it can be told; and the one the page declares. */
  readonly language: string;
  readonly declared_language: string;
  readonly description: string;
  readonly canonical?: string;
  readonly noindex: boolean;
  readonly h1: readonly string[];
  readonly headings: number;
  /** Each target once; `links_total` counts every link. */
  readonly links: readonly PageLink[];
  readonly links_total: number;
  readonly refresh?: string;
  readonly resources: readonly { readonly to: string; readonly kind: ResourceKind }[];
  readonly images: number;
  readonly images_without_alt: number;
  readonly words: number;
  readonly lix?: number;
  readonly flesch?: number;
  /** The commonest content words with their counts. */
  readonly terms: readonly (readonly [term: string, count: number])[];
  /** SHA-256 of the text. */
  readonly text_hash: string;
  /** Only where the crawl was asked to keep it. */
  readonly text?: string;
  /** Set where the page has too many tags or levels, so that only its beginning was looked at. */
  readonly excess?: HtmlExcess;
}

export interface RedirectRecord extends At {
  readonly kind: "redirect";
  readonly status: number;
  readonly to: string;
}

/** Something that is no HTML page; its body was not read. */
export interface OtherRecord extends At {
  readonly kind: "other";
  readonly status: number;
  readonly media_type: string;
  /** As declared; null where nothing is. */
  readonly bytes: number | null;
}

export interface FailedRecord extends At {
  readonly kind: "failed";
  readonly status: number | null;
  readonly reason: FailureReason;
}

export interface SkippedRecord {
  readonly kind: "skipped";
  readonly url: string;
  readonly reason: SkipReason;
}

/** What was asked for. */
export type FetchedRecord = PageRecord | RedirectRecord | OtherRecord | FailedRecord;
export type SiteRecord = FetchedRecord | SkippedRecord;

const KINDS: ReadonlySet<unknown> = new Set(["page", "redirect", "other", "failed", "skipped"]);

export function writeRecords(records: readonly SiteRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** Errors: BAD_REQUEST at `at` where the content is no list of records. */
export function readRecords(content: Uint8Array, at: string): readonly SiteRecord[] {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const record = parseLine(line);
      if (isRecord(record)) return record;
      throw badParam(at, "The artifact is no list of a crawl's records.", "Pass the output of web.crawl as it is.");
    });
}

function isRecord(value: unknown): value is SiteRecord {
  if (typeof value !== "object" || value === null) return false;
  const { kind, url, links, title } = value as Readonly<Record<string, unknown>>;
  if (!KINDS.has(kind) || typeof url !== "string") return false;
  return kind !== "page" || (Array.isArray(links) && typeof title === "string");
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

// One address of a site asked for, and what came of it as a record. A host that stumbles is asked a second time; it never throws for what a host does.

import type { CapabilityContext } from "@kos/agent";
import { type FetchResponse, headerValue } from "@kos/egress";
import { isKosError, type KosError } from "@kos/klp";
import { throwIfAborted } from "../../task-error.ts";
import { pageAddress } from "../address/page-address.ts";
import { isHtml, mediaTypeOf, readPageBody } from "../fetch/page-body.ts";
import type { MannersWish, PoliteRequest, PoliteResponse, WebAccess } from "../fetch/web-access.ts";
import { type HtmlFacts, readHtmlFacts } from "../html/html-facts.ts";
import { measureText } from "./page-text.ts";
import type { FailureReason, FetchedRecord, OtherRecord, PageRecord } from "./site-record.ts";

export interface VisitOptions {
  readonly access: WebAccess;
  readonly context: CapabilityContext;
  readonly wish: MannersWish;
  readonly timeoutMs: number;
  readonly maxPageBytes: number;
  /** The text of each page becomes part of its record. */
  readonly keepText: boolean;
  /** The page that led to the site, for rule E7 of the guard. */
  readonly via: string | undefined;
}

const ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1";
const MAX_HEADINGS = 3;
/** Links are kept for the graph; what they are called is only to recognise them. */
const MAX_LINK_TEXT = 80;

/** Errors: CANCELLED, and POLICY_DENIED where the owner's rules close the site itself. */
export async function visit(address: string, depth: number | null, options: VisitOptions): Promise<FetchedRecord> {
  const first = await attempt(address, depth, options);
  if (!isPassing(first)) return first;
  return await attempt(address, depth, options);
}

/** Worth a second try: it may have been a stumble. */
function isPassing(record: FetchedRecord): boolean {
  if (record.kind !== "failed") return false;
  const { status, reason } = record;
  if (status !== null) return status === 429 || status >= 500;
  return reason === "connection" || reason === "refused" || reason === "dns_unanswered" || reason === "broken_body";
}

async function attempt(address: string, depth: number | null, options: VisitOptions): Promise<FetchedRecord> {
  const { access, context } = options;
  const request: PoliteRequest = {
    url: address,
    method: "GET",
    headers: { accept: ACCEPT },
    redirect: "manual",
    timeoutMs: options.timeoutMs,
    maxBytes: options.maxPageBytes,
    wantBody: (status, headers) => status >= 200 && status < 300 && mayBeHtml(headers),
    manners: access.mannersFor(address, options.wish),
    ...(options.via !== undefined && { via: options.via }),
  };
  try {
    const response = await access.request(request, context);
    return await recordOf(address, depth, response, options);
  } catch (error) {
    throwIfAborted(context.signal);
    if (!isKosError(error)) throw error;
    return { kind: "failed", url: address, depth, status: null, reason: failureReason(error) };
  }
}

async function recordOf(url: string, depth: number | null, response: PoliteResponse, { keepText }: VisitOptions): Promise<FetchedRecord> {
  const { status, headers, ms } = response;
  const location = headerValue(headers, "location");
  if (status >= 300 && status < 400 && location !== undefined) {
    const to = pageAddress(location, url);
    if (to !== undefined && to !== url) return { kind: "redirect", url, depth, status, to };
    return { kind: "failed", url, depth, status, reason: to === url ? "redirect_loop" : "policy" };
  }
  if (status < 200 || status >= 300) return { kind: "failed", url, depth, status, reason: "status" };
  const body = response.bodySkipped ? undefined : readPageBody(response);
  if (body?.form !== "html" || body.text === undefined) return { kind: "other", url, depth, status, ...describeOther(response) };
  const facts = await readHtmlFacts(body.text, url);
  const robots = `${facts.robots} ${(headerValue(headers, "x-robots-tag") ?? "").toLowerCase()}`;
  return {
    kind: "page",
    url,
    depth,
    status,
    title: facts.title,
    bytes: response.bytes.byteLength,
    wire_bytes: response.wireBytes,
    ms,
    charset: body.charset ?? "",
    ...(body.refuted !== undefined && { charset_refuted: body.refuted.slice(0, 60) }),
    ...(await measureText(facts.text, facts.language)),
    declared_language: facts.language,
    noindex: /\bnoindex\b|\bnone\b/.test(robots),
    ...partsOf(facts),
    ...(keepText && { text: facts.text }),
  };
}

function partsOf(
  facts: HtmlFacts,
): Pick<
  PageRecord,
  | "description"
  | "canonical"
  | "h1"
  | "headings"
  | "links"
  | "links_total"
  | "refresh"
  | "resources"
  | "images"
  | "images_without_alt"
  | "excess"
> {
  return {
    description: facts.description,
    ...(facts.canonical !== undefined && { canonical: facts.canonical }),
    h1: facts.headings
      .filter(({ level }) => level === 1)
      .slice(0, MAX_HEADINGS)
      .map(({ text }) => text),
    headings: facts.headings.length,
    links: facts.links.map(({ to, text, count }) => ({ to, text: text.slice(0, MAX_LINK_TEXT).toWellFormed(), count })),
    links_total: facts.linksTotal,
    ...(facts.refresh !== undefined && { refresh: facts.refresh }),
    resources: facts.resources.map((resource) => ({ ...resource })),
    images: facts.imagesTotal,
    images_without_alt: facts.imagesWithoutAlt,
    ...(facts.excess !== undefined && { excess: facts.excess }),
  };
}

function describeOther({ headers, bytes, bodySkipped }: FetchResponse): Pick<OtherRecord, "media_type" | "bytes"> {
  const declared = headerValue(headers, "content-length");
  const length = declared !== undefined && /^\d{1,15}$/.test(declared) ? Number(declared) : null;
  return { media_type: mediaTypeOf(headers).essence, bytes: bodySkipped ? length : bytes.byteLength };
}

/** The body of anything else is not read; where no type is declared its beginning decides. */
function mayBeHtml(headers: FetchResponse["headers"]): boolean {
  const type = mediaTypeOf(headers);
  return isHtml(type) || type.essence === "";
}

const REASONS: ReadonlyMap<unknown, FailureReason> = new Map<unknown, FailureReason>([
  ["dns", "dns"],
  ["dns_unanswered", "dns_unanswered"],
  ["refused", "refused"],
  ["protocol", "protocol"],
  ["tls", "tls"],
  ["content_encoding", "broken_body"],
  ["content_length_mismatch", "broken_body"],
  ["body_cut", "broken_body"],
]);

export function failureReason({ code, details }: KosError): FailureReason {
  if (code === "TIMEOUT") return "timeout";
  if (code === "TOO_LARGE") return "too_large";
  if (code === "POLICY_DENIED" || code === "BAD_REQUEST") return "policy";
  return REASONS.get(details?.["reason"]) ?? "connection";
}

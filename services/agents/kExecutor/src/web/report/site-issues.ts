// What the numbers of a site suggest looking at first. Rules over numbers; none of them judges what a page says.

import { formatCount, formatThings } from "../../render/amount.ts";
import type { SiteData } from "./site-data.ts";

export const ISSUE_SEVERITIES = ["high", "medium", "low"] as const;

export interface SiteIssue {
  readonly id: string;
  readonly severity: (typeof ISSUE_SEVERITIES)[number];
  readonly text: string;
  /** Pages it is about, the first ones. */
  readonly pages: readonly string[];
}

const MAX_PAGES = 20;
const LARGE_PAGE_BYTES = 1_000_000;
const SLOW_MS = 2000;
const HARD_LIX = 60;
const DEEP = 5;

/** The worst first. */
export function siteIssues(data: SiteData): readonly SiteIssue[] {
  const found = [
    deadLinks(data),
    failedPages(data),
    brokenResources(data),
    missingTitles(data),
    duplicateTitles(data),
    duplicatePages(data),
    refutedCharsets(data),
    orphans(data),
    sitemapGaps(data),
    missingDescriptions(data),
    missingAlternatives(data),
    redirectedLinks(data),
    wrongLanguage(data),
    largePages(data),
    slowPages(data),
    deepPages(data),
    hardPages(data),
  ].filter((issue) => issue !== undefined);
  const rank = (issue: SiteIssue) => ISSUE_SEVERITIES.indexOf(issue.severity);
  return found.sort((one, other) => rank(one) - rank(other));
}

function issue(id: string, severity: SiteIssue["severity"], pages: readonly string[], text: string): SiteIssue | undefined {
  return pages.length === 0 ? undefined : { id, severity, text, pages: pages.slice(0, MAX_PAGES) };
}

function deadLinks({ dead_links: dead, dead_links_total: total, links }: SiteData) {
  const text = `${formatThings(total, "link leads", "links lead")} nowhere, to ${formatThings(links.dead_targets_total, "address", "addresses")}.`;
  return issue("dead_links", "high", [...new Set(dead.map(({ from }) => from))], text);
}

function failedPages({ failed }: SiteData) {
  const broken = failed.filter(({ status }) => status === null || status >= 500);
  const text = `${formatThings(broken.length, "address", "addresses")} of the site failed on the server's side or did not answer as they should.`;
  return issue(
    "failed",
    "high",
    broken.map(({ url }) => url),
    text,
  );
}

function brokenResources({ broken_resources: broken }: SiteData) {
  const text = `${formatThings(broken.length, "image, style sheet or other resource is", "images, style sheets or other resources are")} missing.`;
  return issue("broken_resources", "high", [...new Set(broken.map(({ from }) => from))], text);
}

function missingTitles({ missing_titles: pages }: SiteData) {
  return issue("missing_titles", "high", pages, `${formatThings(pages.length, "page has", "pages have")} no title.`);
}

function duplicateTitles({ duplicate_titles: found }: SiteData) {
  const pages = found.flatMap((group) => group.pages);
  const text = `${formatThings(pages.length, "page shares its title", "pages share their titles")} with another (${formatThings(found.length, "title")}).`;
  return issue("duplicate_titles", "medium", pages, text);
}

function duplicatePages({ duplicate_pages: found }: SiteData) {
  const pages = found.flatMap((group) => group.pages);
  return issue("duplicate_pages", "medium", pages, `${formatThings(pages.length, "page has", "pages have")} the same text as another.`);
}

function refutedCharsets({ charset_refuted: found }: SiteData) {
  const text = `${formatThings(found.length, "page is", "pages are")} not in the charset they declare.`;
  return issue(
    "charset",
    "medium",
    found.map(({ url }) => url),
    text,
  );
}

function orphans({ sitemap }: SiteData) {
  const text = `${formatThings(sitemap.orphans.length, "page is", "pages are")} in the sitemap, but no link leads there.`;
  return issue("orphans", "medium", sitemap.orphans, text);
}

function sitemapGaps({ sitemap }: SiteData) {
  const text = `${formatThings(sitemap.missing.length, "page is", "pages are")} not in the sitemap.`;
  return issue("not_in_sitemap", "low", sitemap.missing, text);
}

function missingDescriptions({ missing_descriptions: pages, pages_total: total }: SiteData) {
  return issue("missing_descriptions", "low", pages, `${formatCount(pages.length)} of ${formatThings(total, "page")} have no description.`);
}

function missingAlternatives({ pages }: SiteData) {
  const lacking = pages.filter((page) => page.images_without_alt > 0);
  const images = lacking.reduce((sum, page) => sum + page.images_without_alt, 0);
  const text = `${formatThings(images, "image has", "images have")} no alternative text, so who cannot see them does not know what they show.`;
  return issue(
    "missing_alt",
    "low",
    lacking.map(({ url }) => url),
    text,
  );
}

function redirectedLinks({ redirects, links }: SiteData) {
  const text = `${formatThings(links.redirected_total, "link leads", "links lead")} to an address of the site that redirects; the target could be named directly.`;
  return links.redirected_total === 0
    ? undefined
    : issue(
        "redirected_links",
        "low",
        redirects.map(({ from }) => from),
        text,
      );
}

function wrongLanguage({ pages }: SiteData) {
  const wrong = pages.filter(({ language, declared_language: declared, words }) => {
    const base = declared.toLowerCase().split(/[-_]/)[0] ?? "";
    return words > 0 && base !== "" && language !== "und" && base !== language;
  });
  return issue(
    "language",
    "low",
    wrong.map(({ url }) => url),
    `${formatThings(wrong.length, "page seems", "pages seem")} to be in another language than they declare.`,
  );
}

function largePages({ pages }: SiteData) {
  const large = pages.filter(({ bytes }) => bytes >= LARGE_PAGE_BYTES);
  return issue(
    "large_pages",
    "low",
    large.map(({ url }) => url),
    `${formatThings(large.length, "page is", "pages are")} larger than 1 MB.`,
  );
}

function slowPages({ pages }: SiteData) {
  const slow = pages.filter(({ ms }) => ms >= SLOW_MS);
  return issue(
    "slow_pages",
    "low",
    slow.map(({ url }) => url),
    `${formatThings(slow.length, "page took", "pages took")} two seconds or more to come.`,
  );
}

function deepPages({ pages }: SiteData) {
  const deep = pages.filter(({ depth }) => depth !== null && depth > DEEP);
  const text = `${formatThings(deep.length, "page is", "pages are")} more than ${DEEP} links away from the start.`;
  return issue(
    "deep_pages",
    "low",
    deep.map(({ url }) => url),
    text,
  );
}

function hardPages({ pages }: SiteData) {
  const hard = pages.filter(({ lix }) => lix !== null && lix >= HARD_LIX);
  return issue(
    "hard_pages",
    "low",
    hard.map(({ url }) => url),
    `${formatThings(hard.length, "page is", "pages are")} very hard to read (LIX of ${HARD_LIX} or more).`,
  );
}

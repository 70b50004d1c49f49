// The text of a report on a web site: Markdown in plain words, its facts and its charts, from the data alone. Whatever a page says of itself stays text [R95].

import { formatBytes, formatCount, formatShare, formatThings } from "../../render/amount.ts";
import type { Chart } from "../../render/chart.ts";
import { markdownTable as table } from "../../render/markdown-table.ts";
import { markdownCode, markdownText } from "../../render/markdown-text.ts";
import type { Fact } from "../../render/page.ts";
import type { SiteData } from "./site-data.ts";
import { definitions } from "./site-definitions.ts";
import type { SiteIssue } from "./site-issues.ts";

const ROWS = {
  dead: 200,
  resources: 100,
  titles: 50,
  pagesOfTitle: 5,
  largest: 15,
  pages: 1000,
  redirects: 50,
  failed: 100,
  other: 50,
  listed: 30,
} as const;
const MAX_ADDRESS_CHARS = 120;
const MAX_TITLE_CHARS = 90;

export function siteFacts(data: SiteData): readonly Fact[] {
  const check = data.provenance["pages_total"]?.checked_by;
  const second =
    check === undefined ? undefined : check.agrees ? "a second count agrees" : `a second count says ${formatCount(check.value)}`;
  return [
    { label: "Pages", value: formatCount(data.pages_total), ...(second !== undefined && { note: second }) },
    { label: "Links", value: formatCount(data.links_total), note: `to ${formatThings(data.links.targets_total, "address", "addresses")}` },
    {
      label: "Dead links",
      value: formatCount(data.dead_links_total),
      note: `to ${formatThings(data.links.dead_targets_total, "address", "addresses")}`,
    },
    { label: "Missing titles", value: formatCount(data.missing_titles.length) },
    { label: "Shared titles", value: formatCount(data.duplicate_titles.length) },
    { label: "Size of all pages", value: formatBytes(data.bytes_total), note: `median ${formatBytes(data.sizes.median)}` },
    data.reading.lix === null
      ? { label: "Reading level", value: "–", note: "too little text" }
      : { label: "Reading level", value: `LIX ${formatCount(data.reading.lix)}`, note: lixWord(data.reading.lix) },
  ];
}

export function siteCharts(data: SiteData): readonly Chart[] {
  const depths = Map.groupBy(data.pages, ({ depth }) => depth ?? Number.POSITIVE_INFINITY);
  const byDepth = [...depths].sort(([one], [other]) => one - other);
  const shown = byDepth
    .slice(0, 30)
    .map(([depth, pages]) => ({ label: depth === Number.POSITIVE_INFINITY ? "no link" : String(depth), value: pages.length }));
  const rest = byDepth.slice(30).reduce((sum, [, pages]) => sum + pages.length, 0);
  return [
    {
      id: "depths",
      type: "bar",
      title: "Pages by distance from the start",
      description: "How many links a visitor follows at least to come to a page",
      unit: "pages",
      series: [...shown, ...(rest === 0 ? [] : [{ label: "farther", value: rest }])],
    },
    {
      id: "sizes",
      type: "histogram",
      title: "Pages by size",
      description: "Of the HTML, decompressed",
      unit: "pages",
      series: classes(
        data.pages.map(({ bytes }) => bytes),
        SIZES,
      ),
    },
    {
      id: "reading",
      type: "histogram",
      title: "Pages by reading level",
      description: "LIX: below 30 very easy, 30 to 40 easy, 40 to 50 medium, 50 to 60 hard, above very hard",
      unit: "pages",
      series: classes(
        data.pages.flatMap(({ lix }) => lix ?? []),
        LEVELS,
      ),
    },
    {
      id: "keywords",
      type: "bar",
      title: "What the site is about",
      description: "The commonest content words, each page counting for at most five",
      unit: "times",
      series: data.keywords.slice(0, 20).map(({ term, count }) => ({ label: term, value: count })),
    },
  ];
}

export function siteMarkdown(data: SiteData, issues: readonly SiteIssue[]): string {
  const sections = [
    summary(data),
    worthALook(issues),
    deadLinks(data),
    titles(data),
    sizes(data),
    reading(data),
    keywords(data),
    reach(data),
    otherAnswers(data),
    pageTable(data),
    definitions(data),
  ];
  return `${sections.flat().join("\n\n")}\n`;
}

function summary(data: SiteData): readonly string[] {
  const check = data.provenance["pages_total"]?.checked_by;
  const counted =
    check === undefined
      ? ""
      : check.agrees
        ? ", a number a second count confirms"
        : `, while a second count finds ${formatCount(check.value)}`;
  const whole = data.complete
    ? "Every address of the site that links or sitemaps lead to was asked for."
    : `Not every page was asked for (${data.stopped_by.map((reason) => reason.replaceAll("_", " ")).join(", ")}), so the numbers are of the part that was.`;
  const dead =
    data.dead_links_total === 0
      ? "No link was found dead."
      : `${formatThings(data.dead_links_total, "link is", "links are")} dead, to ${formatThings(data.links.dead_targets_total, "address", "addresses")}.`;
  const unknown =
    data.links.unchecked_total === 0
      ? ""
      : ` Of ${formatThings(data.links.unchecked_total, "address", "addresses")} nothing can be said (${uncheckedWords(data)}).`;
  const named =
    data.missing_titles.length === 0
      ? "every page has a title"
      : `${formatThings(data.missing_titles.length, "page has", "pages have")} no title`;
  const shared =
    data.duplicate_titles.length === 0
      ? "no two share one"
      : `${formatThings(data.duplicate_titles.length, "title stands", "titles stand")} on several pages`;
  return [
    "## Summary",
    `**${markdownText(data.title)}** has ${formatThings(data.pages_total, "page")}${counted}, with ${formatThings(data.links_total, "link")} and ${formatBytes(data.bytes_total)} of HTML. ${whole}`,
    `${dead}${unknown} As to titles, ${named} and ${shared}.`,
  ];
}

function uncheckedWords({ links }: SiteData): string {
  return Object.entries(links.unchecked)
    .map(([reason, count]) => `${formatCount(count)} ${UNCHECKED_WORDS[reason] ?? reason}`)
    .join(", ");
}

const UNCHECKED_WORDS: Readonly<Record<string, string>> = {
  robots: "not allowed by robots.txt",
  excluded: "left out by a pattern",
  endless: "seem endless",
  limit: "over a limit",
  policy: "not allowed by the egress rules",
  rate_limited: "asked too often",
  dns_unanswered: "no name server answered",
  time: "no time was left",
  external: "on other sites, not asked for",
};

function worthALook(issues: readonly SiteIssue[]): readonly string[] {
  if (issues.length === 0) return ["## Worth a look", "None of the rules of this report found anything."];
  const lines = issues.map(({ severity, text, pages }) => {
    const shown = pages.slice(0, 3).map(address).join(", ");
    const more = pages.length > 3 ? " and more" : "";
    return `- **${severity}:** ${markdownText(text)} ${shown}${more}`;
  });
  return ["## Worth a look", lines.join("\n")];
}

function deadLinks(data: SiteData): readonly string[] {
  const rows = data.dead_links
    .slice(0, ROWS.dead)
    .map(({ from, to, status, reason, text }) => [
      address(from),
      address(to),
      statusWord(status, reason),
      markdownText(clip(text ?? "", 60)),
    ]);
  const resources = data.broken_resources
    .slice(0, ROWS.resources)
    .map(({ from, to, status, reason, kind }) => [address(from), address(to), statusWord(status, reason), kind ?? ""]);
  const restricted =
    data.links.restricted_total === 0
      ? []
      : [
          `${formatThings(data.links.restricted_total, "more address is", "more addresses are")} open only to some (401, 403 and the like); these are not dead.`,
        ];
  return [
    "## Dead links",
    ...(rows.length === 0 ? ["None."] : [table(["On page", "To", "Answer", "Text"], rows), ...more(data.dead_links_total, rows.length)]),
    ...restricted,
    ...(resources.length === 0
      ? []
      : [
          "### Missing resources",
          table(["On page", "Resource", "Answer", "Kind"], resources),
          ...more(data.broken_resources.length, resources.length),
        ]),
  ];
}

function titles(data: SiteData): readonly string[] {
  const shared = data.duplicate_titles
    .slice(0, ROWS.titles)
    .map(({ title, pages }) => [
      markdownText(clip(title, MAX_TITLE_CHARS)),
      formatCount(pages.length),
      pages.slice(0, ROWS.pagesOfTitle).map(address).join(", ") + (pages.length > ROWS.pagesOfTitle ? ", …" : ""),
    ]);
  return [
    "## Titles",
    data.missing_titles.length === 0 ? "Every page has a title." : `Without a title: ${listed(data.missing_titles)}.`,
    ...(shared.length === 0
      ? ["No two pages share one."]
      : ["### Shared titles", table(["Title", "Pages >", "Where"], shared), ...more(data.duplicate_titles.length, shared.length)]),
  ];
}

function sizes(data: SiteData): readonly string[] {
  if (data.pages.length === 0) return [];
  const largest = data.pages
    .toSorted((one, other) => other.bytes - one.bytes)
    .slice(0, ROWS.largest)
    .map(({ url, bytes, ms }) => [address(url), formatBytes(bytes), `${formatCount(ms)} ms`]);
  return [
    "## Sizes",
    `Half of the pages have at most ${formatBytes(data.sizes.median)} of HTML, nine in ten at most ${formatBytes(data.sizes.p90)}, the largest has ${formatBytes(data.sizes.max)}.`,
    "![Pages by size](chart:sizes)",
    table(["Page", "Size >", "Came in >"], largest),
  ];
}

function reading(data: SiteData): readonly string[] {
  const { lix, flesch, pages, languages } = data.reading;
  if (lix === null) return ["## Reading level", "No page has enough whole sentences to say how it reads."];
  const english =
    flesch === null ? "" : ` The English ones have a Flesch reading ease of ${formatCount(flesch)} (100 very easy, 0 very hard).`;
  const rows = languages
    .slice(0, 12)
    .map((one) => [
      markdownText(one.language === "und" ? "not known" : one.language),
      formatCount(one.pages),
      formatCount(one.words),
      score(one.lix),
      score(one.flesch),
    ]);
  return [
    "## Reading level",
    `${formatThings(pages, "page has", "pages have")} enough text; half of them have a LIX of at most ${formatCount(lix)}, which is ${lixWord(lix)}.${english}`,
    "![Pages by reading level](chart:reading)",
    table(["Language", "Pages >", "Words >", "LIX >", "Flesch >"], rows),
  ];
}

function keywords(data: SiteData): readonly string[] {
  if (data.keywords.length === 0) return [];
  return ["## What it is about", "![What the site is about](chart:keywords)"];
}

function reach(data: SiteData): readonly string[] {
  const { sitemap } = data;
  const named =
    sitemap.files === 0
      ? "There is no sitemap."
      : `The sitemap names ${formatThings(sitemap.addresses_total, "address", "addresses")} of the site; ${formatCount(data.recount.sitemap_pages)} of them are pages.`;
  return [
    "## How pages are reached",
    "![Pages by distance from the start](chart:depths)",
    named,
    ...(sitemap.orphans.length === 0 ? [] : [`In the sitemap, but without a link that leads there: ${listed(sitemap.orphans)}.`]),
    ...(sitemap.missing.length === 0 ? [] : [`Not in the sitemap: ${listed(sitemap.missing)}.`]),
    ...(data.duplicate_pages.length === 0
      ? []
      : [
          `Pages with the same text: ${data.duplicate_pages
            .slice(0, ROWS.listed)
            .map(({ pages }) => listed(pages, 4))
            .join("; ")}.`,
        ]),
  ];
}

function otherAnswers(data: SiteData): readonly string[] {
  const redirects = data.redirects.slice(0, ROWS.redirects).map(({ from, to, status }) => [address(from), String(status), address(to)]);
  const failed = data.failed.slice(0, ROWS.failed).map(({ url, status, reason }) => [address(url), statusWord(status, reason)]);
  const other = data.other
    .slice(0, ROWS.other)
    .map(({ url, media_type: type, bytes }) => [
      address(url),
      markdownText(type || "not declared"),
      bytes === null ? "–" : formatBytes(bytes),
    ]);
  const { robots, excluded, endless, limit } = data.skipped;
  const skipped = [
    ...(robots === 0 ? [] : [`${formatCount(robots)} because of robots.txt`]),
    ...(excluded === 0 ? [] : [`${formatCount(excluded)} by pattern`]),
    ...(endless === 0 ? [] : [`${formatCount(endless)} that seem endless`]),
    ...(limit === 0 ? [] : [`${formatCount(limit)} over the limit`]),
  ];
  const charsets = data.charset_refuted
    .slice(0, ROWS.listed)
    .map(({ url, declared, read_as: used }) => [address(url), markdownText(declared), markdownText(used)]);
  return [
    ...(redirects.length === 0
      ? []
      : ["## Redirects", table(["Address", "Status >", "To"], redirects), ...more(data.redirects.length, redirects.length)]),
    ...(failed.length === 0
      ? []
      : ["## Addresses that failed", table(["Address", "Answer"], failed), ...more(data.failed.length, failed.length)]),
    ...(other.length === 0
      ? []
      : ["## Other documents", table(["Address", "Type", "Size >"], other), ...more(data.other.length, other.length)]),
    ...(charsets.length === 0 ? [] : ["## Charsets that are not what they say", table(["Page", "Declared", "Read as"], charsets)]),
    ...(skipped.length === 0 ? [] : ["## Not asked for", `Addresses of the site: ${skipped.join(", ")}.`]),
    ...(data.notes.length === 0 ? [] : [data.notes.map((note) => `- ${markdownText(note)}`).join("\n")]),
  ];
}

function pageTable(data: SiteData): readonly string[] {
  const rows = data.pages
    .slice(0, ROWS.pages)
    .map((page) => [
      address(page.url),
      page.title === "" ? "–" : markdownText(clip(page.title, MAX_TITLE_CHARS)),
      String(page.status),
      formatBytes(page.bytes),
      formatCount(page.links),
      formatCount(page.dead_links),
      page.depth === null ? "–" : String(page.depth),
      formatCount(page.words),
      score(page.lix),
    ]);
  if (rows.length === 0) return [];
  const head = ["Page", "Title", "Status >", "Size >", "Links >", "Dead >", "Depth >", "Words >", "LIX >"];
  return ["## All pages", table(head, rows), ...more(data.pages.length, rows.length)];
}

const SIZES: readonly (readonly [label: string, below: number])[] = [
  ["under 1 kB", 1000],
  ["1–10 kB", 10_000],
  ["10–30 kB", 30_000],
  ["30–100 kB", 100_000],
  ["100–300 kB", 300_000],
  ["0.3–1 MB", 1_000_000],
  ["over 1 MB", Number.POSITIVE_INFINITY],
];
const LEVELS: readonly (readonly [label: string, below: number])[] = [
  ["very easy", 30],
  ["easy", 40],
  ["medium", 50],
  ["hard", 60],
  ["very hard", Number.POSITIVE_INFINITY],
];

function classes(values: readonly number[], bounds: typeof SIZES): Chart["series"] {
  const counts = bounds.map(() => 0);
  for (const value of values) {
    const index = bounds.findIndex(([, below]) => value < below);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return bounds.map(([label], index) => ({ label, value: counts[index] ?? 0 }));
}

function lixWord(lix: number): string {
  return LEVELS.find(([, below]) => lix < below)?.[0] ?? "very hard";
}

function score(value: number | null): string {
  return value === null ? "–" : formatCount(value);
}

function statusWord(status: number | null, reason: string): string {
  const words = reason.replaceAll("_", " ");
  if (status === null) return words;
  return reason === "status" ? String(status) : `${status}, ${words}`;
}

function address(url: string): string {
  return markdownCode(clip(url, MAX_ADDRESS_CHARS));
}

function listed(urls: readonly string[], most: number = ROWS.listed): string {
  const rest = urls.length > most ? ` and ${formatCount(urls.length - most)} more` : "";
  return urls.slice(0, most).map(address).join(", ") + rest;
}

function more(total: number, shown: number): readonly string[] {
  return total > shown ? [`${formatCount(total - shown)} more in the JSON (${formatShare(shown, total)} are shown).`] : [];
}

function clip(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars - 1).toWellFormed()}…` : text;
}

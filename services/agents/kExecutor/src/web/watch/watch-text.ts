// The text of a look at a site: what came, went and changed, in Markdown. Whatever a page says stays text [R95].

import { diffMarkdown } from "../../analysis/diff-markdown.ts";
import { formatCount, formatThings } from "../../render/amount.ts";
import { markdownTable } from "../../render/markdown-table.ts";
import { markdownCode, markdownText } from "../../render/markdown-text.ts";
import type { Fact } from "../../render/page.ts";
import type { SiteChanges } from "./site-changes.ts";
import type { SiteState } from "./site-state.ts";

export interface Look {
  readonly title: string;
  readonly now: SiteState;
  /** Undefined at the first look. */
  readonly before: SiteState | undefined;
  readonly changes: SiteChanges;
  readonly complete: boolean;
  readonly notes: readonly string[];
}

const MAX_PAGES = 100;
const MAX_DIFFS = 40;
const MAX_CHARS = 1_000_000;
const MAX_TITLE_CHARS = 100;

export function watchFacts({ now, before, changes }: Look): readonly Fact[] {
  const pages = { label: "Pages", value: formatCount(now.pages.size) };
  if (before === undefined) return [pages];
  return [
    pages,
    { label: "Changed", value: formatCount(changes.changed.length) },
    { label: "New", value: formatCount(changes.added.length) },
    { label: "Gone", value: formatCount(changes.removed.length) },
    { label: "As before", value: formatCount(changes.unchanged), note: `since ${before.taken_at.slice(0, 10)}` },
  ];
}

export async function watchMarkdown(look: Look): Promise<string> {
  const sections = [
    summary(look),
    pageList("New pages", look.changes.added),
    pageList("Pages that are gone", look.changes.removed),
    await changedPages(look),
    notes(look),
  ];
  return `${sections.flat().join("\n\n")}\n`;
}

function summary({ title, now, before, changes }: Look): readonly string[] {
  const name = `**${markdownText(title)}**`;
  if (before === undefined) {
    return [
      "## First look",
      `${name} has ${formatThings(now.pages.size, "page")}. They are remembered; the next look says what has changed since.`,
    ];
  }
  const { added, removed, changed, unchanged } = changes;
  const since = `since ${before.taken_at.slice(0, 16).replace("T", " ")} UTC`;
  if (added.length + removed.length + changed.length === 0) {
    return ["## Nothing changed", `${name} reads as it did ${since}, on all of its ${formatThings(unchanged, "page")}.`];
  }
  return [
    "## What changed",
    `On ${name} ${formatThings(changed.length, "page has", "pages have")} changed ${since}, ${formatThings(added.length, "is new", "are new")} and ${formatThings(removed.length, "is gone", "are gone")}; ${formatCount(unchanged)} are as they were.`,
  ];
}

function pageList(heading: string, pages: SiteChanges["added"]): readonly string[] {
  if (pages.length === 0) return [];
  const rows = pages.slice(0, MAX_PAGES).map(({ url, title }) => [markdownCode(clip(url)), markdownText(clip(title))]);
  const more = pages.length > MAX_PAGES ? [`${formatCount(pages.length - MAX_PAGES)} more in the JSON.`] : [];
  return [`## ${heading}`, markdownTable(["Page", "Title"], rows), ...more];
}

async function changedPages({ changes: { changed } }: Look): Promise<readonly string[]> {
  if (changed.length === 0) return [];
  const parts: string[] = ["## Pages that changed"];
  let length = 0;
  for (const { url, titleBefore, titleAfter, diff } of changed.slice(0, MAX_DIFFS)) {
    const part = [`### ${markdownCode(clip(url))}`];
    if (titleBefore !== titleAfter)
      part.push(`Title: ~~${markdownText(clip(titleBefore)) || "none"}~~ **${markdownText(clip(titleAfter)) || "none"}**`);
    if (diff.hunks.length > 0) part.push((await diffMarkdown(diff, undefined)).trimEnd());
    const text = part.join("\n\n");
    length += text.length;
    if (length > MAX_CHARS) return [...parts, "The rest is in the JSON."];
    parts.push(text);
  }
  return changed.length > MAX_DIFFS ? [...parts, `${formatCount(changed.length - MAX_DIFFS)} more in the JSON.`] : parts;
}

function notes({ complete, notes: given }: Look): readonly string[] {
  const cut = complete ? [] : ["Not every page was asked for, so a page that is gone may only not have been reached."];
  const all = [...cut, ...given];
  return all.length === 0 ? [] : ["## Notes", all.map((note) => `- ${markdownText(note)}`).join("\n")];
}

function clip(text: string): string {
  return text.length > MAX_TITLE_CHARS ? `${text.slice(0, MAX_TITLE_CHARS - 1).toWellFormed()}…` : text;
}

// One HTML file that needs nothing else: no script, no address it loads from, and a policy that would stop both [R95].

import { createHash } from "node:crypto";
import { escapeHtml } from "./html.ts";
import type { Heading } from "./markdown-html.ts";
import { showInvisible } from "./markdown-text.ts";
import { PAGE_STYLE } from "./page-style.ts";

export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

export interface Page {
  readonly title: string;
  readonly subtitle?: string;
  readonly facts: readonly Fact[];
  /** Rendered and safe. */
  readonly body: string;
  readonly headings: readonly Heading[];
}

const MIN_HEADINGS = 3;

export function renderPage(page: Page): string {
  const styleHash = createHash("sha256").update(PAGE_STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${foreignHtml(page.title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<div class="page">
<header>
<h1>${foreignHtml(page.title)}</h1>
${page.subtitle === undefined ? "" : `<p>${foreignHtml(page.subtitle)}</p>`}
${factsHtml(page.facts)}
</header>
<div class="columns">
${contentsHtml(page.headings)}
<main>
${page.body}</main>
</div>
</div>
</body>
</html>
`;
}

/** Words of others: what would change how the text around them reads is shown instead [R107]. */
function foreignHtml(text: string): string {
  return escapeHtml(showInvisible(text));
}

function factsHtml(facts: readonly Fact[]): string {
  if (facts.length === 0) return "";
  const tiles = facts.map(({ label, value, note }) => {
    const small = note === undefined ? "" : `<dd class="note">${foreignHtml(note)}</dd>`;
    return `<div><dt>${foreignHtml(label)}</dt><dd class="value">${foreignHtml(value)}</dd>${small}</div>`;
  });
  return `<dl class="facts">${tiles.join("")}</dl>`;
}

/** The table of contents; the empty column keeps the layout where there is nothing to list. */
function contentsHtml(headings: readonly Heading[]): string {
  const listed = headings.filter(({ level }) => level === 2 || level === 3);
  if (listed.length < MIN_HEADINGS) return "<div></div>";
  const entries = listed.map(
    ({ level, id, text }) => `<li><a class="level-${level}" href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav aria-labelledby="contents"><div><h2 id="contents">Contents</h2><ul>${entries.join("")}</ul></div></nav>`;
}

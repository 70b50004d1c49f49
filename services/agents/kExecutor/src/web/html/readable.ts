// The part of a page that a reader came for, found by Mozilla's Readability on a small harmless tree; all of it where there is no such part.

import type { Readability } from "@mozilla/readability";
import { htmlToMarkdown } from "../../documents/html-markdown.ts";
import { exportedFunction } from "../older-module.ts";
import { cleanHtml } from "./html-clean.ts";

export interface Readable {
  /** Whether an article was found; else the text is of the whole page. */
  readonly isArticle: boolean;
  readonly markdown: string;
  readonly text: string;
  readonly title: string | undefined;
  readonly byline: string | undefined;
  readonly siteName: string | undefined;
  readonly publishedTime: string | undefined;
  readonly isCut: boolean;
}

/** The reader scores each element several times over; a page with more of them is given whole. */
const MAX_READER_ELEMENTS = 8000;
/** A shorter find is a guess, and a short page is worth giving whole. */
const LEAST_ARTICLE_CHARS = 500;

export async function readableOf(html: string, base: string | undefined): Promise<Readable> {
  const clean = await cleanHtml(html, base);
  const whole = /<html[\s>]/i.test(clean.html) ? clean.html : `<html><body>${clean.html}</body></html>`;
  const article = clean.elements > MAX_READER_ELEMENTS ? null : await findArticle(whole);
  const isArticle = (article?.textContent ?? "").trim().length >= LEAST_ARTICLE_CHARS;
  const { markdown } = await htmlToMarkdown(isArticle ? (article?.content ?? "") : whole);
  return {
    isArticle,
    markdown,
    text: textOf(markdown),
    title: article?.title ?? undefined,
    byline: article?.byline ?? undefined,
    siteName: article?.siteName ?? undefined,
    publishedTime: article?.publishedTime ?? undefined,
    isCut: clean.excess !== undefined,
  };
}

async function findArticle(html: string) {
  const { parseHTML } = await import("linkedom");
  const Reader = exportedFunction(await import("@mozilla/readability"), "Readability") as typeof Readability;
  const tree = parseHTML(html) as unknown as { readonly document: never };
  return new Reader(tree.document, { disableJSONLD: true, charThreshold: LEAST_ARTICLE_CHARS }).parse();
}

/** Markdown without its marks: links by their text, headings and list items as lines. */
function textOf(markdown: string): string {
  return markdown
    .replace(/\[((?:\\.|[^\]\\])*)\]\((?:<[^>\n]*>|[^()\s]*)\)/g, "$1")
    .replace(/^ {0,3}(?:#{1,6} +|> ?|[-*+] +|\d{1,9}[.)] +)/gm, "")
    .replace(/^ {0,3}(?:-{3,}|\*{3,}|```.*|~~~.*)$/gm, "")
    .replace(/(?<!\\)(?:\*\*|__|`)/g, "")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

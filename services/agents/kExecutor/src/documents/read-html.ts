// HTML documents, whole or in part.

import { decodeText } from "./charset.ts";
import type { DocumentContent, DocumentWarning, ReadingContext } from "./document-content.ts";
import { htmlToMarkdown } from "./html-markdown.ts";
import { outlineMarkdown } from "./markdown-outline.ts";

export async function readHtml(bytes: Buffer, context: ReadingContext): Promise<DocumentContent> {
  const { text: html, charset, source } = await decodeText(bytes, context.mediaType);
  const { markdown, title, language, meta, warnings } = await htmlToMarkdown(html);
  const outline = outlineMarkdown(markdown);
  return {
    markdown,
    ...outline,
    title: title ?? meta.get("og:title") ?? meta.get("dc.title") ?? outline.headings[0]?.text,
    author: meta.get("author") ?? meta.get("dc.creator") ?? meta.get("article:author"),
    language: language ?? meta.get("dc.language"),
    metadata: {
      charset,
      description: meta.get("description") ?? meta.get("og:description"),
      keywords: meta.get("keywords"),
      generator: meta.get("generator"),
      date: meta.get("date") ?? meta.get("dc.date") ?? meta.get("article:published_time"),
    },
    warnings: [...warnings, ...(source === "guess" ? [guessedCharset(charset)] : [])],
  };
}

export function guessedCharset(charset: string): DocumentWarning {
  return { code: "charset_guessed", message: `Nothing says how its characters are encoded; ${charset} was guessed from its letters.` };
}

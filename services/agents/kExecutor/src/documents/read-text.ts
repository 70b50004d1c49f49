// Plain text and Markdown. Which of the two it is only its name can say: the bytes of both look the same.

import { parseDocument } from "yaml";
import { markdownText } from "../render/markdown-text.ts";
import { decodeText } from "./charset.ts";
import type { DocumentContent, ReadingContext } from "./document-content.ts";
import { outlineMarkdown } from "./markdown-outline.ts";
import { guessedCharset } from "./read-html.ts";

export async function readPlainText(bytes: Buffer, context: ReadingContext): Promise<DocumentContent> {
  const decoded = await decodeText(bytes, context.mediaType);
  const text = decoded.text.replace(/\r\n?/g, "\n").replace(/\f/g, "\n\n");
  const paragraphs = text
    .split(/\n[ \t]*\n+/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "");
  const first = paragraphs[0] ?? "";
  return {
    // Two spaces at the end of a line keep the break.
    markdown: paragraphs.map((paragraph) => paragraph.split("\n").map(markdownText).join("  \n")).join("\n\n"),
    text: text.trim(),
    title: first.length <= 120 && !first.includes("\n") && paragraphs.length > 1 ? first : undefined,
    headings: [],
    links: [],
    metadata: { charset: decoded.charset },
    warnings: decoded.source === "guess" ? [guessedCharset(decoded.charset)] : [],
  };
}

export async function readMarkdown(bytes: Buffer, context: ReadingContext): Promise<DocumentContent> {
  const decoded = await decodeText(bytes, context.mediaType);
  const { properties, markdown } = frontMatter(decoded.text.replace(/\r\n?/g, "\n"));
  const outline = outlineMarkdown(markdown);
  return {
    markdown: markdown.trim(),
    ...outline,
    title: properties.get("title") ?? outline.headings[0]?.text,
    author: properties.get("author") ?? properties.get("authors"),
    language: properties.get("lang") ?? properties.get("language"),
    metadata: {
      charset: decoded.charset,
      description: properties.get("description"),
      keywords: properties.get("keywords") ?? properties.get("tags"),
      date: properties.get("date"),
    },
    warnings: [
      ...(decoded.source === "guess" ? [guessedCharset(decoded.charset)] : []),
      ...(outline.isTooDeep ? [{ code: "simplified", message: "It is nested too deeply; its text is given as it is." } as const] : []),
    ],
  };
}

const FRONT_MATTER = /^---[ \t]*\n([\s\S]{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/;

/** The YAML block that many programs put before Markdown. One that is no YAML is text like any other. */
function frontMatter(text: string): { readonly properties: ReadonlyMap<string, string>; readonly markdown: string } {
  const none = { properties: new Map<string, string>(), markdown: text };
  const block = FRONT_MATTER.exec(text);
  if (block === null) return none;
  const document = parseDocument(block[1] ?? "", { logLevel: "silent" });
  if (document.errors.length > 0) return none;
  const value = valueOf(document);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return none;
  const properties = Object.entries(value).flatMap(([key, entry]) => {
    const shown = Array.isArray(entry) ? entry.filter(isPlain).join(", ") : isPlain(entry) ? String(entry) : "";
    return shown === "" ? [] : [[key.toLowerCase(), shown] as const];
  });
  return { properties: new Map(properties), markdown: text.slice(block[0].length) };
}

/** The library refuses aliases that multiply. */
function valueOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 10 });
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function isPlain(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

// Markdown read back: its plain text, headings and links. What other readers turned into Markdown is counted and searched through here.

import MarkdownIt, { type Token } from "markdown-it";
import type { DocumentHeading, DocumentLink } from "./document-content.ts";

export interface MarkdownOutline {
  /** Paragraphs apart by an empty line, list items and table rows by a line break, cells by a tab. */
  readonly text: string;
  readonly headings: readonly DocumentHeading[];
  readonly links: readonly DocumentLink[];
  /** Whether something was nested too deep to be read as Markdown; `text` is then the source as it is. */
  readonly isTooDeep: boolean;
}

/** Twice as deep as HTML is kept (html-markdown.ts), for a list is two levels here. Beyond it the parser leaves out what is inside. */
const MAX_NESTING = 600;
const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:|tel:|[^:]*$)/i;

export function outlineMarkdown(markdown: string): MarkdownOutline {
  const engine = new MarkdownIt({ html: true, linkify: false, typographer: false, maxNesting: MAX_NESTING });
  engine.validateLink = (address) => SAFE_ADDRESS.test(address);
  const pieces: string[] = [];
  const headings: DocumentHeading[] = [];
  const links: DocumentLink[] = [];
  const tokens = engine.parse(markdown, {});
  const isTooDeep = tokens.some(({ level }) => level >= MAX_NESTING - 1);
  for (const [index, token] of tokens.entries()) {
    switch (token.type) {
      case "inline": {
        const text = inlineText(token, links);
        const before = tokens[index - 1];
        if (before?.type === "heading_open") headings.push({ level: Number(before.tag.slice(1)), text });
        pieces.push(text);
        break;
      }
      case "fence":
      case "code_block":
        pieces.push(token.content.replace(/\n$/, ""), "\n\n");
        break;
      case "paragraph_close":
        pieces.push(token.hidden ? "\n" : "\n\n");
        break;
      case "heading_close":
      case "table_close":
      case "bullet_list_close":
      case "ordered_list_close":
        pieces.push("\n\n");
        break;
      case "td_close":
      case "th_close":
        pieces.push("\t");
        break;
      case "tr_close":
        pieces.push("\n");
        break;
      default:
        break;
    }
  }
  const text = pieces
    .join("")
    .replace(/\t+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return { text: isTooDeep ? markdown.trim() : text, headings, links, isTooDeep };
}

function inlineText(token: Token, links: DocumentLink[]): string {
  let text = "";
  let open: { readonly url: string; readonly start: number } | undefined;
  for (const child of token.children ?? []) {
    switch (child.type) {
      case "text":
      case "text_special":
      case "code_inline":
        text += child.content;
        break;
      case "softbreak":
        text += " ";
        break;
      case "hardbreak":
        text += "\n";
        break;
      case "image":
        text += child.content;
        break;
      case "link_open":
        open = { url: String(child.attrGet("href") ?? ""), start: text.length };
        break;
      case "link_close":
        if (open !== undefined && !open.url.startsWith("#")) links.push({ url: open.url, text: text.slice(open.start).trim() });
        open = undefined;
        break;
      default:
        break;
    }
  }
  return text.trim();
}

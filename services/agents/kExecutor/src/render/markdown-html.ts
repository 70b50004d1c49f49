// Markdown into HTML that can do nothing: no raw HTML, no script, no address but http, https and mailto, and nothing loaded from anywhere [R95].

import MarkdownIt, { type Token } from "markdown-it";
import { escapeHtml } from "./html.ts";

export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

export interface RenderedMarkdown {
  readonly html: string;
  readonly headings: readonly Heading[];
}

export interface MarkdownOptions {
  /** The figure that stands where the text says `![…](chart:id)`, alone in a paragraph; nothing for an id that is not known. */
  chart(id: string): string | undefined;
}

const LINK = /^(?:https?:\/\/|mailto:|#)/i;
const CHART = /^chart:([a-z][a-z0-9-]*)$/;
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/;
const REMOTE = /^https?:\/\//i;
const MAX_NESTING = 50;

export function renderMarkdown(markdown: string, options: MarkdownOptions): RenderedMarkdown {
  const engine = new MarkdownIt({ html: false, linkify: false, typographer: false, maxNesting: MAX_NESTING });
  const headings: Heading[] = [];
  engine.validateLink = (address) => LINK.test(address) || CHART.test(address) || INLINE_IMAGE.test(address);
  engine.core.ruler.push("report", ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type === "heading_open") nameHeading(token, tokens[index + 1], headings);
      if (token.type === "inline" && tokens[index - 1]?.type === "paragraph_open") liftChart(tokens, index, options);
    }
  });
  const { rules } = engine.renderer;
  rules["chart"] = (tokens, index) => tokens[index]?.content ?? "";
  rules["image"] = (tokens, index) => imageHtml(tokens[index]);
  rules["link_open"] = (tokens, index, _options, _env, self) => {
    const token = tokens[index];
    if (token === undefined) return "";
    if (!LINK.test(String(token.attrGet("href") ?? ""))) token.attrs = [];
    else token.attrSet("rel", "noopener noreferrer nofollow");
    return self.renderToken(tokens, index, engine.options);
  };
  const fence = rules["fence"];
  rules["fence"] = (tokens, index, ...rest) => {
    const token = tokens[index];
    if (token?.info.trim() === "diff") return diffHtml(token.content);
    return fence?.(tokens, index, ...rest) ?? "";
  };
  rules["table_open"] = () => '<div class="table"><table>\n';
  rules["table_close"] = () => "</table></div>\n";
  for (const cell of ["th_open", "td_open"]) {
    rules[cell] = (tokens, index, _options, _env, self) => {
      alignByClass(tokens[index]);
      return self.renderToken(tokens, index, engine.options);
    };
  }
  return { html: engine.render(markdown), headings };
}

const DIFF_CLASSES: Readonly<Record<string, string>> = { "+": "added", "-": "removed", "@": "place" };

/** Lines that came and went are told apart by their sign, and by colour where there is one; long ones wrap. */
function diffHtml(text: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const spans = lines.map((line) => `<span class="${DIFF_CLASSES[line[0] ?? ""] ?? "same"}">${escapeHtml(line)}\n</span>`);
  return `<pre class="diff"><code>${spans.join("")}</code></pre>\n`;
}

/** Gives a heading an id of its own, with a prefix so that it is never the name of something a browser knows. */
function nameHeading(open: Token, inline: Token | undefined, headings: Heading[]): void {
  const text = plainText(inline);
  const slug = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  const base = `s-${slug === "" ? "section" : slug}`;
  const taken = headings.filter(({ id }) => id === base || id.startsWith(`${base}--`)).length;
  const id = taken === 0 ? base : `${base}--${taken + 1}`;
  open.attrSet("id", id);
  headings.push({ level: Number(open.tag.slice(1)), id, text });
}

function plainText(inline: Token | undefined): string {
  return (inline?.children ?? [])
    .map((child) => (child.type === "softbreak" ? " " : child.content))
    .join("")
    .trim();
}

/** A paragraph of nothing but one chart becomes the figure. */
function liftChart(tokens: readonly Token[], index: number, options: MarkdownOptions): void {
  const [open, inline, close] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  const [only, ...others] = inline?.children ?? [];
  const id = only?.type === "image" && others.length === 0 ? CHART.exec(sourceOf(only))?.[1] : undefined;
  const figure = id === undefined ? undefined : options.chart(id);
  if (figure === undefined || open === undefined || inline === undefined || close === undefined) return;
  open.hidden = true;
  close.hidden = true;
  inline.type = "chart";
  inline.content = figure;
  inline.children = null;
}

function sourceOf(token: Token | undefined): string {
  return String(token?.attrGet("src") ?? "");
}

/** Only a picture inside the text itself is shown; a remote one becomes a link, and everything else its description. */
function imageHtml(token: Token | undefined): string {
  const [source, description] = [sourceOf(token), escapeHtml(token?.children?.map((child) => child.content).join("") ?? "")];
  const chart = CHART.exec(source)?.[1];
  if (chart !== undefined) return `<a href="#chart-${chart}">${description}</a>`;
  if (INLINE_IMAGE.test(source)) return `<img src="${source}" alt="${description}">`;
  if (REMOTE.test(source))
    return `<a href="${escapeHtml(source)}" rel="noopener noreferrer nofollow">${description === "" ? "image" : `image: ${description}`}</a>`;
  return description;
}

/** The page's policy allows no style attribute. */
function alignByClass(token: Token | undefined): void {
  const alignment = /text-align:\s*(right|center)/.exec(String(token?.attrGet("style") ?? ""))?.[1];
  if (token === undefined || token.attrs === null) return;
  token.attrs = alignment === undefined ? [] : [["class", alignment]];
}

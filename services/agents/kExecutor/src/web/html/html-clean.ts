// An HTML text made small and harmless before a tree is built of it: no script, style or frame, no attribute without use, bounded depth and length, every
// address absolute. What is taken away is nothing a reader would miss.

import { pageAddress } from "../address/page-address.ts";
import { SILENT_ELEMENTS } from "./html-names.ts";
import { type HtmlExcess, walkHtml } from "./html-walk.ts";

export interface CleanHtml {
  readonly html: string;
  readonly elements: number;
  /** Why a part is missing. */
  readonly excess: HtmlExcess | "too_long" | undefined;
}

const MAX_ELEMENTS = 20_000;
/** A tree has a piece of text for each character reference. */
const MAX_REFERENCES = 20_000;
/** Browsers nest no deeper than 512; what lies deeper keeps its text and loses its tags. */
const MAX_DEPTH = 200;
const MAX_CHARS = 4_194_304;
const MAX_ATTRIBUTE_CHARS = 2048;

const VOID: ReadonlySet<string> = new Set([
  "area",
  "base",
  "br",
  "col",
  "embed",
  "hr",
  "img",
  "input",
  "link",
  "meta",
  "param",
  "source",
  "track",
  "wbr",
]);
/** Not even as an empty element. */
const DROPPED: ReadonlySet<string> = new Set([
  "base",
  "embed",
  "input",
  "link",
  "param",
  "source",
  "track",
  "area",
  "frame",
  "frameset",
  "button",
  "dialog",
]);
/** What the reader looks at, and what Markdown can say. */
const KEPT: ReadonlySet<string> = new Set([
  "alt",
  "class",
  "content",
  "datetime",
  "dir",
  "id",
  "itemprop",
  "itemtype",
  "lang",
  "name",
  "property",
  "rel",
  "role",
  "title",
  "colspan",
]);
const ADDRESSES: ReadonlySet<string> = new Set(["href", "src"]);

/** `base`: the address of the page; relative addresses stay out where there is none. */
export async function cleanHtml(html: string, base: string | undefined): Promise<CleanHtml> {
  const parts: string[] = [];
  /** For each open element whether its tags are kept. */
  const open: boolean[] = [];
  let [silent, depth, elements, length, references] = [0, 0, 0, 0, 0];
  let resolved = base;
  let isFull = false;
  const push = (part: string) => {
    length += part.length;
    if (length > MAX_CHARS) isFull = true;
    else parts.push(part);
  };
  const excess = await walkHtml(html, {
    open(name, attributes) {
      if (name === "base" && attributes["href"] !== undefined && base !== undefined)
        resolved = pageAddress(attributes["href"], base) ?? base;
      const isKept = silent === 0 && !DROPPED.has(name) && !SILENT_ELEMENTS.has(name) && depth < MAX_DEPTH && elements < MAX_ELEMENTS;
      if (SILENT_ELEMENTS.has(name)) silent += 1;
      open.push(isKept);
      if (!isKept) return;
      elements += 1;
      depth += 1;
      push(`<${name}${attributesOf(attributes, resolved)}>`);
    },
    text(text) {
      if (silent > 0 || isFull) return;
      const escaped = escapeText(text);
      if (escaped !== text && ++references > MAX_REFERENCES) isFull = true;
      else push(escaped);
    },
    close(name) {
      const isKept = open.pop() === true;
      if (SILENT_ELEMENTS.has(name)) silent -= 1;
      if (!isKept) return;
      depth -= 1;
      if (!VOID.has(name)) push(`</${name}>`);
    },
  });
  return { html: parts.join(""), elements, excess: excess ?? (isFull || elements >= MAX_ELEMENTS ? "too_long" : undefined) };
}

function attributesOf(attributes: Readonly<Record<string, string>>, base: string | undefined): string {
  let text = "";
  for (const [name, value] of Object.entries(attributes)) {
    if (value.length > MAX_ATTRIBUTE_CHARS) continue;
    if (KEPT.has(name)) text += ` ${name}="${escapeText(value)}"`;
    if (!ADDRESSES.has(name)) continue;
    const address = addressOf(value, base);
    if (address !== undefined) text += ` ${name}="${escapeText(address)}"`;
  }
  return text;
}

/** A place within the page stays one; scripts and data are no address. */
function addressOf(value: string, base: string | undefined): string | undefined {
  const trimmed = value.trim();
  if (/^mailto:[^\s<>]+$/i.test(trimmed)) return trimmed;
  const hash = trimmed.indexOf("#");
  const address = pageAddress(trimmed, base ?? trimmed);
  return address === undefined ? undefined : address + (hash > 0 ? trimmed.slice(hash) : "");
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

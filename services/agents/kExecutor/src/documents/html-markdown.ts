// HTML into Markdown that can do nothing: no script, no frame, no raw HTML, no picture, no address but those a person may follow [R95].
// The parser is linkedom, the writer turndown (markdown-writer.ts); both run only in the agent's process and are loaded when first needed.

import type { DocumentWarning } from "./document-content.ts";
import type { DomDocument, DomElement, DomNode } from "./dom.ts";
import { htmlParts } from "./html-parts.ts";
import { markdownWriter } from "./markdown-writer.ts";

export interface HtmlFacts {
  readonly markdown: string;
  readonly title: string | undefined;
  readonly language: string | undefined;
  /** `meta` elements by name or property, lower case. */
  readonly meta: ReadonlyMap<string, string>;
  readonly warnings: readonly DocumentWarning[];
}

/** Deeper than browsers nest (Blink and WebKit stop at 512); what lies deeper is kept as text. */
const MAX_DEPTH = 256;
const ACTIVE = "script, iframe, object, embed, applet, frame, frameset, form, portal";
const SILENT =
  "style, title, template, noscript, noframes, svg, math, head, canvas, audio, video, map, select, textarea, button, datalist, [hidden]";

export async function htmlToMarkdown(html: string): Promise<HtmlFacts> {
  const { parseHTML } = await import("linkedom");
  // The parser adds neither html nor body where they are left out, as HTML allows.
  const whole = /<html[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`;
  const { document } = parseHTML(whole) as unknown as { readonly document: DomDocument };
  const warnings: DocumentWarning[] = [];
  const meta = new Map<string, string>();
  for (const element of document.querySelectorAll("meta")) {
    const name = element.getAttribute("name") ?? element.getAttribute("property");
    const content = element.getAttribute("content");
    if (name !== null && content !== null && !meta.has(name.toLowerCase())) meta.set(name.toLowerCase(), content);
  }
  const title = document.querySelector("title")?.textContent ?? undefined;
  const language =
    document.querySelector("html")?.getAttribute("lang") ?? document.querySelector("html")?.getAttribute("xml:lang") ?? undefined;

  const active = [...document.querySelectorAll(ACTIVE)].filter((element) => element.nodeName !== "FORM");
  if (active.length > 0) {
    const kinds = [...new Set(active.map((element) => element.nodeName.toLowerCase()))].sort().join(", ");
    warnings.push({ code: "active_content", message: `It holds active content, which was left out: ${kinds}.` });
  }
  for (const element of [...active, ...document.querySelectorAll(SILENT)]) element.remove();
  const root = document.querySelector("body") ?? document.querySelector("html");
  if (root === null) return { markdown: "", title, language, meta, warnings };
  if (flatten(root)) warnings.push({ code: "simplified", message: `Elements nested deeper than ${MAX_DEPTH} were kept as plain text.` });
  const write = await markdownWriter();
  const markdown = htmlParts(document, root)
    .map(write)
    .filter((part) => part !== "")
    .join("\n\n");
  return { markdown, title, language, meta, warnings };
}

/** Turns what is nested too deep into text; true where there was any. Without recursion: the depth is the attacker's to choose. */
function flatten(root: DomElement): boolean {
  let depth = 0;
  let found = false;
  let node: DomNode | null = root;
  while (node !== null) {
    if (depth >= MAX_DEPTH && node.firstChild !== null && node.firstChild.nodeType === 1) {
      found = true;
      node.textContent = node.textContent ?? "";
    }
    if (node.firstChild !== null && node.nodeType === 1) {
      node = node.firstChild;
      depth += 1;
      continue;
    }
    while (node !== null && node !== root && node.nextSibling === null) {
      node = node.parentNode;
      depth -= 1;
    }
    node = node === null || node === root ? null : node.nextSibling;
  }
  return found;
}

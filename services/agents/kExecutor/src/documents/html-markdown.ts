// HTML into Markdown that can do nothing: no script, no frame, no raw HTML, no picture, no address but those a person may follow [R95].
// The parser is linkedom, the writer turndown; both run only in the agent's process and are loaded when first needed.

import type TurndownService from "turndown";
import type { DocumentWarning } from "./document-content.ts";

export interface HtmlFacts {
  readonly markdown: string;
  readonly title: string | undefined;
  readonly language: string | undefined;
  /** `meta` elements by name or property, lower case. */
  readonly meta: ReadonlyMap<string, string>;
  readonly warnings: readonly DocumentWarning[];
}

/** The little of the DOM that is used: linkedom's own types are those of a browser, which this package does not have. */
interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly parentNode: DomNode | null;
  readonly firstChild: DomNode | null;
  readonly nextSibling: DomNode | null;
  textContent: string | null;
}
interface DomElement extends DomNode {
  readonly children: ArrayLike<DomElement>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  closest(selector: string): DomElement | null;
  remove(): void;
}

/** Deeper than browsers nest (Blink and WebKit stop at 512); what lies deeper is kept as text. */
const MAX_DEPTH = 256;
const MAX_COLUMNS = 100;
const ACTIVE = "script, iframe, object, embed, applet, frame, frameset, form, portal";
const SILENT =
  "style, title, template, noscript, noframes, svg, math, head, canvas, audio, video, map, select, textarea, button, datalist, [hidden]";
const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:|tel:|#|[^:]*$)/i;

export async function htmlToMarkdown(html: string): Promise<HtmlFacts> {
  const { parseHTML } = await import("linkedom");
  // The parser adds neither html nor body where they are left out, as HTML allows.
  const whole = /<html[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`;
  const { document } = parseHTML(whole) as unknown as { readonly document: DomElement };
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
  const service = await markdownWriter();
  const markdown = service.turndown(root as unknown as TurndownService.Node).trim();
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

async function markdownWriter(): Promise<TurndownService> {
  const { default: Turndown } = await import("turndown");
  const service = new Turndown({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-", emDelimiter: "*", hr: "---" });
  const escapeMarks = service.escape.bind(service);
  service.escape = (text) => escapeMarks(text).replace(/[<&|~]/g, "\\$&");
  service.addRule("link", {
    filter: "a",
    replacement(content, node) {
      const address = ((node as unknown as DomElement).getAttribute("href") ?? "").trim();
      const text = content.trim().replace(/\s+/g, " ");
      if (text === "") return content;
      if (address === "" || !SAFE_ADDRESS.test(address) || address.startsWith("#")) return content;
      return `[${text}](<${encodeAddress(address)}>)`.replace(/\(<([^\s()<>]*)>\)$/, "($1)");
    },
  });
  service.addRule("picture", {
    filter: "img",
    replacement: (_content, node) =>
      service.escape(((node as unknown as DomElement).getAttribute("alt") ?? "").replace(/\s+/g, " ").trim()),
  });
  service.addRule("struck", { filter: ["del", "s"], replacement: (content) => (content.trim() === "" ? content : `~~${content}~~`) });
  addTables(service);
  return service;
}

/** Neither angle bracket, space nor control character can end the address early. */
function encodeAddress(address: string): string {
  return address.replace(/[<>\s\\\p{Cc}]/gu, (char) => encodeURIComponent(char));
}

/** Tables of GitHub Flavored Markdown, section 4.10: one line a row, the first row as header, cells of one line. */
function addTables(service: TurndownService): void {
  const columns = new WeakMap<object, number>();
  const columnsOf = (table: DomElement): number => {
    const known = columns.get(table);
    if (known !== undefined) return known;
    const widths = [...table.querySelectorAll("tr")].map((row) => row.children.length);
    const most = Math.min(
      MAX_COLUMNS,
      widths.reduce((one, other) => Math.max(one, other), 1),
    );
    columns.set(table, most);
    return most;
  };
  service.addRule("cell", {
    filter: ["td", "th"],
    replacement: (content) =>
      ` ${content
        .trim()
        .replace(/\s*\n\s*/g, " ")
        .replace(/(?<!\\)\|/g, "\\|")} |`,
  });
  service.addRule("row", {
    filter: "tr",
    replacement(content, node) {
      const row = node as unknown as DomElement;
      const table = row.closest("table");
      if (table === null) return content;
      const width = columnsOf(table);
      const line = `|${content.replace(/\n/g, " ")}${"  |".repeat(Math.max(0, width - row.children.length))}`;
      const isFirst = table.querySelector("tr") === row;
      return isFirst ? `${line}\n|${" --- |".repeat(width)}\n` : `${line}\n`;
    },
  });
  service.addRule("rows", { filter: ["thead", "tbody", "tfoot"], replacement: (content) => content });
  service.addRule("caption", { filter: "caption", replacement: (content) => `${content.trim().replace(/\s+/g, " ")}\n\n` });
  service.addRule("table", { filter: "table", replacement: (content) => `\n\n${content.trim()}\n\n` });
}

// HTML elements into Markdown by turndown, with rules of our own where its are too trusting: addresses, pictures, raw HTML, tables.

import type TurndownService from "turndown";
import type { DomElement, DomNode } from "./dom.ts";

const MAX_COLUMNS = 100;
/** http, https, mailto, telephone, and relative ones: no scheme before the first colon. */
const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:|tel:|#|[^:]*$)/i;

/** Writes the content of an element; the element itself is only its frame. */
export async function markdownWriter(): Promise<(element: DomElement) => string> {
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
    replacement: (_content, node) => service.escape((node.getAttribute("alt") ?? "").replace(/\s+/g, " ").trim()),
  });
  service.addRule("struck", { filter: ["del", "s"], replacement: (content) => (content.trim() === "" ? content : `~~${content}~~`) });
  addTables(service);
  return (element) => service.turndown(element).trim();
}

/** Neither angle bracket, space nor control character can end the address early. */
function encodeAddress(address: string): string {
  return address.replace(/[<>\s\\\p{Cc}]/gu, (char) => encodeURIComponent(char));
}

interface TableShape {
  readonly columns: number;
  readonly firstRow: DomElement | undefined;
}

/** Tables of GitHub Flavored Markdown, section 4.10: one line a row, the first row as header, cells of one line. */
function addTables(service: TurndownService): void {
  const shapes = new WeakMap<DomNode, TableShape>();
  const shapeOf = (table: DomElement): TableShape => {
    const known = shapes.get(table);
    if (known !== undefined) return known;
    const rows = [...table.querySelectorAll("tr")];
    const widest = rows.reduce((most, row) => Math.max(most, row.children.length), 1);
    const shape = { columns: Math.min(MAX_COLUMNS, widest), firstRow: rows[0] };
    shapes.set(table, shape);
    return shape;
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
      const table = tableOf(row);
      if (table === undefined) return content;
      const { columns, firstRow } = shapeOf(table);
      const line = `|${content.replace(/\n/g, " ")}${"  |".repeat(Math.max(0, columns - row.children.length))}`;
      return firstRow === row ? `${line}\n|${" --- |".repeat(columns)}\n` : `${line}\n`;
    },
  });
  service.addRule("rows", { filter: ["thead", "tbody", "tfoot"], replacement: (content) => content });
  service.addRule("caption", { filter: "caption", replacement: (content) => `${content.trim().replace(/\s+/g, " ")}\n\n` });
  service.addRule("table", { filter: "table", replacement: (content) => `\n\n${content.trim()}\n\n` });
}

function tableOf(row: DomElement): DomElement | undefined {
  for (let node = row.parentNode; node !== null; node = node.parentNode) if (node.nodeName === "TABLE") return node as DomElement;
  return undefined;
}

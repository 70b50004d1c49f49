// The content of an OpenDocument text as simple HTML. OpenDocument 1.3, part 3: chapters 5 (text), 9 (tables), 14 (annotations, left out).

import { readXml } from "../source/safe-xml.ts";
import { escapeXml } from "./document-zip.ts";

export const OPEN_DOCUMENT = new Map([
  ["urn:oasis:names:tc:opendocument:xmlns:office:1.0", "office"],
  ["urn:oasis:names:tc:opendocument:xmlns:text:1.0", "text"],
  ["urn:oasis:names:tc:opendocument:xmlns:table:1.0", "table"],
  ["urn:oasis:names:tc:opendocument:xmlns:drawing:1.0", "draw"],
  ["urn:oasis:names:tc:opendocument:xmlns:meta:1.0", "meta"],
  ["urn:oasis:names:tc:opendocument:xmlns:manifest:1.0", "manifest"],
  ["urn:oasis:names:tc:opendocument:xmlns:style:1.0", "style"],
  ["urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0", "fo"],
  ["http://www.w3.org/1999/xlink", "xlink"],
  ["http://purl.org/dc/elements/1.1/", "dc"],
]);

/** Elements whose whole content is no text of the document. */
const SILENT: ReadonlySet<string> = new Set([
  "office:annotation",
  "office:annotation-end",
  "office:forms",
  "office:scripts",
  "office:font-face-decls",
  "office:automatic-styles",
  "text:tracked-changes",
  "text:sequence-decls",
  "text:note-citation",
  "table:shapes",
]);
/** Repeat counts are the file's to choose; nobody reads more blanks or equal cells than these. */
const MAX_SPACES = 100;
const MAX_REPEATED_CELLS = 100;
const MAX_CHARS = 40_000_000;

/** Throws what `readXml` throws, and RangeError beyond 40 million characters. */
export function odtHtml(contentXml: string): string {
  const pieces: string[] = [];
  let length = 0;
  const put = (piece: string): void => {
    length += piece.length;
    if (length > MAX_CHARS) throw new RangeError("the text is too long");
    pieces.push(piece);
  };
  let silentDepth = 0;
  let bodyDepth = 0;
  const closing: string[] = [];
  readXml(contentXml, OPEN_DOCUMENT, {
    open(name, attributes) {
      if (silentDepth > 0 || SILENT.has(name)) silentDepth += 1;
      else if (name === "office:text") bodyDepth += 1;
      const tags = silentDepth === 0 && bodyDepth > 0 ? tagsOf(name, attributes) : NO_TAGS;
      put(tags.open);
      closing.push(tags.close);
    },
    text(text) {
      if (silentDepth === 0 && bodyDepth > 0) put(escapeXml(text));
    },
    close(name) {
      put(closing.pop() ?? "");
      if (silentDepth > 0) silentDepth -= 1;
      else if (name === "office:text") bodyDepth -= 1;
    },
  });
  return `<!doctype html><html><body>${pieces.join("")}</body></html>`;
}

interface Tags {
  readonly open: string;
  readonly close: string;
}

const NO_TAGS: Tags = { open: "", close: "" };

function tagsOf(name: string, attributes: ReadonlyMap<string, string>): Tags {
  switch (name) {
    case "text:h": {
      const level = Math.min(6, Math.max(1, Math.trunc(Number(attributes.get("text:outline-level")) || 1)));
      return element(`h${level}`);
    }
    case "text:p":
      return element("p");
    case "text:list":
      return element("ul");
    case "text:list-item":
    case "text:list-header":
      return element("li");
    case "text:a":
      return { open: `<a href="${escapeXml(attributes.get("xlink:href") ?? "")}">`, close: "</a>" };
    case "text:s":
      return { open: " ".repeat(bounded(attributes.get("text:c"), MAX_SPACES)), close: "" };
    case "text:tab":
      return { open: " ", close: "" };
    case "text:line-break":
      return { open: "<br>", close: "" };
    case "text:note-body":
      return { open: " (", close: ") " };
    case "table:table":
      return element("table");
    case "table:table-row":
      return element("tr");
    case "table:table-cell":
    case "table:covered-table-cell":
      return {
        open: "<td>".concat("</td><td>".repeat(bounded(attributes.get("table:number-columns-repeated"), MAX_REPEATED_CELLS) - 1)),
        close: "</td>",
      };
    default:
      return NO_TAGS;
  }
}

function element(name: string): Tags {
  return { open: `<${name}>`, close: `</${name}>` };
}

function bounded(count: string | undefined, most: number): number {
  const number = Math.trunc(Number(count ?? 1));
  return Number.isFinite(number) ? Math.min(most, Math.max(1, number)) : 1;
}

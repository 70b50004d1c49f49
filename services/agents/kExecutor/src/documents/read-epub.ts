// EPUB 2 and 3: the documents of its spine, in order.

import { posix } from "node:path";
import { readXml, xmlProperties } from "../source/safe-xml.ts";
import type { Source } from "../source/source.ts";
import { parsing, unreadable } from "../source/unreadable.ts";
import { throwIfAborted } from "../task-error.ts";
import { decodeXml } from "./charset.ts";
import type { DocumentContent, DocumentWarning, ReadingContext } from "./document-content.ts";
import { type DocumentZip, DUBLIN_CORE, openDocumentZip, parsingXml } from "./document-zip.ts";
import { htmlToMarkdown } from "./html-markdown.ts";
import { outlineMarkdown } from "./markdown-outline.ts";

const WHAT = "The EPUB";
const NAMES = new Map([
  ...DUBLIN_CORE,
  ["urn:oasis:names:tc:opendocument:xmlns:container", "container"],
  ["http://www.idpf.org/2007/opf", "opf"],
  ["http://www.w3.org/2001/04/xmlenc#", "enc"],
]);
const MAX_CHAPTERS = 5000;
const MAX_CHARS = 40_000_000;
const SILENT = { open: () => {}, text: () => {}, close: () => {} };

export async function readEpub(source: Source, context: ReadingContext): Promise<DocumentContent> {
  const { at } = context;
  const zip = await openDocumentZip(source, WHAT, context.signal);
  const opfName = await parsingXml(WHAT, at, async () => packageName(await zip.xml("META-INF/container.xml")));
  const opf = await zip.xml(opfName);
  if (opf === "") throw unreadable("broken", at, `${WHAT} has no package document.`, "Repair it with the program that made it.");
  const properties = await parsingXml(WHAT, at, () => xmlProperties(opf, NAMES));
  const chapters = await parsingXml(WHAT, at, () => spineOf(opf, posix.dirname(opfName)));
  await parsingXml(WHAT, at, async () => refuseEncrypted(await zip.xml("META-INF/encryption.xml"), chapters, at));
  const { markdown, warnings } = await readChapters(zip, chapters, context);
  const outline = outlineMarkdown(markdown);
  return {
    markdown,
    ...outline,
    title: properties.get("dc:title") ?? outline.headings[0]?.text,
    author: properties.get("dc:creator"),
    language: properties.get("dc:language"),
    metadata: {
      description: properties.get("dc:description"),
      keywords: properties.get("dc:subject"),
      publisher: properties.get("dc:publisher"),
      date: properties.get("dc:date"),
      identifier: properties.get("dc:identifier"),
      rights: properties.get("dc:rights"),
    },
    warnings,
  };
}

function packageName(container: string): string {
  let name: string | undefined;
  if (container !== "") {
    readXml(container, NAMES, {
      ...SILENT,
      open: (element, attributes) => void (element === "container:rootfile" && (name ??= attributes.get("full-path"))),
    });
  }
  if (name === undefined) throw new Error("there is no rootfile");
  return name;
}

/** Names in the container of the documents of the spine. */
function spineOf(opf: string, folder: string): readonly string[] {
  const items = new Map<string, string>();
  const order: string[] = [];
  readXml(opf, NAMES, {
    ...SILENT,
    open(name, attributes) {
      const [id, href, idref] = [attributes.get("id"), attributes.get("href"), attributes.get("idref")];
      const isText = /^(?:application\/xhtml\+xml|text\/html|application\/x-dtbook\+xml)$/.test(attributes.get("media-type") ?? "");
      if (name === "opf:item" && id !== undefined && href !== undefined && isText) items.set(id, href);
      if (name === "opf:itemref" && idref !== undefined && order.length < MAX_CHAPTERS) order.push(idref);
    },
  });
  return order.flatMap((id) => {
    const href = items.get(id)?.split("#")[0];
    return href === undefined || href === "" ? [] : [posix.join(folder, decoded(href))];
  });
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch (error) {
    if (error instanceof URIError) return href;
    throw error;
  }
}

/** Fonts may be obfuscated; a text that is encrypted means copy protection. */
function refuseEncrypted(encryption: string, chapters: readonly string[], at: string): void {
  if (encryption === "") return;
  const texts = new Set(chapters);
  readXml(encryption, NAMES, {
    ...SILENT,
    open(name, attributes) {
      const uri = name === "enc:CipherReference" ? attributes.get("URI") : undefined;
      if (uri === undefined || !texts.has(decoded(uri))) return;
      throw unreadable("encrypted", at, `${WHAT} is copy-protected.`, "Only the program it was bought for can open it.");
    },
  });
}

async function readChapters(
  zip: DocumentZip,
  chapters: readonly string[],
  context: ReadingContext,
): Promise<{ readonly markdown: string; readonly warnings: readonly DocumentWarning[] }> {
  const parts: string[] = [];
  const warnings = new Map<string, DocumentWarning>();
  const missing: string[] = [];
  let characters = 0;
  for (const [index, name] of chapters.entries()) {
    throwIfAborted(context.signal);
    const content = await zip.bytes(name);
    if (content === undefined) {
      missing.push(name);
      continue;
    }
    const facts = await parsing(`${WHAT}'s chapter ${JSON.stringify(name.slice(0, 200))}`, context.at, () =>
      htmlToMarkdown(asHtml(decodeXml(content))),
    );
    for (const warning of facts.warnings) warnings.set(warning.message, warning);
    if (facts.markdown !== "") parts.push(facts.markdown);
    characters += facts.markdown.length;
    if (characters > MAX_CHARS) throw new RangeError("the text is too long");
    context.progress({ done: index + 1, total: chapters.length, message: "reading chapters" });
  }
  if (missing.length > 0) {
    const message = `${missing.length} chapters are missing: ${missing.slice(0, 5).join(", ")}.`;
    warnings.set(message, { code: "part_unreadable", message });
  }
  return { markdown: parts.join("\n\n"), warnings: [...warnings.values()] };
}

const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;

/** XHTML closes empty elements in the tag, which HTML takes for an open one. */
function asHtml(xhtml: string): string {
  return xhtml.replace(/<([A-Za-z][\w:-]*)((?:\s[^<>]*)?)\/>/g, (whole, name: string, rest: string) =>
    VOID.test(name) ? whole : `<${name}${rest}></${name}>`,
  );
}

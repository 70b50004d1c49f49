// OpenDocument texts (ODT, and its templates).

import { readXml, xmlProperties } from "../source/safe-xml.ts";
import type { Source } from "../source/source.ts";
import { parsing, unreadable } from "../source/unreadable.ts";
import type { DocumentContent, DocumentWarning, ReadingContext } from "./document-content.ts";
import { type DocumentZip, openDocumentZip, parsingXml } from "./document-zip.ts";
import { htmlToMarkdown } from "./html-markdown.ts";
import { outlineMarkdown } from "./markdown-outline.ts";
import { OPEN_DOCUMENT, odtHtml } from "./odt-html.ts";

const WHAT = "The OpenDocument text";

export async function readOdt(source: Source, context: ReadingContext): Promise<DocumentContent> {
  const { at } = context;
  const zip = await openDocumentZip(source, WHAT, context.signal);
  await parsingXml(WHAT, at, async () => refuseEncrypted(await zip.xml("META-INF/manifest.xml"), at));
  const content = await zip.xml("content.xml");
  if (content === "") throw unreadable("broken", at, `${WHAT} has no content.xml.`, "Open it in its own program and save it again.");
  const html = await parsingXml(WHAT, at, () => odtHtml(content));
  const facts = await parsingXml(WHAT, at, () => documentFacts(zip));
  const { markdown, warnings } = await parsing(WHAT, at, () => htmlToMarkdown(html));
  const outline = outlineMarkdown(markdown);
  return { ...facts, markdown, ...outline, title: facts.title ?? outline.headings[0]?.text, warnings: [...facts.warnings, ...warnings] };
}

/** Part 2 of the standard, 4.4: encrypted parts carry `manifest:encryption-data`; since 1.4 the whole is one part named `encrypted-package`. */
function refuseEncrypted(manifest: string, at: string): void {
  if (manifest === "") return;
  readXml(manifest, OPEN_DOCUMENT, {
    open(name) {
      if (name !== "manifest:encryption-data") return;
      throw unreadable("encrypted", at, `${WHAT} is encrypted with a password.`, "Save it without one, then try again.");
    },
    text: () => {},
    close: () => {},
  });
}

type OdtFacts = Pick<DocumentContent, "title" | "author" | "language" | "pages" | "metadata" | "warnings">;

async function documentFacts(zip: DocumentZip): Promise<OdtFacts> {
  const xml = await zip.xml("meta.xml");
  const properties = xml === "" ? new Map<string, string>() : xmlProperties(xml, OPEN_DOCUMENT);
  const pages = pageCount(xml);
  const warnings: DocumentWarning[] = [];
  const names = [...zip.names];
  if (names.some((name) => /^(?:Basic|Scripts)\//.test(name))) {
    warnings.push({ code: "active_content", message: "It holds macros, which were not run." });
  }
  const embedded = new Set(names.flatMap((name) => /^(Object \d+)\//.exec(name)?.slice(1) ?? []));
  if (embedded.size > 0)
    warnings.push({ code: "embedded_files", message: `It holds ${embedded.size} embedded objects, which were not opened.` });
  return {
    title: properties.get("dc:title"),
    author: properties.get("dc:creator") ?? properties.get("meta:initial-creator"),
    language: properties.get("dc:language") ?? (await defaultLanguage(zip)),
    pages,
    metadata: {
      description: properties.get("dc:description") ?? properties.get("dc:subject"),
      keywords: properties.get("meta:keyword"),
      created: properties.get("meta:creation-date"),
      modified: properties.get("dc:date"),
      generator: properties.get("meta:generator"),
    },
    warnings,
  };
}

function pageCount(metaXml: string): number | undefined {
  let pages: number | undefined;
  if (metaXml === "") return undefined;
  readXml(metaXml, OPEN_DOCUMENT, {
    open(name, attributes) {
      const count = Number(attributes.get("meta:page-count"));
      if (name === "meta:document-statistic" && Number.isSafeInteger(count) && count > 0) pages = count;
    },
    text: () => {},
    close: () => {},
  });
  return pages;
}

/** Of the default paragraph style. */
async function defaultLanguage(zip: DocumentZip): Promise<string | undefined> {
  const styles = await zip.xml("styles.xml");
  let language: string | undefined;
  if (styles === "") return undefined;
  readXml(styles, OPEN_DOCUMENT, {
    open(name, attributes) {
      const code = attributes.get("fo:language");
      if (name !== "style:text-properties" || code === undefined || code === "none" || language !== undefined) return;
      const country = attributes.get("fo:country");
      language = country === undefined || country === "none" ? code : `${code}-${country}`;
    },
    text: () => {},
    close: () => {},
  });
  return language;
}

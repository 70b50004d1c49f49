// DOCX (ECMA-376), read by mammoth from a copy that holds only its XML parts, already unpacked within bounds.

import { readXml, xmlProperties } from "../source/safe-xml.ts";
import type { Source } from "../source/source.ts";
import { parsing } from "../source/unreadable.ts";
import type { DocumentContent, DocumentWarning, ReadingContext } from "./document-content.ts";
import { type DocumentZip, DUBLIN_CORE, openDocumentZip, parsingXml } from "./document-zip.ts";
import { htmlToMarkdown } from "./html-markdown.ts";
import { outlineMarkdown } from "./markdown-outline.ts";

const WHAT = "The Word document";
const NAMES = new Map([
  ...DUBLIN_CORE,
  ["http://schemas.openxmlformats.org/package/2006/metadata/core-properties", "cp"],
  ["http://schemas.openxmlformats.org/officeDocument/2006/extended-properties", "app"],
  ["http://schemas.openxmlformats.org/wordprocessingml/2006/main", "w"],
  ["http://schemas.openxmlformats.org/package/2006/relationships", "rel"],
]);
/** Parts that mammoth reads; no pictures, no fonts, no macros. */
const PARTS = /^(?:\[Content_Types\]\.xml|_rels\/\.rels|word\/(?:_rels\/)?[\w.-]+\.(?:xml|rels))$/;

export async function readDocx(source: Source, context: ReadingContext): Promise<DocumentContent> {
  const { at } = context;
  const zip = await openDocumentZip(source, WHAT, context.signal);
  const parts: Record<string, Uint8Array> = {};
  for (const name of zip.names) {
    const content = PARTS.test(name) ? await zip.bytes(name) : undefined;
    if (content !== undefined) parts[name] = content;
  }
  const facts = await parsingXml(WHAT, at, async () => {
    for (const part of Object.values(parts)) readXml(new TextDecoder().decode(part), NAMES, SILENT);
    return documentFacts(zip, parts);
  });
  const html = await parsing(WHAT, at, () => convert(parts));
  const { markdown, warnings } = await parsing(WHAT, at, () => htmlToMarkdown(html));
  const outline = outlineMarkdown(markdown);
  return { ...facts, markdown, ...outline, title: facts.title ?? outline.headings[0]?.text, warnings: [...facts.warnings, ...warnings] };
}

const SILENT = { open: () => {}, text: () => {}, close: () => {} };

async function convert(parts: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const [{ default: mammoth }, { zipSync }] = await Promise.all([import("mammoth"), import("fflate")]);
  // Stored, not packed: nothing in it can unpack to more than it is.
  const buffer = Buffer.from(zipSync({ ...parts }, { level: 0 }));
  const { value } = await mammoth.convertToHtml(
    { buffer },
    { includeEmbeddedStyleMap: false, externalFileAccess: false, convertImage: mammoth.images.imgElement(async () => ({ src: "" })) },
  );
  return value;
}

type DocxFacts = Pick<DocumentContent, "title" | "author" | "language" | "pages" | "metadata" | "warnings">;

async function documentFacts(zip: DocumentZip, parts: Readonly<Record<string, Uint8Array>>): Promise<DocxFacts> {
  const core = propertiesOf(await zip.xml("docProps/core.xml"));
  const app = propertiesOf(await zip.xml("docProps/app.xml"));
  const pages = Number(app.get("app:Pages"));
  return {
    title: core.get("dc:title"),
    author: core.get("dc:creator"),
    language: core.get("dc:language") ?? languageOf(parts["word/styles.xml"]),
    pages: Number.isSafeInteger(pages) && pages > 0 ? pages : undefined,
    metadata: {
      description: core.get("dc:description") ?? core.get("dc:subject"),
      keywords: core.get("cp:keywords"),
      created: core.get("dcterms:created"),
      modified: core.get("dcterms:modified"),
      generator: app.get("app:Application"),
    },
    warnings: warningsOf(zip, parts),
  };
}

function propertiesOf(xml: string): ReadonlyMap<string, string> {
  return xml === "" ? new Map() : xmlProperties(xml, NAMES);
}

/** The default language of its styles. */
function languageOf(styles: Uint8Array | undefined): string | undefined {
  let language: string | undefined;
  if (styles !== undefined) {
    readXml(new TextDecoder().decode(styles), NAMES, {
      ...SILENT,
      open: (name, attributes) => void (name === "w:lang" && (language ??= attributes.get("w:val"))),
    });
  }
  return language;
}

function warningsOf(zip: DocumentZip, parts: Readonly<Record<string, Uint8Array>>): readonly DocumentWarning[] {
  const warnings: DocumentWarning[] = [];
  const names = [...zip.names];
  if (names.some((name) => /vbaProject\.bin$/i.test(name))) {
    warnings.push({ code: "active_content", message: "It holds macros, which were not run." });
  }
  const embedded = names.filter((name) => /^word\/(?:embeddings|activeX)\//.test(name));
  if (embedded.length > 0)
    warnings.push({ code: "embedded_files", message: `It holds ${embedded.length} embedded objects, which were not opened.` });
  const external = Object.entries(parts).flatMap(([name, content]) => (name.endsWith(".rels") ? externalTargets(content) : []));
  if (external.length > 0) {
    warnings.push({ code: "external_content", message: `It wants to load ${external.length} parts from elsewhere, which was not done.` });
  }
  return warnings;
}

/** What would be fetched when Word opens it: a template, a picture, a frame; hyperlinks are not. */
function externalTargets(relationships: Uint8Array): readonly string[] {
  const targets: string[] = [];
  readXml(new TextDecoder().decode(relationships), NAMES, {
    ...SILENT,
    open(_name, attributes) {
      const isLink = attributes.get("Type")?.endsWith("/hyperlink") === true;
      if (attributes.get("TargetMode") === "External" && !isLink) targets.push(attributes.get("Target") ?? "");
    },
  });
  return targets;
}

// Which format a document is in: its bytes decide, its name and its sender's word only choose between what bytes cannot tell apart.

import type { Source } from "../source/source.ts";
import { unreadable } from "../source/unreadable.ts";
import { openZip } from "../source/zip-container.ts";
import { byteOrderMark } from "./charset.ts";

export const DOCUMENT_FORMATS = ["markdown", "html", "pdf", "docx", "odt", "epub", "text"] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

export const MEDIA_TYPES: Readonly<Record<DocumentFormat, string>> = {
  markdown: "text/markdown",
  html: "text/html",
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  odt: "application/vnd.oasis.opendocument.text",
  epub: "application/epub+zip",
  text: "text/plain",
};

const EXTENSIONS: Readonly<Record<string, DocumentFormat>> = {
  md: "markdown",
  markdown: "markdown",
  mdown: "markdown",
  html: "html",
  htm: "html",
  xhtml: "html",
  pdf: "pdf",
  docx: "docx",
  docm: "docx",
  dotx: "docx",
  odt: "odt",
  ott: "odt",
  epub: "epub",
  txt: "text",
  text: "text",
  log: "text",
  rst: "text",
  adoc: "text",
};

export const DOCUMENT_EXTENSIONS: readonly string[] = Object.keys(EXTENSIONS);

/** What else there is, so that a refusal can say what it is instead. */
const OTHERS: readonly { readonly name: string; readonly at?: number; readonly bytes: string }[] = [
  { name: "a PNG image", bytes: "\x89PNG" },
  { name: "a JPEG image", bytes: "\xff\xd8\xff" },
  { name: "a GIF image", bytes: "GIF8" },
  { name: "a WebP image", at: 8, bytes: "WEBP" },
  { name: "a TIFF image", bytes: "II*\0" },
  { name: "a TIFF image", bytes: "MM\0*" },
  { name: "a RTF document", bytes: "{\\rtf" },
  { name: "a gzip archive", bytes: "\x1f\x8b" },
  { name: "a bzip2 archive", bytes: "BZh" },
  { name: "an xz archive", bytes: "\xfd7zXZ" },
  { name: "a zstd archive", bytes: "\x28\xb5\x2f\xfd" },
  { name: "a 7-Zip archive", bytes: "7z\xbc\xaf" },
  { name: "a RAR archive", bytes: "Rar!" },
  { name: "a tar archive", at: 257, bytes: "ustar" },
  { name: "a SQLite database", bytes: "SQLite format 3\0" },
  { name: "a Parquet table", bytes: "PAR1" },
  { name: "a program", bytes: "\x7fELF" },
];
const OLE = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const HEAD_BYTES = 8192;
const OLE_BYTES = 1_048_576;
const TEXT_CHECK_BYTES = 8000;
/** Enough of a document to begin with, past comments and declarations. */
const HTML_START = /^(?:\s|<!--[\s\S]{0,4000}?-->|<\?xml[^>]{0,200}\?>)*<(?:!doctype\s+html|html|head|body|title|meta)[\s>]/i;
const HTML_SOMEWHERE = /<(?:p|div|h[1-6]|ul|ol|table|br|a|span|article|section|img|b|i|em|strong)[\s/>]/i;

/** Errors: `empty`, `encrypted` (an Office file behind a password), `unsupported` for anything that is no document we read, `broken` for a zip that is none. */
export async function detectFormat(source: Source, signal: AbortSignal): Promise<DocumentFormat> {
  const { at } = source;
  if (source.bytes === 0) throw unreadable("empty", at, "It has no content (0 bytes).", "Check how it was saved or sent.");
  const head = await source.read(0, HEAD_BYTES);
  const start = head.toString("latin1");
  if (start.slice(0, 1024).includes("%PDF-")) return "pdf";
  if (start.startsWith("PK\x03\x04") || start.startsWith("PK\x05\x06")) return zipFormat(source, signal);
  if (start.startsWith(OLE)) throw await oleRefusal(source);
  const other = OTHERS.find(({ at: offset = 0, bytes }) => start.startsWith(bytes, offset));
  if (other !== undefined) throw unsupported(at, other.name);
  if (byteOrderMark(head) === undefined && head.subarray(0, TEXT_CHECK_BYTES).includes(0))
    throw unsupported(at, "binary data of a kind that is not known here");
  return textFormat(start, source);
}

/** What name or sender say it is; nothing where they say nothing known. */
export function claimedFormat(source: Pick<Source, "name" | "mediaType">): DocumentFormat | undefined {
  const type = source.mediaType?.split(";")[0]?.trim().toLowerCase();
  const byType = Object.entries(MEDIA_TYPES).find(
    ([, mediaType]) => mediaType === type || (type === "application/xhtml+xml" && mediaType === "text/html"),
  );
  if (byType !== undefined) return byType[0] as DocumentFormat;
  const extension = /\.([^.]+)$/.exec(source.name ?? "")?.[1]?.toLowerCase();
  return extension === undefined ? undefined : EXTENSIONS[extension];
}

function textFormat(start: string, source: Source): DocumentFormat {
  const text = start.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "").replaceAll("\0", "");
  if (HTML_START.test(text)) return "html";
  const claimed = claimedFormat(source);
  if (claimed === "html" && HTML_SOMEWHERE.test(text)) return "html";
  return claimed === "markdown" ? "markdown" : "text";
}

async function zipFormat(source: Source, signal: AbortSignal): Promise<DocumentFormat> {
  const zip = await openZip(source, { what: "The document", maxEntries: 100_000, signal });
  const names = new Set(zip.entries.map(({ name }) => name));
  const mimetype = zip.entries.find(({ name }) => name === "mimetype");
  const type = mimetype === undefined ? "" : (await zip.read(mimetype, 1024)).toString("latin1").trim();
  if (type === "application/epub+zip" || (type === "" && names.has("META-INF/container.xml"))) return "epub";
  if (/^application\/vnd\.oasis\.opendocument\.text(?:-template|-master)?$/.test(type)) return "odt";
  if (type.startsWith("application/vnd.oasis.opendocument."))
    throw unsupported(source.at, `an OpenDocument file of another kind (${type.slice(35, 60)})`);
  if (names.has("word/document.xml")) return "docx";
  if (names.has("xl/workbook.xml") || names.has("xl/workbook.bin")) throw unsupported(source.at, "an Excel workbook");
  if (names.has("ppt/presentation.xml")) throw unsupported(source.at, "a PowerPoint presentation");
  // A document part of another name, as some programs write it.
  if (names.has("[Content_Types].xml") && [...names].some((name) => /^word\/.*\.xml$/.test(name))) return "docx";
  if (names.has("content.xml") && names.has("META-INF/manifest.xml")) return "odt";
  throw unreadable(
    "unsupported",
    source.at,
    "It is a zip archive, not a document.",
    "Look into it with archive.list, take out documents with archive.extract.",
  );
}

/** Microsoft's compound files: old Office documents, and new ones behind a password ([MS-OFFCRYPTO] 1.3.2: a stream EncryptedPackage). */
async function oleRefusal(source: Source): Promise<Error> {
  const bytes = await source.read(0, OLE_BYTES);
  const tail = await source.read(Math.max(0, source.bytes - OLE_BYTES), OLE_BYTES);
  const name = Buffer.from("EncryptedPackage", "utf16le");
  if (bytes.includes(name) || tail.includes(name)) {
    return unreadable("encrypted", source.at, "The Office document is encrypted with a password.", "Save it without one, then try again.");
  }
  return unsupported(source.at, "an Office file of before 2007");
}

function unsupported(at: string, what: string): Error {
  return unreadable(
    "unsupported",
    at,
    `It is ${what}, not a document that is read here.`,
    "Markdown, HTML, PDF, DOCX, ODT, EPUB and plain text are.",
  );
}

// PDF, read by PDF.js without its drawing half: no script runs, no font is loaded, no image is decoded, no attachment is opened.

import type { getResolvedPDFJS } from "unpdf";
import { parsing, unreadable } from "../source/unreadable.ts";
import { throwIfAborted } from "../task-error.ts";
import type { DocumentContent, DocumentHeading, DocumentLink, DocumentWarning, ReadingContext } from "./document-content.ts";
import { type PdfLine, type PdfRun, pdfLines, pdfText } from "./pdf-lines.ts";

const MAX_PAGES = 5000;
const MAX_CHARS = 20_000_000;
const MAX_RUNS_A_PAGE = 200_000;
const MAX_OUTLINE = 2000;
const MAX_OUTLINE_DEPTH = 6;
const WHAT = "The PDF";

type PdfJs = Awaited<ReturnType<typeof getResolvedPDFJS>>;
type PdfDocument = Awaited<ReturnType<PdfJs["getDocument"]>["promise"]>;

export async function readPdf(bytes: Buffer, context: ReadingContext): Promise<DocumentContent> {
  const { at, signal } = context;
  const { getDocument, VerbosityLevel } = await (await import("unpdf")).getResolvedPDFJS();
  const loading = getDocument({
    // Given away: PDF.js detaches what it is handed.
    data: new Uint8Array(bytes),
    verbosity: VerbosityLevel.ERRORS,
    enableXfa: false,
    useSystemFonts: false,
    disableFontFace: true,
    useWasm: false,
    useWorkerFetch: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    maxImageSize: 0,
    disableAutoFetch: true,
    disableStream: true,
  });
  try {
    const pdf = await parsing(WHAT, at, () =>
      loading.promise.catch((error: unknown) => {
        if (error instanceof Error && error.name === "PasswordException") {
          throw unreadable("encrypted", at, `${WHAT} is encrypted and needs a password.`, "Save it without one, then try again.", {
            cause: error,
          });
        }
        throw error;
      }),
    );
    return await parsing(WHAT, at, () => readDocument(pdf, context));
  } finally {
    await loading.destroy();
    throwIfAborted(signal);
  }
}

async function readDocument(pdf: PdfDocument, context: ReadingContext): Promise<DocumentContent> {
  const warnings: DocumentWarning[] = [];
  const { lines, links } = await readPages(pdf, context, warnings);
  const { markdown, text, headings } = pdfText(lines);
  const info = await documentInfo(pdf);
  const outline = await optional(() => outlineOf(pdf), [], "its outline", warnings);
  if (text === "") {
    warnings.push({ code: "no_text", message: "No text was found: the pages may be pictures (a scan) or use fonts without letters." });
  }
  if (await optional(() => pdf.hasJSActions(), false, "its scripts", warnings)) {
    warnings.push({ code: "active_content", message: "It holds JavaScript, which was not run." });
  }
  const names = await optional(() => attachmentNames(pdf), [], "its attachments", warnings);
  if (names.length > 0) {
    warnings.push({
      code: "embedded_files",
      message: `It holds ${names.length} embedded files, which were not opened: ${names.slice(0, 5).join(", ")}.`,
    });
  }
  return {
    markdown,
    text,
    title: info["Title"] ?? headings[0]?.text,
    author: info["Author"],
    language: info["Language"],
    pages: pdf.numPages,
    headings: outline.length > 0 ? outline : headings,
    links,
    metadata: {
      description: info["Subject"],
      keywords: info["Keywords"],
      generator: info["Creator"] ?? info["Producer"],
      created: info["CreationDate"],
      modified: info["ModDate"],
      pdf_version: info["PDFFormatVersion"],
    },
    warnings,
  };
}

async function readPages(
  pdf: PdfDocument,
  context: ReadingContext,
  warnings: DocumentWarning[],
): Promise<{ readonly lines: readonly PdfLine[]; readonly links: readonly DocumentLink[] }> {
  const lines: PdfLine[] = [];
  const links: DocumentLink[] = [];
  const total = Math.min(pdf.numPages, MAX_PAGES);
  const broken: number[] = [];
  let characters = 0;
  let number = 1;
  for (; number <= total && characters < MAX_CHARS; number += 1) {
    throwIfAborted(context.signal);
    try {
      const page = await pdf.getPage(number);
      const found = pdfLines(await pageRuns(page), number);
      for (const line of found) characters += line.text.length;
      lines.push(...found);
      for (const annotation of await page.getAnnotations()) {
        const url: unknown = annotation?.url;
        if (typeof url === "string") links.push({ url, text: typeof annotation.overlaidText === "string" ? annotation.overlaidText : "" });
      }
      page.cleanup();
    } catch (error) {
      if (error instanceof RangeError) throw error;
      broken.push(number);
    }
    if (number % 20 === 0) context.progress({ done: number, total, message: "reading pages" });
  }
  if (broken.length > 0 && broken.length === total) throw new Error("no page can be read");
  if (broken.length > 0) {
    warnings.push({
      code: "part_unreadable",
      message: `${broken.length} of ${total} pages are damaged: ${broken.slice(0, 20).join(", ")}.`,
    });
  }
  if (number <= pdf.numPages)
    warnings.push({ code: "truncated", message: `Only the first ${number - 1} of ${pdf.numPages} pages were read.` });
  return { lines, links };
}

async function pageRuns(page: Awaited<ReturnType<PdfDocument["getPage"]>>): Promise<readonly PdfRun[]> {
  const runs: PdfRun[] = [];
  const reader = page.streamTextContent().getReader() as ReadableStreamDefaultReader<{ readonly items: readonly unknown[] }>;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return runs;
    for (const item of value.items) {
      if (!isTextItem(item)) continue;
      const [a = 0, b = 0, , d = 0, x = 0, y = 0] = item.transform.map(Number);
      runs.push({ text: item.str, x, y, size: item.height || Math.hypot(b, d) || Math.abs(a), width: item.width, endsLine: item.hasEOL });
    }
    if (runs.length > MAX_RUNS_A_PAGE) {
      await reader.cancel(new Error("too many pieces of text on one page"));
      return runs;
    }
  }
}

interface TextItem {
  readonly str: string;
  readonly transform: readonly unknown[];
  readonly width: number;
  readonly height: number;
  readonly hasEOL: boolean;
}

function isTextItem(item: unknown): item is TextItem {
  return typeof item === "object" && item !== null && "str" in item && typeof item.str === "string";
}

async function documentInfo(pdf: PdfDocument): Promise<Readonly<Record<string, string>>> {
  const { info } = await pdf.getMetadata();
  const entries = Object.entries(info).flatMap(([name, value]) =>
    typeof value === "string" && value.trim() !== "" ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

async function outlineOf(pdf: PdfDocument): Promise<readonly DocumentHeading[]> {
  const headings: DocumentHeading[] = [];
  const collect = (items: Awaited<ReturnType<PdfDocument["getOutline"]>>, level: number): void => {
    for (const item of items ?? []) {
      if (headings.length >= MAX_OUTLINE) return;
      headings.push({ level, text: item.title });
      if (level < MAX_OUTLINE_DEPTH) collect(item.items, level + 1);
    }
  };
  collect(await pdf.getOutline(), 1);
  return headings;
}

async function attachmentNames(pdf: PdfDocument): Promise<readonly string[]> {
  const attachments: unknown = await pdf.getAttachments();
  const entries: readonly (readonly [unknown, unknown])[] =
    attachments instanceof Map ? [...attachments] : Object.entries(attachments ?? {});
  return entries.map(([key, value]) => {
    const named = typeof value === "object" && value !== null && "filename" in value ? value.filename : undefined;
    return typeof named === "string" && named !== "" ? named : String(key);
  });
}

/** What a document can do without: a damaged part is named and left out. */
async function optional<Value>(read: () => Promise<Value>, otherwise: Value, what: string, warnings: DocumentWarning[]): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    warnings.push({ code: "part_unreadable", message: `A part is damaged and was left out: ${what}.` });
    return otherwise;
  }
}

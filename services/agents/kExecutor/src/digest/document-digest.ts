// One document made small: title, language, summary, keywords, counts. What cannot be read becomes a record that says why.

import { createHash } from "node:crypto";
import type { CapabilityContext } from "@kos/agent";
import { isKosError, KosError } from "@kos/klp";
import { detectLanguage } from "../analysis/language.ts";
import { readabilityOf } from "../analysis/readability.ts";
import { summarise } from "../analysis/summary.ts";
import { findKeywords } from "../analysis/text-keywords.ts";
import { MAX_TEXT_CHARS } from "../analysis/text-source.ts";
import { countWordsByDictionary } from "../analysis/words.ts";
import { MAX_DOCUMENT_BYTES, readDocument } from "../documents/doc-extract.ts";
import type { DocumentContent } from "../documents/document-content.ts";
import { type DocumentFormat, detectFormat } from "../documents/document-format.ts";
import { beginningOf, countWords } from "../documents/text-counts.ts";
import { type BytePath, joinPath, spellPath } from "../paths/byte-path.ts";
import type { TreeEntry } from "../scan/tree-entry.ts";
import { oneLine } from "../source/shown-text.ts";
import { openFileAt } from "../source/source.ts";
import { throwIfAborted } from "../task-error.ts";
import type { DigestRecord } from "./digest-record.ts";
import { documentFormatOf } from "./document-name.ts";

export interface DigestOptions {
  /** Of the summary. */
  readonly sentences: number;
  readonly keywords: number;
  readonly maxBytes: number;
}

const MAX_TITLE_CHARS = 200;
const MAX_SUMMARY_CHARS = 2000;
const MAX_TERM_CHARS = 80;
const MAX_MESSAGE_CHARS = 300;
/** A language found with less confidence gives way to the one that the document states. */
const LEAST_CONFIDENCE = 0.5;
/** What a document of an untold language is called. */
const LANGUAGE_TAG = /^[a-z]{2,3}(?=$|[-_])/i;

/** `root`: absolute and granted. Errors: only those that stop the whole task (CANCELLED, TIMEOUT). */
export async function digestDocument(
  entry: TreeEntry,
  root: BytePath,
  options: DigestOptions,
  context: Pick<CapabilityContext, "signal" | "log">,
): Promise<DigestRecord> {
  const spelled = spellPath(entry.path);
  const format = documentFormatOf(spelled.path) ?? "text";
  try {
    const shown = spelled.path;
    const limit = Math.min(options.maxBytes, MAX_DOCUMENT_BYTES);
    await using source = await openFileAt(joinPath(root, entry.path), { at: "/path", shown, maxBytes: limit });
    const found = await detectFormat(source, context.signal);
    const content = await readDocument(found, source, { signal: context.signal, progress: () => {} });
    return { ...spelled, bytes: source.bytes, format: found, ...(await contentDigest(content, shown, options)) };
  } catch (error) {
    throwIfAborted(context.signal);
    return { ...unreadRecord(entry, format), error: errorOf(error, spelled.path, context) };
  }
}

/** Of a document of which nothing but its name is known. */
export function unreadRecord(entry: TreeEntry, format: DocumentFormat): DigestRecord {
  const spelled = spellPath(entry.path);
  return {
    ...spelled,
    bytes: entry.bytes,
    format,
    title: nameOf(spelled.path),
    language: "und",
    language_confidence: 0,
    words: 0,
    words_checked: 0,
    sentences: 0,
    summary: "",
    keywords: [],
    warnings: [],
  };
}

async function contentDigest(
  content: DocumentContent,
  path: string,
  options: DigestOptions,
): Promise<Omit<DigestRecord, "path" | "raw" | "bytes" | "format">> {
  const text = beginningOf(content.text, MAX_TEXT_CHARS);
  const detected = await detectLanguage(text);
  const stated = LANGUAGE_TAG.exec(content.language ?? "")?.[0].toLowerCase();
  const language = detected.confidence < LEAST_CONFIDENCE && stated !== undefined ? stated : detected.language;
  const summary = await summarise(text, language, { sentences: options.sentences });
  const { keywords } = await findKeywords(text, { language, max: options.keywords });
  const reading = readabilityOf(text, language);
  const author = oneLine(content.author, MAX_TITLE_CHARS);
  return {
    title: oneLine(content.title, MAX_TITLE_CHARS) ?? nameOf(path),
    ...(author !== undefined && { author }),
    ...(content.pages !== undefined && { pages: content.pages }),
    language,
    language_confidence: detected.confidence,
    words: countWords(content.text),
    words_checked: countWordsByDictionary(content.text, language),
    sentences: summary.sentencesTotal,
    ...(reading && {
      reading: { lix: reading.lix, ...(reading.flesch !== undefined && { flesch: reading.flesch }), level: reading.level },
    }),
    summary: oneLine(summary.text, MAX_SUMMARY_CHARS) ?? "",
    keywords: keywords.map(({ term, weight, count }) => ({ term: oneLine(term, MAX_TERM_CHARS) ?? "", weight, count })),
    warnings: [...new Set(content.warnings.map(({ code }) => code))],
    ...(text !== "" && { text_hash: createHash("sha256").update(content.text).digest("hex") }),
    ...(text.length < content.text.length && { truncated: true }),
  };
}

function errorOf(error: unknown, path: string, context: Pick<CapabilityContext, "log">): NonNullable<DigestRecord["error"]> {
  if (isKosError(error)) {
    const { reason, at } = (error.details ?? {}) as { readonly reason?: unknown; readonly at?: unknown };
    const message = oneLine(error.message, MAX_MESSAGE_CHARS) ?? error.code;
    return { code: error.code, reason: typeof reason === "string" ? reason : at === undefined ? "failed" : "unreachable", message };
  }
  // A fault of ours: the rest of the folder goes on, the log has the rest.
  context.log.error("a document could not be analysed", { path, error: error instanceof Error ? error.message : String(error) });
  const { code, message } = new KosError("INTERNAL", "It could not be analysed. The log of this task says more.");
  return { code, reason: "failed", message };
}

function nameOf(path: string): string {
  return oneLine(path.slice(path.lastIndexOf("/") + 1), MAX_TITLE_CHARS) ?? "document";
}

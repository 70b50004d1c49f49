// The capability doc.extract: what a document says, as Markdown and plain text, with its facts and everything odd about it.

import { type CapabilityContext, defineCapability } from "@kos/agent";
import type Type from "typebox";
import { hidesText, oneLine } from "../source/shown-text.ts";
import { openSource, readWhole, type Source } from "../source/source.ts";
import { parsing } from "../source/unreadable.ts";
import { throwIfAborted } from "../task-error.ts";
import { DEFAULT_INLINE_CHARS, DocExtractInput, DocExtractOutput, MAX_LINE_CHARS, MAX_LISTED } from "./doc-extract-schema.ts";
import type { DocumentContent, DocumentWarning, ReadingContext } from "./document-content.ts";
import { claimedFormat, type DocumentFormat, detectFormat, MEDIA_TYPES } from "./document-format.ts";
import { beginningOf, countCharacters, countWords } from "./text-counts.ts";

export const MAX_DOCUMENT_BYTES = 67_108_864;
const TIMEOUT_MS = 120_000;
const MAX_WARNINGS = 50;
const MAX_METADATA_CHARS = 1000;

type Output = Type.Static<typeof DocExtractOutput>;

export const docExtract = defineCapability({
  name: "doc.extract",
  title: "Read a document",
  description:
    "Reads a Markdown, HTML, PDF, DOCX, ODT, EPUB or plain text document: its Markdown and plain text, title, author, headings, links and facts. " +
    "Nothing in it is run, fetched or opened. Errors, with details.reason: BAD_REQUEST (empty, encrypted, broken, unsupported, unsafe, unreachable), " +
    "TOO_LARGE (too_large above 64 MiB or when unpacked, bomb), FORBIDDEN, NOT_FOUND.",
  input: DocExtractInput,
  output: DocExtractOutput,
  effects: ["fs.read"],
  timeout_ms: TIMEOUT_MS,
  // What costs a process its life once will do so again.
  retry: { max_attempts: 2 },
  output_labels: ["untrusted", "confidential"],
  async run(params, context) {
    await using source = await openSource(params, context, MAX_DOCUMENT_BYTES);
    const format = await detectFormat(source, context.signal);
    context.progress({ message: `reading ${format}` });
    const content = await readDocument(format, source, context);
    throwIfAborted(context.signal);
    return outputOf(format, source, content, params.inline_chars ?? DEFAULT_INLINE_CHARS, context);
  },
});

/** What is in a document of that format. Errors: those of `unreadable` and `parsing`. */
export async function readDocument(
  format: DocumentFormat,
  source: Source,
  context: Pick<CapabilityContext, "signal" | "progress">,
): Promise<DocumentContent> {
  const reading: ReadingContext = {
    at: source.at,
    mediaType: source.mediaType,
    signal: context.signal,
    progress: (progress) => context.progress(progress),
  };
  switch (format) {
    case "pdf": {
      const { readPdf } = await import("./read-pdf.ts");
      return readPdf(await readWhole(source), reading);
    }
    case "docx": {
      const { readDocx } = await import("./read-docx.ts");
      return readDocx(source, reading);
    }
    case "odt": {
      const { readOdt } = await import("./read-odt.ts");
      return readOdt(source, reading);
    }
    case "epub": {
      const { readEpub } = await import("./read-epub.ts");
      return readEpub(source, reading);
    }
    case "html": {
      const { readHtml } = await import("./read-html.ts");
      return parsing("The page", source.at, async () => readHtml(await readWhole(source), reading));
    }
    case "markdown":
    case "text": {
      const { readMarkdown, readPlainText } = await import("./read-text.ts");
      const read = format === "markdown" ? readMarkdown : readPlainText;
      return parsing("The text", source.at, async () => read(await readWhole(source), reading));
    }
  }
}

async function outputOf(
  format: DocumentFormat,
  source: Source,
  content: DocumentContent,
  inlineChars: number,
  context: CapabilityContext,
): Promise<Output> {
  const { headings, links, pages } = content;
  // A PDF may map its letters to half a character, which no message could carry.
  const [markdown, text] = [content.markdown.toWellFormed(), content.text.toWellFormed()];
  const title = oneLine(content.title, MAX_LINE_CHARS);
  const author = oneLine(content.author, MAX_LINE_CHARS);
  const language = oneLine(content.language, 35);
  const name = oneLine(source.name, 200) ?? "document";
  return {
    format,
    media_type: MEDIA_TYPES[format],
    bytes: source.bytes,
    ...(title !== undefined && { title }),
    ...(author !== undefined && { author }),
    ...(language !== undefined && { language }),
    ...(pages !== undefined && { pages }),
    words: countWords(text),
    characters: countCharacters(text),
    markdown: beginningOf(markdown, inlineChars),
    text: beginningOf(text, inlineChars),
    truncated: markdown.length > inlineChars || text.length > inlineChars,
    markdown_artifact: {
      ...(await context.artifacts.put({ name: `${name}.md`, media_type: "text/markdown; charset=utf-8", content: markdown })),
    },
    text_artifact: { ...(await context.artifacts.put({ name: `${name}.txt`, media_type: "text/plain; charset=utf-8", content: text })) },
    headings: headings.slice(0, MAX_LISTED).map(({ level, text: heading }) => ({ level, text: oneLine(heading, MAX_LINE_CHARS) ?? "" })),
    headings_total: headings.length,
    links: links
      .slice(0, MAX_LISTED)
      .map((link) => ({ url: oneLine(link.url, 2048) ?? "", text: oneLine(link.text, MAX_LINE_CHARS) ?? "" })),
    links_total: links.length,
    metadata: metadataOf(content),
    warnings: [...oddities(format, source, content), ...content.warnings]
      .slice(0, MAX_WARNINGS)
      .map(({ code, message }) => ({ code, message: oneLine(message, MAX_LINE_CHARS * 2) ?? "" })),
  };
}

function metadataOf(content: DocumentContent): Record<string, string> {
  const entries = Object.entries(content.metadata).flatMap(([key, value]) => {
    const shown = oneLine(value, MAX_METADATA_CHARS);
    return shown === undefined ? [] : [[key, shown] as const];
  });
  return Object.fromEntries(entries);
}

function oddities(format: DocumentFormat, source: Source, content: DocumentContent): readonly DocumentWarning[] {
  const found: DocumentWarning[] = [];
  const claimed = claimedFormat(source);
  if (claimed !== undefined && claimed !== format) {
    found.push({ code: "format_mismatch", message: `It is called ${claimed}, but its bytes are ${format}.` });
  }
  if (hidesText(content.text) || hidesText(content.title ?? "")) {
    found.push({
      code: "hidden_characters",
      message: "It holds characters that turn or hide text, so that it may read otherwise than it looks.",
    });
  }
  return found;
}

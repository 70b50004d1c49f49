// Folders of documents of which everything is known: the texts of summaries/*.yaml in seven formats, and documents that cannot be read. For tests and the bench only.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { docxFile, epubFile, htmlFile, markdownFile, odtFile, type SampleText } from "./documents.fixture.ts";
import { pdfFile } from "./pdf.fixture.ts";
import { SUMMARY_LANGUAGES, summaryCases } from "./summaries.fixture.ts";

export interface MadeDocument {
  /** Relative to the folder. */
  readonly path: string;
  readonly format: "markdown" | "html" | "pdf" | "docx" | "odt" | "epub" | "text";
  readonly language: string;
  readonly title: string;
  /** Pieces between spaces that hold a letter or a digit. */
  readonly words: number;
}

const FORMATS = ["markdown", "html", "pdf", "docx", "odt", "epub", "text"] as const;
const ENDINGS = { markdown: "md", html: "html", pdf: "pdf", docx: "docx", odt: "odt", epub: "epub", text: "txt" } as const;
const FOLDERS = ["", "letters/", "letters/old/", "Übersicht & mehr/"] as const;
const LINE_CHARS = 80;

/** Writes `count` documents; from the 37th on the texts repeat, each with a line of its own. */
export function makeDocuments(folder: string, count: number): readonly MadeDocument[] {
  const texts = SUMMARY_LANGUAGES.flatMap((language) => summaryCases(language).map((entry) => ({ language, ...entry })));
  return Array.from({ length: count }, (_, place) => {
    const { language, id, text } = texts[place % texts.length] ?? { language: "en", id: "none", text: "" };
    const round = Math.floor(place / texts.length);
    const format = FORMATS[(place + round) % FORMATS.length] ?? "text";
    const name = `${id}${round === 0 ? "" : `-${round}`}`;
    const paragraphs = [...text.trim().split("\n\n"), ...(round === 0 ? [] : [`Copy ${round}.`])];
    const sample: SampleText = {
      language,
      title: name.replaceAll("-", " "),
      author: "Ada Byron",
      sections: [{ heading: "Text", paragraphs }],
    };
    const path = `${FOLDERS[place % FOLDERS.length] ?? ""}${name}.${ENDINGS[format]}`;
    write(folder, path, contentOf(format, sample));
    const shown = format === "pdf" || format === "text" ? paragraphs : [sample.title, "Text", ...paragraphs];
    return { path, format, language, title: format === "text" ? `${name}.txt` : sample.title, words: wordsOf(shown.join(" ")) };
  });
}

/** Documents that cannot be read, by the reason that must be given, and files that are no documents. */
export function makeUnreadable(folder: string): Readonly<Record<string, string>> {
  const sample: SampleText = { language: "en", title: "A", author: "B", sections: [{ heading: "C", paragraphs: ["D."] }] };
  write(folder, "bad/broken.pdf", Buffer.from("%PDF-1.7\nnothing of the kind"));
  write(folder, "bad/empty.txt", Buffer.alloc(0));
  write(folder, "bad/cut.docx", docxFile(sample).subarray(0, 300));
  write(
    folder,
    "bad/locked.docx",
    Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600), Buffer.from("EncryptedPackage", "utf16le")]),
  );
  write(folder, "bad/picture.PDF", Buffer.from("89504e470d0a1a0a", "hex"));
  write(folder, "bad/entities.odt", odtFile(sample, { prolog: '<!DOCTYPE x [<!ENTITY a "b">]>' }));
  write(folder, "other/picture.png", Buffer.from("89504e470d0a1a0a", "hex"));
  write(folder, "other/run.log", Buffer.from("2026-01-02 started\n"));
  write(folder, "other/README", Buffer.from("no ending\n"));
  return {
    "bad/broken.pdf": "broken",
    "bad/empty.txt": "empty",
    "bad/cut.docx": "broken",
    "bad/locked.docx": "encrypted",
    "bad/picture.PDF": "unsupported",
    "bad/entities.odt": "unsafe",
  };
}

function contentOf(format: MadeDocument["format"], sample: SampleText): Buffer {
  const paragraphs = sample.sections.flatMap((section) => section.paragraphs);
  switch (format) {
    case "markdown":
      return markdownFile(sample);
    case "html":
      return htmlFile(sample);
    case "docx":
      return docxFile(sample);
    case "odt":
      return odtFile(sample);
    case "epub":
      return epubFile(sample);
    case "pdf":
      return pdfFile([paragraphs.flatMap((paragraph) => [...wrapped(paragraph), ""])], { title: sample.title });
    case "text":
      return Buffer.from(`${paragraphs.map((paragraph) => wrapped(paragraph).join("\n")).join("\n\n")}\n`);
  }
}

function wrapped(paragraph: string): readonly string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= LINE_CHARS) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function wordsOf(text: string): number {
  return text.split(/\s+/).filter((piece) => /[\p{L}\p{N}]/u.test(piece)).length;
}

function write(folder: string, path: string, content: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

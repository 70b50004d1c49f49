// The text of a folder's digest: Markdown in plain words, its facts and its charts, from the data alone. What documents say stays text [R95].

import { formatBytes, formatCount, formatThings } from "../render/amount.ts";
import type { Chart } from "../render/chart.ts";
import { markdownCode, markdownText } from "../render/markdown-text.ts";
import type { Fact } from "../render/page.ts";
import type { DigestData, DocumentEntry } from "./digest-data.ts";

const ROWS = {
  contents: 2000,
  failed: 500,
  subjects: 60,
  subjectDocuments: 12,
  sections: 300,
  duplicates: 50,
  others: 12,
  unreadable: 20,
} as const;
/** report.render takes 4 Mi characters. */
const MAX_MARKDOWN_CHARS = 3_500_000;
const WORD_CLASSES = [100, 300, 1000, 3000, 10_000, 30_000] as const;

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  markdown: "Markdown",
  html: "HTML",
  pdf: "PDF",
  docx: "DOCX",
  odt: "ODT",
  epub: "EPUB",
  text: "plain text",
};

export function digestMarkdown(data: DigestData): string {
  const before = [...overview(data), ...failures(data), ...contents(data), ...subjects(data)];
  const after = [...duplicates(data), ...gaps(data), ...origins(data)];
  const room = MAX_MARKDOWN_CHARS - [...before, ...after].reduce((sum, part) => sum + part.length + 2, 0);
  return `${[...before, ...documents(data, room), ...after].join("\n\n")}\n`;
}

export function digestFacts(data: DigestData): readonly Fact[] {
  const check = data.provenance["documents_total"]?.checked_by;
  const [language, count] = Object.entries(data.by_language)[0] ?? [];
  return [
    {
      label: "Documents",
      value: formatCount(data.documents_total),
      ...(check && { note: check.agrees ? "a second walk counts the same" : `a second walk counts ${formatCount(check.value)}` }),
    },
    {
      label: "Not read",
      value: formatCount(data.documents_failed),
      ...(data.documents_failed > 0 && { note: "each with its reason below" }),
    },
    { label: "Words", value: formatCount(data.words_total) },
    { label: "Size", value: formatBytes(data.bytes_total) },
    { label: "Formats", value: formatCount(Object.keys(data.by_format).length) },
    {
      label: "Languages",
      value: formatCount(Object.keys(data.by_language).filter((code) => code !== "und").length),
      ...(language !== undefined && { note: `mostly ${languageName(language)} (${formatCount(count ?? 0)})` }),
    },
  ];
}

export function digestCharts(data: DigestData): readonly Chart[] {
  const sizes = wordClasses(data);
  return [
    {
      id: "formats",
      type: "donut",
      title: "Documents by format",
      description: "How many documents there are of each format",
      unit: "documents",
      series: Object.entries(data.by_format).map(([format, value]) => ({ label: formatName(format), value })),
    },
    {
      id: "languages",
      type: "bar",
      title: "Documents by language",
      description: "How many of the documents read are in which language",
      unit: "documents",
      series: Object.entries(data.by_language)
        .slice(0, 30)
        .map(([code, value]) => ({ label: languageName(code), value })),
    },
    {
      id: "lengths",
      type: "histogram",
      title: "Documents by length",
      description: "How many of the documents read have how many words",
      unit: "documents",
      series: sizes,
    },
  ];
}

function overview(data: DigestData): readonly string[] {
  const formats = Object.entries(data.by_format).map(([format, count]) => `${formatCount(count)} ${formatName(format)}`);
  const languages = Object.entries(data.by_language).map(([code, count]) => `${formatCount(count)} in ${languageName(code)}`);
  const lines = [
    data.documents_total === 0
      ? "There are no documents in this folder."
      : `The folder holds ${formatThings(data.documents_total, "document")} (${formats.join(", ")}) with ${formatThings(data.words_total, "word")} in all.`,
    ...(languages.length === 0
      ? []
      : [`Of those read, ${languages.slice(0, 12).join(", ")}${languages.length > 12 ? " and others" : ""}.`]),
    data.documents_failed === 0
      ? "All of them could be read."
      : `**${formatThings(data.documents_failed, "document")} could not be read**; the next section names each with its reason.`,
  ];
  if (data.documents_total === 0) return ["## At a glance", lines[0] ?? ""];
  return [
    "## At a glance",
    lines.join(" "),
    "![Documents by format](chart:formats)",
    "![Documents by language](chart:languages)",
    "![Documents by length](chart:lengths)",
  ];
}

function failures({ documents }: DigestData): readonly string[] {
  const failed = documents.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return [];
  const rows = failed
    .slice(0, ROWS.failed)
    .map(({ path, error }) => `| ${markdownCode(path)} | ${markdownText(error?.reason ?? "")} | ${markdownText(error?.message ?? "")} |`);
  return ["## Could not be read", table("| Document | Reason | |", "| :-- | :-- | :-- |", rows), ...more(failed.length, ROWS.failed)];
}

function contents({ documents }: DigestData): readonly string[] {
  if (documents.length === 0) return [];
  const rows = documents.slice(0, ROWS.contents).map((entry, position) => {
    const { title, path, format, language, words, error } = entry;
    const said = error === undefined ? [languageName(language), formatCount(words)] : ["", "not read"];
    return `| ${position + 1} | ${markdownText(title)} | ${markdownCode(path)} | ${formatName(format)} | ${said.join(" | ")} |`;
  });
  return [
    "## Index",
    table("| No. | Title | File | Format | Language | Words |", "| --: | :-- | :-- | :-- | :-- | --: |", rows),
    ...more(documents.length, ROWS.contents),
  ];
}

function subjects({ subjects: all }: DigestData): readonly string[] {
  if (all.length === 0) return [];
  const rows = all.slice(0, ROWS.subjects).map(({ term, documents }) => {
    const shown = documents.slice(0, ROWS.subjectDocuments).map((position) => String(position + 1));
    return `| ${markdownText(term)} | ${formatCount(documents.length)} | ${shown.join(", ")}${documents.length > shown.length ? ", …" : ""} |`;
  });
  return [
    "## Subjects",
    "Keywords that several documents share, with the numbers of those documents in the index.",
    table("| Keyword | Documents | No. |", "| :-- | --: | :-- |", rows),
    ...more(all.length, ROWS.subjects),
  ];
}

function documents({ documents: all }: DigestData, room: number): readonly string[] {
  const read = all.flatMap((entry, position) => (entry.error === undefined ? [{ entry, position }] : []));
  if (read.length === 0) return [];
  const sections: string[] = [];
  let left = room;
  for (const { entry, position } of read.slice(0, ROWS.sections)) {
    const section = documentSection(entry, position + 1);
    left -= section.length + 2;
    if (left < 0) break;
    sections.push(section);
  }
  return ["## Documents", ...sections, ...more(read.length, sections.length)];
}

function documentSection(entry: DocumentEntry, number: number): string {
  const facts = [
    formatName(entry.format),
    languageName(entry.language),
    formatThings(entry.words, "word"),
    ...(entry.pages === undefined ? [] : [formatThings(entry.pages, "page")]),
    ...(entry.reading === undefined ? [] : [`reads ${entry.reading.level.replace("_", " ")} (LIX ${formatCount(entry.reading.lix)})`]),
    ...(entry.author === undefined ? [] : [`by ${markdownText(entry.author)}`]),
  ];
  const keywords = entry.keywords.map(({ term }) => markdownText(term)).join(" · ");
  return [
    `### ${number}\\. ${markdownText(entry.title)}`,
    `${markdownCode(entry.path)}  \n${facts.join(", ")}`,
    entry.summary === "" ? "It holds no text to summarise." : `> ${markdownText(entry.summary)}`,
    ...(keywords === "" ? [] : [`Keywords: ${keywords}`]),
  ].join("\n\n");
}

function duplicates({ duplicates: groups }: DigestData): readonly string[] {
  if (groups.length === 0) return [];
  const lines = groups
    .slice(0, ROWS.duplicates)
    .map(({ paths }) => `- ${paths.slice(0, 6).map(markdownCode).join(", ")}${paths.length > 6 ? " …" : ""}`);
  return [
    "## Same text",
    "These documents hold the same text, whatever their format.",
    lines.join("\n"),
    ...more(groups.length, ROWS.duplicates),
  ];
}

function gaps(data: DigestData): readonly string[] {
  const endings = data.others
    .slice(0, ROWS.others)
    .map(({ ending, files }) => `${ending === "" ? "no ending" : markdownCode(`.${ending}`)} (${formatCount(files)})`);
  const others =
    data.others_total === 0
      ? []
      : [
          `${formatThings(data.others_total, "other entry", "other entries")} of the folder ${data.others_total === 1 ? "is no document" : "are no documents"}${endings.length === 0 ? "" : `: ${endings.join(", ")}`}.`,
        ];
  const unreadable = data.unreadable
    .slice(0, ROWS.unreadable)
    .map(({ path, reason }) => `- ${markdownCode(path)}: ${reason.replaceAll("_", " ")}`);
  const parts = [
    ...others,
    ...data.notes.map(markdownText),
    ...(unreadable.length === 0
      ? []
      : ["These places could not be listed:", unreadable.join("\n"), ...more(data.unreadable_total, ROWS.unreadable)]),
  ];
  return parts.length === 0 ? [] : ["## What is not in it", ...parts];
}

function origins(data: DigestData): readonly string[] {
  const rows = Object.entries(data.provenance).map(([key, { task, capability, checked_by: check }]) => {
    const second = check === undefined ? "" : `${markdownCode(check.task)}: ${formatCount(check.value)}${check.agrees ? "" : ", differs"}`;
    return `| ${markdownCode(key)} | ${markdownCode(task)} | ${markdownCode(capability)} | ${second} |`;
  });
  return [
    "## Where the numbers come from",
    "A document is a regular file whose name ends as doc.extract's formats do (Markdown, HTML, PDF, DOCX, ODT, EPUB, plain text), whether it can be read or not. " +
      "A word is a run of letters and digits, also across an apostrophe or a hyphen; in scripts without spaces each character counts. Summaries are sentences of the documents themselves.",
    table("| Number | Task | Capability | Second count |", "| :-- | :-- | :-- | :-- |", rows),
  ];
}

function wordClasses({ documents: all }: DigestData): Chart["series"] {
  const read = all.filter(({ error }) => error === undefined);
  const limits = [0, ...WORD_CLASSES, Number.POSITIVE_INFINITY];
  return limits.slice(0, -1).map((from, place) => {
    const to = limits[place + 1] ?? Number.POSITIVE_INFINITY;
    const label =
      to === Number.POSITIVE_INFINITY
        ? `${formatCount(from)} or more`
        : from === 0
          ? `under ${formatCount(to)}`
          : `${formatCount(from)} to ${formatCount(to - 1)}`;
    return { label, value: read.filter(({ words }) => words >= from && words < to).length };
  });
}

function table(head: string, marks: string, rows: readonly string[]): string {
  return [head, marks, ...rows].join("\n");
}

function more(total: number, shown: number): readonly string[] {
  return total <= shown ? [] : [`… and ${formatCount(total - shown)} more, in the JSON.`];
}

function formatName(format: string): string {
  return FORMAT_NAMES[format] ?? format;
}

let languageNames: Intl.DisplayNames | undefined;
function languageName(code: string): string {
  languageNames ??= new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
  return code === "und" ? "no known language" : markdownText(languageNames.of(code) ?? code);
}

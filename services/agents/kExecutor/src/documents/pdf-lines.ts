// The text of a PDF page has places but no structure. Lines, paragraphs, list items and headings are found here by place and size of the type.

import { markdownText } from "../render/markdown-text.ts";
import type { DocumentHeading } from "./document-content.ts";

/** A run of text as the PDF draws it: position of its baseline in points, y upward. */
export interface PdfRun {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Height of the type in points. */
  readonly size: number;
  readonly width: number;
  readonly endsLine: boolean;
}

export interface PdfLine {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** From 1. */
  readonly page: number;
}

export interface PdfText {
  readonly markdown: string;
  readonly text: string;
  readonly headings: readonly DocumentHeading[];
}

/** Type this much larger than the body is a heading. */
const HEADING_RATIO = 1.15;
const MAX_HEADING_CHARS = 200;
/** A distance between baselines beyond this many times the type ends a paragraph; books set 1.2, drafts up to 2. */
const PARAGRAPH_GAP = 1.4;
const BULLET = /^[•‣▪●◦–·*-]\s+/u;

/** Joins the runs of a page, in the order they are drawn, into lines. */
export function pdfLines(runs: readonly PdfRun[], page: number): readonly PdfLine[] {
  const lines: PdfLine[] = [];
  let open: { text: string; x: number; y: number; size: number; end: number } | undefined;
  const close = (): void => {
    const text = open?.text.replace(/\s+/g, " ").trim() ?? "";
    if (open !== undefined && text !== "") lines.push({ text, x: open.x, y: open.y, size: open.size, page });
    open = undefined;
  };
  for (const run of runs) {
    if (open !== undefined && Math.abs(run.y - open.y) > Math.max(1, open.size * 0.5)) close();
    if (open === undefined) open = { text: run.text, x: run.x, y: run.y, size: run.size, end: run.x + run.width };
    else {
      const isApart = run.x - open.end > open.size * 0.25;
      open.text += isApart && !open.text.endsWith(" ") ? ` ${run.text}` : run.text;
      open.size = Math.max(open.size, run.size);
      open.end = run.x + run.width;
    }
    if (run.endsLine) close();
  }
  close();
  return lines;
}

export function pdfText(lines: readonly PdfLine[]): PdfText {
  const body = bodySize(lines);
  const headingSizes = [...new Set(lines.filter((line) => isHeading(line, body)).map(({ size }) => rounded(size)))].sort(
    (one, other) => other - one,
  );
  const blocks: { readonly kind: number | "item" | "text"; text: string; last: PdfLine }[] = [];
  const usualGap = typicalGap(lines, body);
  for (const line of lines) {
    const kind = isHeading(line, body)
      ? Math.min(6, headingSizes.indexOf(rounded(line.size)) + 1)
      : BULLET.test(line.text)
        ? "item"
        : "text";
    const before = blocks.at(-1);
    if (before !== undefined && kind !== "item" && continues(before, kind, line, usualGap)) {
      before.text = joined(before.text, line.text);
      before.last = line;
    } else blocks.push({ kind, text: kind === "item" ? line.text.replace(BULLET, "") : line.text, last: line });
  }
  const headings = blocks.flatMap(({ kind, text }) => (typeof kind === "number" ? [{ level: kind, text }] : []));
  const markdown = blocks.map(({ kind, text }, index) => {
    const shown = markdownText(text);
    if (typeof kind === "number") return `${"#".repeat(kind)} ${shown}\n\n`;
    if (kind === "text") return `${shown}\n\n`;
    return `- ${shown}${blocks[index + 1]?.kind === "item" ? "\n" : "\n\n"}`;
  });
  return { markdown: markdown.join("").trim(), text: blocks.map(({ text }) => text).join("\n\n"), headings };
}

/** The size most characters have. */
function bodySize(lines: readonly PdfLine[]): number {
  const characters = new Map<number, number>();
  for (const { size, text } of lines) characters.set(rounded(size), (characters.get(rounded(size)) ?? 0) + text.length);
  return [...characters].sort((one, other) => other[1] - one[1])[0]?.[0] ?? 0;
}

function rounded(size: number): number {
  return Math.round(size * 2) / 2;
}

function isHeading({ size, text }: PdfLine, body: number): boolean {
  return rounded(size) >= body * HEADING_RATIO && text.length <= MAX_HEADING_CHARS && /\p{L}|\p{N}/u.test(text);
}

/** The distance between two lines of the body on one page: the lower quartile, because gaps between paragraphs are among them. */
function typicalGap(lines: readonly PdfLine[], body: number): number {
  const gaps: number[] = [];
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before === undefined || before.page !== line.page || rounded(line.size) !== body || rounded(before.size) !== body) continue;
    const gap = before.y - line.y;
    if (gap > 0 && gap < body * 3) gaps.push(gap);
  }
  gaps.sort((one, other) => one - other);
  return gaps[Math.floor(gaps.length / 4)] ?? body * 1.2;
}

function continues(
  block: { readonly kind: number | "item" | "text"; readonly last: PdfLine },
  kind: number | "text",
  line: PdfLine,
  usualGap: number,
): boolean {
  const { last } = block;
  if (typeof kind === "number") return block.kind === kind && last.page === line.page && last.y - line.y < line.size * 2;
  if (typeof block.kind === "number" || rounded(last.size) !== rounded(line.size)) return false;
  // A sentence that goes on over the page.
  if (last.page !== line.page) return /[\p{Ll},-]$/u.test(last.text) && /^\p{Ll}/u.test(line.text);
  const gap = last.y - line.y;
  return gap > 0 && gap <= Math.max(usualGap, line.size) * PARAGRAPH_GAP;
}

/** A word broken at the end of a line is whole again. */
function joined(text: string, next: string): string {
  return /\p{Ll}-$/u.test(text) && /^\p{Ll}/u.test(next) ? `${text.slice(0, -1)}${next}` : `${text} ${next}`;
}

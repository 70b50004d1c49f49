// A difference for people to read: as a diff where lines are short, with the changed words marked where they are paragraphs.

import type { Change, StructuredPatchHunk } from "diff";
import { formatThings } from "../render/amount.ts";
import { markdownFence, markdownText } from "../render/markdown-text.ts";
import type { LineDiff } from "./line-diff.ts";

const MOST_LINES = 400;
const MOST_LINE_CHARS = 2000;
/** From that mean length on, changed lines are paragraphs. */
const PARAGRAPH_CHARS = 90;
const MAX_WORD_EDITS = 400;

/** Shows at most 400 lines. `name` and lines stay text whatever they hold [R95]. */
export async function diffMarkdown(diff: LineDiff, name: string | undefined): Promise<string> {
  const place = name === undefined ? "" : ` in ${markdownText(name)}`;
  if (diff.hunks.length === 0) return `Nothing changed${place}.\n`;
  const summary = `**${formatThings(diff.addedLines, "line")} added, ${formatThings(diff.removedLines, "line")} removed**${place}${
    diff.minimal ? "" : "; the texts differ so much that the whole changed part is shown as replaced"
  }.`;
  const { hunks, left } = firstLines(diff.hunks);
  const changed = hunks.flatMap(({ lines }) => lines.filter(isChange));
  const isProse = changed.reduce((sum, line) => sum + line.length, 0) > PARAGRAPH_CHARS * changed.length;
  const parts = isProse ? await Promise.all(hunks.map(proseHunk)) : [fencedHunks(hunks)];
  return `${[summary, ...parts, ...(left === 0 ? [] : [`… and ${formatThings(left, "more line")}.`])].join("\n\n")}\n`;
}

function firstLines(hunks: readonly StructuredPatchHunk[]): { readonly hunks: readonly StructuredPatchHunk[]; readonly left: number } {
  let room = MOST_LINES;
  let left = 0;
  const shown = hunks.flatMap((hunk) => {
    const lines = hunk.lines.slice(0, room).map((line) => (line.length > MOST_LINE_CHARS ? `${line.slice(0, MOST_LINE_CHARS)}…` : line));
    left += hunk.lines.length - lines.length;
    room -= lines.length;
    return lines.length === 0 ? [] : [{ ...hunk, lines }];
  });
  return { hunks: shown, left };
}

function fencedHunks(hunks: readonly StructuredPatchHunk[]): string {
  return markdownFence(hunks.map((hunk) => `${headOf(hunk)}\n${hunk.lines.join("\n")}`).join("\n"), "diff");
}

function headOf({ oldStart, oldLines, newStart, newLines }: StructuredPatchHunk): string {
  return `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`;
}

/** As many removed as added lines in a row are taken for the same lines rewritten. */
async function proseHunk(hunk: StructuredPatchHunk): Promise<string> {
  const { diffWordsWithSpace } = await import("diff");
  const parts: string[] = [];
  for (let at = 0; at < hunk.lines.length; ) {
    const removed = runOf(hunk.lines, at, "-");
    const added = runOf(hunk.lines, at + removed.length, "+");
    if (removed.length + added.length === 0) {
      at += 1;
      continue;
    }
    if (removed.length === added.length) {
      for (const [place, line] of removed.entries()) {
        const words = diffWordsWithSpace(line, added[place] ?? "", { maxEditLength: MAX_WORD_EDITS });
        parts.push(words === undefined ? `${deleted(line)}\n\n${inserted(added[place] ?? "")}` : words.map(markedWords).join(""));
      }
    } else parts.push(...removed.map(deleted), ...added.map(inserted));
    at += removed.length + added.length;
  }
  return [`Line ${hunk.newStart}:`, ...parts.filter((part) => part.trim() !== "").map(quoted)].join("\n\n");
}

function runOf(lines: readonly string[], from: number, mark: "+" | "-"): readonly string[] {
  const run: string[] = [];
  for (let at = from; lines[at]?.startsWith(mark) === true; at += 1) run.push((lines[at] ?? "").slice(1));
  return run;
}

function markedWords({ value, added, removed }: Change): string {
  if (added) return inserted(value);
  return removed ? deleted(value) : markdownText(value);
}

/** Marks stand at words, not at the spaces around them, or Markdown does not take them for marks. */
function marked(text: string, mark: string): string {
  const [, before = "", inside = "", after = ""] = /^(\s*)([\s\S]*?)(\s*)$/u.exec(text) ?? [];
  return inside === "" ? text : `${before}${mark}${markdownText(inside)}${mark}${after}`;
}

function inserted(text: string): string {
  return marked(text, "**");
}

function deleted(text: string): string {
  return marked(text, "~~");
}

function quoted(paragraph: string): string {
  return paragraph
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

function isChange(line: string): boolean {
  return line.startsWith("+") || line.startsWith("-");
}

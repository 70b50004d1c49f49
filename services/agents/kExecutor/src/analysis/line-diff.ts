// What changed between two texts, line by line, by the package `diff` (Myers, An O(ND) Difference Algorithm and Its Variations, 1986). Its work
// grows with the square of the changes, so these are bounded; beyond that the changed middle is given as replaced, and the result says so.

import type { StructuredPatchHunk } from "diff";

export interface LineDiff {
  readonly hunks: readonly StructuredPatchHunk[];
  readonly addedLines: number;
  readonly removedLines: number;
  /** False where the texts differ so much that what is common in their changed middle was not looked for. */
  readonly minimal: boolean;
}

/** Lines added and removed. Counted rather than timed, so the same texts always give the same; a few seconds at the most. */
export const MAX_EDITS = 4000;

export interface LineDiffOptions {
  /** Unchanged lines around a change. */
  readonly context: number;
  /** Default MAX_EDITS. */
  readonly maxEdits?: number;
}

/** A last line without a line break is told from one with it. */
export async function diffLines(before: string, after: string, { context, maxEdits = MAX_EDITS }: LineDiffOptions): Promise<LineDiff> {
  if (before === after) return { hunks: [], addedLines: 0, removedLines: 0, minimal: true };
  const { structuredPatch } = await import("diff");
  const { from, line, beforeEnd, afterEnd } = differingPart(before, after, context);
  const [old, now] = [before.slice(from, beforeEnd), after.slice(from, afterEnd)];
  const patch = structuredPatch("before", "after", old, now, undefined, undefined, { context, maxEditLength: maxEdits });
  const found = patch?.hunks ?? [replacedMiddle(linesOf(old), linesOf(now), context)];
  const hunks = found.map((hunk) => ({ ...hunk, oldStart: hunk.oldStart + line, newStart: hunk.newStart + line }));
  return { hunks, addedLines: count(hunks, "+"), removedLines: count(hunks, "-"), minimal: patch !== undefined };
}

/** What is left without the lines that both have at the beginning and at the end, but for `context` of them: the library handles every line it is given. */
function differingPart(before: string, after: string, context: number) {
  const shorter = Math.min(before.length, after.length);
  let same = 0;
  while (same < shorter && before.charCodeAt(same) === after.charCodeAt(same)) same += 1;
  let from = lineStart(before, same);
  for (let kept = 0; kept < context && from > 0; kept += 1) from = lineStart(before, from - 1);
  let tail = 0;
  while (tail < shorter - same && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1;
  // The line in which the common end begins is not common as a whole.
  let beforeEnd = lineEnd(before, before.length - tail);
  for (let kept = 0; kept < context && beforeEnd < before.length; kept += 1) beforeEnd = lineEnd(before, beforeEnd);
  return { from, line: countBreaks(before, from), beforeEnd, afterEnd: after.length - (before.length - beforeEnd) };
}

/** Where the line begins that holds the character at `place`, or that ends before it. */
function lineStart(text: string, place: number): number {
  return place <= 0 ? 0 : text.lastIndexOf("\n", place - 1) + 1;
}

/** After the next line break from `place` on. */
function lineEnd(text: string, place: number): number {
  const found = text.indexOf("\n", place);
  return found < 0 ? text.length : found + 1;
}

function countBreaks(text: string, end: number): number {
  let breaks = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) breaks += 1;
  return breaks;
}

/** A unified diff as `patch` takes it. */
export async function unifiedDiff(name: string, hunks: readonly StructuredPatchHunk[]): Promise<string> {
  if (hunks.length === 0) return "";
  const { FILE_HEADERS_ONLY, formatPatch } = await import("diff");
  return formatPatch(
    { oldFileName: `a/${name}`, newFileName: `b/${name}`, oldHeader: undefined, newHeader: undefined, hunks: [...hunks] },
    FILE_HEADERS_ONLY,
  );
}

const NO_LINE_BREAK = "\\ No newline at end of file";

/** With their line breaks, so that a last line without one is another line. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function replacedMiddle(before: readonly string[], after: readonly string[], context: number): StructuredPatchHunk {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const from = Math.max(0, head - context);
  const [removed, added] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const following = before.slice(before.length - tail, before.length - tail + context);
  const [leading, rest] = [before.slice(from, head), following.length];
  return {
    oldStart: from + 1,
    oldLines: leading.length + removed.length + rest,
    newStart: from + 1,
    newLines: leading.length + added.length + rest,
    lines: [...marked(leading, " "), ...marked(removed, "-"), ...marked(added, "+"), ...marked(following, " ")],
  };
}

function marked(lines: readonly string[], mark: string): readonly string[] {
  return lines.flatMap((line) => (line.endsWith("\n") ? [mark + line.slice(0, -1)] : [mark + line, NO_LINE_BREAK]));
}

function count(hunks: readonly StructuredPatchHunk[], mark: "+" | "-"): number {
  return hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.startsWith(mark)).length, 0);
}

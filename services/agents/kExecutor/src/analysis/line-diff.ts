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

/** `context`: unchanged lines around a change. Texts whose last line has no line break are told from those where it has one. */
export async function diffLines(before: string, after: string, context: number): Promise<LineDiff> {
  if (before === after) return { hunks: [], addedLines: 0, removedLines: 0, minimal: true };
  const { structuredPatch } = await import("diff");
  const patch = structuredPatch("before", "after", before, after, undefined, undefined, { context, maxEditLength: MAX_EDITS });
  const hunks = patch?.hunks ?? [replacedMiddle(linesOf(before), linesOf(after), context)];
  return { hunks, addedLines: count(hunks, "+"), removedLines: count(hunks, "-"), minimal: patch !== undefined };
}

/** A unified diff as `patch` takes it. */
export async function unifiedDiff(name: string, hunks: readonly StructuredPatchHunk[]): Promise<string> {
  if (hunks.length === 0) return "";
  const { formatPatch } = await import("diff");
  return formatPatch({ oldFileName: `a/${name}`, newFileName: `b/${name}`, oldHeader: undefined, newHeader: undefined, hunks: [...hunks] });
}

const NO_LINE_BREAK = "\\ No newline at end of file";

interface Lines {
  readonly lines: readonly string[];
  readonly endsWithBreak: boolean;
}

function linesOf(text: string): Lines {
  const lines = text === "" ? [] : text.split("\n");
  const endsWithBreak = lines.at(-1) === "" || lines.length === 0;
  return { lines: lines.at(-1) === "" ? lines.slice(0, -1) : lines, endsWithBreak };
}

function replacedMiddle(before: Lines, after: Lines, context: number): StructuredPatchHunk {
  const [old, now] = [before.lines, after.lines];
  const shorter = Math.min(old.length, now.length);
  let same = 0;
  while (same < shorter && old[same] === now[same]) same += 1;
  let tail = 0;
  const isLastEqual = before.endsWithBreak === after.endsWithBreak;
  while (isLastEqual && tail < shorter - same && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  // Where only the break at the end differs, the last line is what changed.
  if (!isLastEqual && same === shorter && same > 0) same -= 1;
  const from = Math.max(0, same - context);
  const [oldEnd, nowEnd] = [old.length - tail, now.length - tail];
  const after_ = old.slice(oldEnd, oldEnd + context);
  const broken = (text: Lines, end: number) => (end === text.lines.length && !text.endsWithBreak ? [NO_LINE_BREAK] : []);
  return {
    oldStart: from + 1,
    oldLines: oldEnd + after_.length - from,
    newStart: from + 1,
    newLines: nowEnd + after_.length - from,
    lines: [
      ...old.slice(from, same).map((line) => ` ${line}`),
      ...old.slice(same, oldEnd).map((line) => `-${line}`),
      ...(tail === 0 ? broken(before, oldEnd) : []),
      ...now.slice(same, nowEnd).map((line) => `+${line}`),
      ...(tail === 0 ? broken(after, nowEnd) : []),
      ...after_.map((line) => ` ${line}`),
      ...(tail > 0 && oldEnd + after_.length === old.length ? broken(before, old.length) : []),
    ],
  };
}

function count(hunks: readonly StructuredPatchHunk[], mark: "+" | "-"): number {
  return hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.startsWith(mark)).length, 0);
}

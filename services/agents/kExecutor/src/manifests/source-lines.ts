// Cuts a manifest that is a program or a list into lines without comments. Every pattern of line-manifests.ts is tried on one short line
// or a short stretch, so that no text can make a pattern take long.

import type { DependencyGroup } from "./manifest-facts.ts";

const MAX_LINE = 1000;
const MAX_STRETCH = 20_000;

export type CommentMark = "#" | "//" | ";";

/** Lines without comments and without space around them, each clipped. Block comments go where the mark is "//". */
export function sourceLines(text: string, mark: CommentMark): readonly string[] {
  const code = mark === "//" ? text.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, " ") : text;
  return code.split("\n").map((line) => uncommented(line.slice(0, MAX_LINE), mark));
}

/** A comment begins with its mark at the start of a line or after a space; `#{` begins none. */
function uncommented(line: string, mark: CommentMark): string {
  for (let at = line.indexOf(mark); at >= 0; at = line.indexOf(mark, at + 1)) {
    const isStart = at === 0 || line[at - 1] === " " || line[at - 1] === "\t";
    if (isStart && line[at + mark.length] !== "{") return line.slice(0, at).trim();
  }
  return line.trim();
}

/** The first group of the pattern in each line that it matches; a pattern with the flag g may match several times in a line. */
export function namesIn(lines: readonly string[], pattern: RegExp): readonly string[] {
  return lines.flatMap((line) => {
    if (!pattern.global) return pattern.exec(line)?.[1] ?? [];
    return [...line.matchAll(pattern)].map((match) => match[1] ?? "");
  });
}

export function groupIn(group: string, lines: readonly string[], pattern: RegExp): DependencyGroup {
  return { group, names: namesIn(lines, pattern) };
}

export function firstIn(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The lines after the first that matches `start`, up to the next that matches `end`. What follows `start` on its own line comes first. */
export function linesBetween(lines: readonly string[], start: RegExp, end: RegExp): readonly string[] {
  const from = lines.findIndex((line) => start.test(line));
  const opening = lines[from];
  if (opening === undefined) return [];
  const rest = opening.replace(start, "");
  if (end.test(rest)) return [rest];
  const length = lines.slice(from + 1).findIndex((line) => end.test(line));
  return [rest, ...lines.slice(from + 1, length < 0 ? undefined : from + 2 + length)].slice(0, MAX_STRETCH);
}

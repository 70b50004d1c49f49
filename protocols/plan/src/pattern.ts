// Regular expressions that cannot be made to run for long: RE2 matching is linear in text and pattern, and both are bounded here.

import { KosError } from "@kos/klp";
import { RE2JS } from "re2js";

export interface Pattern {
  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean;
  /** How much work a character of text costs, roughly. */
  readonly size: number;
}

const MAX_PATTERN_CHARS = 1000;
const MAX_PATTERN_SIZE = 5000;
const MAX_CACHED = 64;
const cache = new Map<string, Pattern>();

/**
 * Compiles a pattern in RE2 syntax; the JavaScript spellings that RE2 lacks but can express are translated.
 * Errors: BAD_REQUEST for one that is no RE2 pattern (look-around and back-references are not) or is too large.
 */
export function compilePattern(text: string): Pattern {
  const known = cache.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_PATTERN_CHARS) throw new KosError("BAD_REQUEST", `the pattern has more than ${MAX_PATTERN_CHARS} characters`);
  const program = parse(text);
  if (program.programSize() > MAX_PATTERN_SIZE) {
    throw new KosError("BAD_REQUEST", "the pattern is too large; use smaller repetition counts");
  }
  const pattern: Pattern = { test: (subject) => program.test(subject), size: program.programSize() };
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(text, pattern);
  return pattern;
}

function parse(text: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KosError("BAD_REQUEST", `not a pattern in RE2 syntax (no look-around, no back-references): ${why}`, { cause: error });
  }
}

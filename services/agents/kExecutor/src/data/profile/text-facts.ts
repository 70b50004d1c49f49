// What is known of a column's values as texts: the first and last in order, their lengths, and what they look like.

import { owned } from "./cell-value.ts";

export interface TextFacts {
  /** `beginning`: as much of it as decides about the order. */
  add(text: string, beginning: string, weight: number): void;
  /** By code point, as SQLite's BINARY and Python order texts. */
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly lengths: { readonly min: number; readonly max: number; readonly mean: number } | undefined;
  /** Patterns that nearly all of the values looked at have. */
  patterns(): readonly Pattern[];
}

export interface Pattern {
  readonly name: string;
  readonly share: number;
}

const PATTERNS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["email", /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/],
  ["url", /^https?:\/\/[^\s]+$/i],
  ["uuid", /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i],
  ["ipv4", /^(?:\d{1,3}\.){3}\d{1,3}$/],
  ["hash", /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i],
  ["leading_zeros", /^0\d+$/],
  ["thousands_separators", /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/],
  ["decimal_comma", /^[+-]?\d+,\d+$/],
  ["percent", /^[+-]?\d+(?:\.\d+)?\s?%$/],
  ["currency", /^[-+]?(?:[$€£¥]\s?[\d.,]+|[\d.,]+\s?[$€£¥])$/],
  ["time", /^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/],
  ["phone", /^\+\d[\d ()/-]{6,20}$/],
  ["json", /^(?:\{.*\}|\[.*\])$/s],
];
/** Texts that patterns are tried on. */
const LOOKED_AT = 2000;
const MOST_CHARS_LOOKED_AT = 1000;
const LEAST_SHARE = 0.95;

export function textFacts(): TextFacts {
  let [min, max]: [string | undefined, string | undefined] = [undefined, undefined];
  let [shortest, longest, chars, count, looked] = [Infinity, 0, 0, 0, 0];
  const hits = new Uint32Array(PATTERNS.length);
  return {
    add(text, beginning, weight) {
      if (min === undefined || isBefore(beginning, min)) min = owned(beginning);
      if (max === undefined || isBefore(max, beginning)) max = owned(beginning);
      const length = codePoints(text);
      if (length < shortest) shortest = length;
      if (length > longest) longest = length;
      chars += length * weight;
      count += weight;
      if (looked >= LOOKED_AT) return;
      looked += 1;
      if (text.length > MOST_CHARS_LOOKED_AT) return;
      for (const [index, [, pattern]] of PATTERNS.entries()) if (pattern.test(text)) hits[index] = (hits[index] ?? 0) + 1;
    },
    get min() {
      return min;
    },
    get max() {
      return max;
    },
    get lengths() {
      return count === 0 ? undefined : { min: shortest, max: longest, mean: chars / count };
    },
    patterns: () =>
      PATTERNS.flatMap(([name], index) => {
        const share = looked === 0 ? 0 : (hits[index] ?? 0) / looked;
        return share >= LEAST_SHARE ? [{ name, share }] : [];
      }),
  };
}

const SURROGATE = /[\ud800-\udfff]/;

/** The two orders differ only where one of the texts holds a character beyond U+FFFF. */
export function isBefore(one: string, other: string): boolean {
  if (!SURROGATE.test(one) && !SURROGATE.test(other)) return one < other;
  const [left, right] = [Array.from(one), Array.from(other)];
  for (const [index, char] of left.entries()) {
    const against = right[index];
    if (against === undefined) return false;
    if (char !== against) return (char.codePointAt(0) ?? 0) < (against.codePointAt(0) ?? 0);
  }
  return left.length < right.length;
}

function codePoints(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let count = 0;
  for (const _char of text) count += 1;
  return count;
}

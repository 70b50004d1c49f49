/**
 * RFC 8785 canonical JSON, the form that is hashed and signed everywhere. It must accept nothing that JSON cannot carry unchanged.
 * Values whose keys only need sorting are serialised by the engine in one go; the rest (digit keys, `__proto__`) by the reference package.
 */

import canonicalize from "canonicalize";
import { KosError } from "./errors.ts";
import { findUnfit, isPlain } from "./unfit-json.ts";

/** Containers nested deeper than this are refused; a cycle is always deeper. Far above what strict parsing lets in. */
export const MAX_CANONICAL_DEPTH = 1000;

const DIGITS = /^[0-9]+$/;

/** Thrown inside this module only: the engine would not print the keys in order, so the reference package has to. */
const needsReference = new Error("needs the reference package");

/**
 * Serialises a JSON value in the one form RFC 8785 allows.
 * @throws KosError BAD_REQUEST, with the JSON pointer, for NaN, infinities, undefined, functions, symbols, bigints, lone surrogates, cycles,
 * holes in arrays and objects other than plain ones (Date, Map, class instances: convert them first).
 */
export function canonicalJson(value: unknown): string {
  return canonicalJsonWithin(value, MAX_CANONICAL_DEPTH);
}

/** `canonicalJson` with a lower bound on the levels of nesting; for parsers that have one. */
export function canonicalJsonWithin(value: unknown, maxDepth: number): string {
  let text: string;
  try {
    text = JSON.stringify(ordered(value, maxDepth));
  } catch (error) {
    if (error === needsReference) return byReference(value, maxDepth);
    throw refusal(findUnfit(value, maxDepth) ?? "the value cannot be serialised", error);
  }
  // The engine writes a lone surrogate as an escape; a true backslash before "ud" looks alike, and the reference tells them apart.
  return text.includes("\\ud") ? byReference(value, maxDepth) : text;
}

/** The value itself when its keys are in order throughout, else a copy with sorted keys. */
function ordered(value: unknown, levels: number): unknown {
  if (typeof value !== "object") return scalar(value);
  if (value === null) return value;
  if (levels === 0) throw new RangeError("too deep");
  return Array.isArray(value) ? orderedArray(value, levels - 1) : orderedObject(value, levels - 1);
}

function orderedArray(items: readonly unknown[], levels: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const next = ordered(item, levels);
    if (next === item) continue;
    copy ??= items.slice();
    copy[index] = next;
  }
  return copy ?? items;
}

function orderedObject(object: object, levels: number): object {
  if (!isPlain(object)) throw new TypeError("not plain");
  const source = object as Readonly<Record<string, unknown>>;
  const keys = Object.keys(source);
  let same = sortInPlace(keys);
  if (!same) for (const key of keys) if (isAwkward(key)) throw needsReference;
  const copy: Record<string, unknown> = {};
  let copied = 0;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string;
    const item = source[key];
    const next = ordered(item, levels);
    if (same && next === item) continue;
    if (same) {
      same = false;
      for (const earlier of keys) if (isAwkward(earlier)) throw needsReference;
    }
    while (copied < index) {
      const earlier = keys[copied] as string;
      copy[earlier] = source[earlier];
      copied++;
    }
    copy[key] = next;
    copied = index + 1;
  }
  if (same) return object;
  while (copied < keys.length) {
    const later = keys[copied] as string;
    copy[later] = source[later];
    copied++;
  }
  return copy;
}

/** Sorts by UTF-16 code units and says whether nothing had to move. Keys are few and mostly in order: insertion sort, then the engine's. */
function sortInPlace(keys: string[]): boolean {
  let index = 1;
  while (index < keys.length && (keys[index] as string) > (keys[index - 1] as string)) index++;
  if (index >= keys.length) return true;
  if (keys.length > 32) {
    keys.sort();
    return false;
  }
  for (; index < keys.length; index++) {
    const key = keys[index] as string;
    let place = index - 1;
    while (place >= 0 && (keys[place] as string) > key) {
      keys[place + 1] = keys[place] as string;
      place--;
    }
    keys[place + 1] = key;
  }
  return false;
}

/** Keys that a copied object could not keep in sorted order: array indexes always come first, and `__proto__` would set the prototype. */
function isAwkward(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57 && DIGITS.test(key)) || key === "__proto__";
}

function scalar(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new TypeError("not finite");
    default:
      throw new TypeError("not JSON");
  }
}

function byReference(value: unknown, maxDepth: number): string {
  const finding = findUnfit(value, maxDepth);
  if (finding !== undefined) throw refusal(finding);
  return canonicalize(value) as string;
}

function refusal(finding: string, cause?: unknown): KosError {
  return new KosError("BAD_REQUEST", `No canonical JSON: ${finding}. Send plain JSON data only.`, { cause });
}

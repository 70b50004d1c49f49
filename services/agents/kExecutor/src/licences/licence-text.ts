// Recognises licences by their text: which known ones a text contains, and how much of each. It reads no file.
// Method: hashed word 5-grams; the licence that explains most of what is left of the text is taken first, then the next.

import { LICENCE_SKETCHES } from "./licence-sketches.ts";

export interface LicenceMatch {
  /** SPDX id. */
  readonly spdx: string;
  /** How much of the licence's sampled text was found, 0 to 1, two digits. */
  readonly confidence: number;
}

interface Sketch {
  readonly spdx: string;
  readonly size: number;
  readonly hashes: ReadonlySet<number>;
}

const SHINGLE_WORDS = 5;
/** Of the licence's sample, that much must be in the text, and as much must not be explained by a licence already taken. */
const MIN_CONTAINED = 0.75;
const MAX_LICENCES = 10;

/** Licences that differ from a neighbour by one clause are told apart by it, since people reword the rest. Words only, as they are cut for hashing. */
const CLAUSES: ReadonlyMap<string, { readonly has?: string; readonly lacks?: string }> = new Map([
  ["MIT", { has: "permission notice shall be included in" }],
  ["MIT-0", { lacks: "permission notice shall be included in" }],
  ["X11", { has: "except as contained in this notice" }],
  ["ISC", { has: "this permission notice appear in all copies" }],
  ["0BSD", { lacks: "this permission notice appear in all copies" }],
  ["BSD-1-Clause", { lacks: "in binary form must reproduce" }],
  ["BSD-2-Clause", { has: "in binary form must reproduce", lacks: "endorse or promote products" }],
  ["BSD-3-Clause", { has: "endorse or promote products", lacks: "advertising materials mentioning" }],
  ["BSD-4-Clause", { has: "advertising materials mentioning" }],
  ["BSD-4-Clause-UC", { has: "advertising materials mentioning" }],
  ["zlib-acknowledgement", { has: "is required" }],
]);

let sketches: readonly Sketch[] | undefined;

/** The licences a text contains, the most of it first. */
export function recogniseLicences(text: string): readonly LicenceMatch[] {
  sketches ??= LICENCE_SKETCHES.map(([spdx, size, hashes]) => ({
    spdx,
    size,
    hashes: new Set(hashes.split(" ").map((hash) => Number.parseInt(hash, 36))),
  }));
  const words = wordsOf(text);
  const plain = words.join(" ");
  const whole = shinglesOf(words);
  const left = new Set(whole);
  const matches: LicenceMatch[] = [];
  let candidates = sketches.filter((sketch) => contained(sketch, whole) >= MIN_CONTAINED && fitsClauses(sketch, plain));
  while (candidates.length > 0 && matches.length < MAX_LICENCES) {
    const best = candidates.reduce((one, other) => (explained(other, left) > explained(one, left) ? other : one));
    matches.push({ spdx: best.spdx, confidence: Math.round(contained(best, whole) * 100) / 100 });
    for (const hash of best.hashes) left.delete(hash);
    candidates = candidates.filter((sketch) => sketch !== best && contained(sketch, left) >= MIN_CONTAINED);
  }
  return matches;
}

function contained(sketch: Sketch, shingles: ReadonlySet<number>): number {
  let hits = 0;
  for (const hash of sketch.hashes) if (shingles.has(hash)) hits += 1;
  return hits / sketch.hashes.size;
}

/** Words of the text that the licence accounts for, less those of the licence that are missing. */
function explained(sketch: Sketch, shingles: ReadonlySet<number>): number {
  return (2 * contained(sketch, shingles) - 1) * sketch.size;
}

function fitsClauses(sketch: Sketch, words: string): boolean {
  const clause = CLAUSES.get(sketch.spdx);
  return (clause?.has === undefined || words.includes(clause.has)) && (clause?.lacks === undefined || !words.includes(clause.lacks));
}

/** Markup, case and punctuation do not count. */
function wordsOf(text: string): readonly string[] {
  const plain = text.replace(/<[^<>]*>/g, " ").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, " ")
    .trim()
    .split(" ");
}

/** FNV-1a of each run of five words. */
function shinglesOf(words: readonly string[]): ReadonlySet<number> {
  const shingles = new Set<number>();
  for (let start = 0; start + SHINGLE_WORDS <= words.length; start += 1) {
    shingles.add(fnv1a(words.slice(start, start + SHINGLE_WORDS).join(" ")));
  }
  return shingles;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

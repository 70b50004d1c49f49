// How a page reads: its language, how hard its sentences are, and its commonest content words.

import { createHash } from "node:crypto";
import { detectLanguage } from "../../analysis/language.ts";
import { readabilityOf } from "../../analysis/readability.ts";
import { stopWordsFor } from "../../analysis/stop-words.ts";
import { createWordCutter, termOf } from "../../analysis/words.ts";
import type { PageRecord } from "./site-record.ts";

type PageText = Pick<PageRecord, "language" | "words" | "lix" | "flesch" | "terms" | "text_hash">;

const MAX_TERMS = 40;
const LEAST_LETTERS = 3;
const MOST_LETTERS = 40;
/** What a page says of its language is believed unless its text, when there is enough of it, clearly says otherwise. */
const ENOUGH_CHARS = 200;
const DETECTED_CHARS = 1000;
const SURE = 0.8;
/** More text than this tells nothing more about how a page reads. */
const MAX_READ_CHARS = 50_000;

export async function measureText(text: string, declared: string): Promise<PageText> {
  const read = text.slice(0, MAX_READ_CHARS);
  const language = await languageOf(read, declared);
  const terms = new Map<string, number>();
  const stopWords = await stopWordsFor(language, () => []);
  let words = 0;
  for (const word of createWordCutter(language)(read)) {
    words += 1;
    const term = termOf(word.text, language);
    if (term.length < LEAST_LETTERS || term.length > MOST_LETTERS || stopWords.has(term) || !/^\p{L}[\p{L}\p{M}'’-]*$/u.test(term))
      continue;
    terms.set(term, (terms.get(term) ?? 0) + 1);
  }
  const readability = readabilityOf(read, language);
  return {
    language,
    words,
    ...(readability !== undefined && { lix: readability.lix }),
    ...(readability?.flesch !== undefined && language === "en" && { flesch: readability.flesch }),
    terms: [...terms].sort(byCount).slice(0, MAX_TERMS),
    text_hash: `sha256:${createHash("sha256").update(text).digest("hex")}`,
  };
}

/** ISO 639-1, or `und`. */
async function languageOf(text: string, declared: string): Promise<string> {
  const base = /^[a-z]{2,3}(?=$|[-_])/.exec(declared.toLowerCase())?.[0];
  if (base !== undefined && text.length < ENOUGH_CHARS) return base;
  const detected = await detectLanguage(text.slice(0, DETECTED_CHARS));
  if (base === undefined) return detected.confidence >= SURE / 2 ? detected.language : "und";
  return detected.confidence >= SURE ? detected.language : base;
}

function byCount(one: readonly [string, number], other: readonly [string, number]): number {
  return other[1] - one[1] || (one[0] < other[0] ? -1 : 1);
}

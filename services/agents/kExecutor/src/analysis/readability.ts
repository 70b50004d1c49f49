// How hard a text is to read, by the lengths of its sentences and words. It says nothing about whether the text is any good.

import { createSentenceCutter, isWholeSentence } from "./sentences.ts";
import { createWordCutter, isUnspaced, localeOf } from "./words.ts";

export interface Readability {
  readonly words: number;
  readonly sentences: number;
  /**
   * Björnsson, Läsbarhet, 1968: mean words of a sentence plus the percentage of words of more than six letters. Below 30 very easy, 30 to 40 easy,
   * 40 to 50 medium, 50 to 60 hard, above very hard. Made for Swedish; usual for the languages of western Europe.
   */
  readonly lix: number;
  /** 0 to 100 for ordinary texts, the higher the easier; only for English, German and French. */
  readonly flesch?: number;
  readonly level: ReadingLevel;
}

export const READING_LEVELS = ["very_easy", "easy", "medium", "hard", "very_hard"] as const;
type ReadingLevel = (typeof READING_LEVELS)[number];

interface FleschFormula {
  readonly base: number;
  readonly sentence: number;
  readonly syllable: number;
}

/** Flesch, A new readability yardstick, 1948; Amstad, Wie verständlich sind unsere Zeitungen?, 1978; Kandel and Moles, 1958. */
const FLESCH: Readonly<Record<string, FleschFormula>> = {
  en: { base: 206.835, sentence: 1.015, syllable: 84.6 },
  de: { base: 180, sentence: 1, syllable: 58.5 },
  fr: { base: 207, sentence: 1.015, syllable: 73.6 },
};

/** Fewer words say nothing about how a text reads. */
export const LEAST_WORDS = 30;
const LONG_WORD_LETTERS = 6;
const LEVEL_LIMITS: readonly (readonly [number, ReadingLevel])[] = [
  [30, "very_easy"],
  [40, "easy"],
  [50, "medium"],
  [60, "hard"],
];

/**
 * Nothing for a text of fewer than 30 words or without sentences, and for scripts without spaces, where the length of a word means something else.
 * Headings and list items without a full stop are left out.
 */
export function readabilityOf(text: string, language: string): Readability | undefined {
  const cutWords = createWordCutter(language);
  const base = language.split("-")[0] ?? language;
  let [words, sentences, long, syllables] = [0, 0, 0, 0];
  for (const sentence of createSentenceCutter(localeOf(language))(text)) {
    if (!isWholeSentence(sentence.text)) continue;
    if (isUnspaced(sentence.text)) return undefined;
    const spoken = cutWords(sentence.text).filter((word) => /\p{L}/u.test(word.text));
    if (spoken.length === 0) continue;
    sentences += 1;
    words += spoken.length;
    for (const { text: word } of spoken) {
      if (countLetters(word) > LONG_WORD_LETTERS) long += 1;
      syllables += syllablesOf(word, base);
    }
  }
  if (words < LEAST_WORDS) return undefined;
  const lix = words / sentences + (100 * long) / words;
  const formula = FLESCH[base];
  return {
    words,
    sentences,
    lix: rounded(lix),
    ...(formula && { flesch: rounded(formula.base - (formula.sentence * words) / sentences - (formula.syllable * syllables) / words) }),
    level: LEVEL_LIMITS.find(([limit]) => lix < limit)?.[1] ?? "very_hard",
  };
}

/** Groups of vowels, less what is silent: within a few per cent of a dictionary over a text, not right for every word. */
function syllablesOf(word: string, language: string): number {
  const folded = word.toLowerCase();
  const groups = (folded.match(VOWELS) ?? []).length;
  if (language === "en") return Math.max(1, groups - (SILENT_EN.test(folded) ? 1 : 0));
  if (language === "fr") return Math.max(1, groups - (SILENT_FR.test(folded) ? 1 : 0));
  if (language === "de") return Math.max(1, (folded.match(VOWELS_DE) ?? []).length);
  return Math.max(1, groups);
}

const VOWELS = /[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûüýÿ]+/gu;
/** German speaks neighbouring vowels apart unless they are a diphthong or a long vowel. */
const VOWELS_DE = /aa|ee|oo|ie|ei|ai|au|äu|eu|ey|ay|[aeiouyäöü]/gu;
/** make, walked, stones, but not table, wanted, horses. */
const SILENT_EN = /(?:[^aeiouyl]e|[aeiouy]le|[^aeiouydt]ed|[^aeiouyscghxz]es)$/;
/** porte, portes, parlent. */
const SILENT_FR = /[^aeiouyàâéèêëîïôûù](?:e|es|ent)$/u;

function countLetters(word: string): number {
  return (word.match(/\p{L}/gu) ?? []).length;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

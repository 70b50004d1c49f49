// The words of a text, as Unicode and the language's dictionary see them, with their places. It knows nothing of what they mean.

import { countCharacters } from "../documents/text-counts.ts";

export interface Word {
  /** As it stands in the text. */
  readonly text: string;
  /** UTF-16 offset in the text it was cut from. */
  readonly start: number;
  readonly end: number;
}

/** Scripts that put no space between words: a text in one of them is cut by dictionary, and its words are joined without space. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Elided articles and pronouns of French, Italian and Catalan: l'eau, qu'il, dell'acqua. */
const ELISION = /^\p{L}{1,6}['’](?=\p{L})/u;
const ELIDING: ReadonlySet<string> = new Set(["fr", "it", "ca"]);
const POSSESSIVE = /['’]s?$/;

/** A cutter for many texts of one language. A language that ICU does not know is cut by the general rules. */
export function createWordCutter(language: string): (text: string) => readonly Word[] {
  const segmenter = new Intl.Segmenter(localeOf(language), { granularity: "word" });
  return (text) => {
    const words: Word[] = [];
    for (const { segment, index, isWordLike } of segmenter.segment(text)) {
      if (isWordLike === true) words.push({ text: segment, start: index, end: index + segment.length });
    }
    return words;
  };
}

/** Words of a text by the language's dictionary; in scripts without spaces each character of them counts, as word processors do. */
export function countWordsByDictionary(text: string, language: string): number {
  const cutWords = createWordCutter(language);
  let count = 0;
  for (const line of text.split("\n")) for (const word of cutWords(line)) count += isUnspaced(word.text) ? countCharacters(word.text) : 1;
  return count;
}

/** The word as it is counted: without case, without an elided article before it or a possessive after it. */
export function termOf(word: string, language: string): string {
  const folded = word.normalize("NFKC").toLowerCase();
  if (ELIDING.has(language)) return folded.replace(ELISION, "");
  return language === "en" ? folded.replace(POSSESSIVE, "") : folded;
}

/**
 * What the inflected forms of a word mostly have in common: its first letters. Truncation is the plainest stemmer, and the one that asks
 * nothing of the language (McNamee and Mayfield, Character N-Gram Tokenization for European Language Text Retrieval, 2004). Few letters find
 * more relatives, and more false ones.
 */
export function stemOf(term: string, letters: number): string {
  return term.length <= letters || UNSPACED.test(term) ? term : term.slice(0, letters);
}

export function isUnspaced(text: string): boolean {
  return UNSPACED.test(text);
}

/** A tag that Intl takes; `und` for anything else. */
export function localeOf(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "und";
  } catch (error) {
    if (error instanceof RangeError) return "und";
    throw error;
  }
}

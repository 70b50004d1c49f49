// The words and phrases that say what a text is about, by statistics of the text alone: no corpus, no dictionary but a list of stop words.
//
// Candidates are runs of up to three content words, as in RAKE (Rose, Engel, Cramer and Cowley, Automatic keyword extraction from individual documents,
// 2010). A word's weight is its frequency, corrected by three of the features of YAKE! (Campos et al., Information Sciences 509, 2020) in mild form:
// capitals where they need not be, an early first mention, and length, which stands for rarity here. RAKE's and YAKE's own formulas were tried on the
// documents of testing/summaries: on short texts both prefer whatever is rare and early. Here a phrase has the mean weight of its words, more if it
// recurs, less if its words mostly stand apart.

import { countCharacters } from "../documents/text-counts.ts";
import type { Sentence } from "./sentences.ts";
import { isUnspaced, stemOf, termOf, type Word } from "./words.ts";

export interface Keyphrase {
  /** As it stands in the text most often. */
  readonly term: string;
  /** 1 for the best. */
  readonly weight: number;
  /** How often it stands in the text, in any inflection that begins alike. */
  readonly count: number;
  /** UTF-16 places in the text, the first ones. */
  readonly offsets: readonly { readonly start: number; readonly end: number }[];
}

export interface KeyphraseOptions {
  readonly language: string;
  readonly max: number;
  readonly stopWords: ReadonlySet<string>;
  /** Places given of each phrase. */
  readonly maxOffsets: number;
}

/** A sentence with its words, whose places count from the beginning of the sentence. */
export interface CutSentence extends Sentence {
  readonly words: readonly Word[];
}

const MOST_PHRASE_WORDS = 3;
/** Enough that what is counted together is mostly one word. */
const STEM_LETTERS = 7;
const LEAST_LETTERS = 3;
/** Beyond that a word is not rarer for being longer. */
const MOST_LETTERS = 12;
const CAPITAL_BONUS = 0.3;
const LATE_MALUS = 0.3;
/** A phrase that recurs says more than its words; one that stands there once is mostly chance, unless it is a name. */
const PHRASE_BONUS = 0.5;
const ONCE = 0.7;
const MOST_SPELLINGS = 20;
/** Languages that capitalise every noun. */
const CAPITALS_SAY_NOTHING: ReadonlySet<string> = new Set(["de", "lb"]);

interface Token {
  readonly term: string;
  readonly stem: string;
  readonly start: number;
  readonly end: number;
  readonly isCapital: boolean;
  /** Stop words and what is no word end a phrase. */
  readonly isStop: boolean;
}

interface WordFacts {
  readonly firstSentence: number;
  readonly letters: number;
  count: number;
  capitals: number;
}

interface Candidate {
  readonly stems: readonly string[];
  count: number;
  names: number;
}

/** What is gathered of the chosen phrases in a second pass; keeping it of all would take most of the memory. */
interface Occurrences {
  readonly places: { readonly start: number; readonly end: number }[];
  readonly spellings: Map<string, number>;
}

/** Best first. Time and memory are linear in the words. */
export function keyphrases(text: string, sentences: readonly CutSentence[], options: KeyphraseOptions): readonly Keyphrase[] {
  const facts = new Map<string, WordFacts>();
  const candidates = new Map<string, Candidate>();
  for (const [index, sentence] of sentences.entries()) {
    for (const block of blocksOf(text, sentence, options)) {
      for (const token of block) observe(token, index, facts);
      for (const tokens of phrasesOf(block)) countPhrase(tokens, candidates);
    }
  }
  const ranked = [...candidates]
    .map(([key, candidate]) => ({ key, candidate, weight: weighPhrase(candidate, facts, sentences.length) }))
    .sort((one, other) => other.weight - one.weight || firstOf(one.candidate, facts) - firstOf(other.candidate, facts));
  const kept = withoutNested(ranked, options.max);
  const occurrences = occurrencesOf(new Set(kept.map(({ key }) => key)), text, sentences, options);
  const best = kept[0]?.weight ?? 1;
  return kept.map(({ key, candidate, weight }) => ({
    term: commonest(occurrences.get(key)?.spellings ?? new Map()),
    weight: Math.round((weight / best) * 10_000) / 10_000,
    count: candidate.count,
    offsets: occurrences.get(key)?.places ?? [],
  }));
}

function occurrencesOf(
  keys: ReadonlySet<string>,
  text: string,
  sentences: readonly CutSentence[],
  options: KeyphraseOptions,
): ReadonlyMap<string, Occurrences> {
  const found = new Map<string, Occurrences>([...keys].map((key) => [key, { places: [], spellings: new Map() }]));
  for (const sentence of sentences) {
    for (const block of blocksOf(text, sentence, options)) {
      for (const tokens of phrasesOf(block)) {
        const occurrences = found.get(keyOf(tokens));
        const [first, last] = [tokens[0], tokens.at(-1)];
        if (occurrences === undefined || first === undefined || last === undefined) continue;
        const { places, spellings } = occurrences;
        if (places.length < options.maxOffsets) places.push({ start: first.start, end: last.end });
        const spelling = text.slice(first.start, last.end).replace(/\s+/gu, " ");
        if (spellings.size < MOST_SPELLINGS || spellings.has(spelling)) spellings.set(spelling, (spellings.get(spelling) ?? 0) + 1);
      }
    }
  }
  return found;
}

/** Runs of words with nothing but spaces, hyphens or nothing at all between them. */
function* blocksOf(text: string, sentence: CutSentence, { language, stopWords }: KeyphraseOptions): Generator<readonly Token[]> {
  let block: Token[] = [];
  let last = 0;
  for (const word of sentence.words) {
    const token = tokenOf(text, sentence.start, word, language, stopWords);
    const isApart = !/^(?:\s|[-‐‑])*$/u.test(sentence.text.slice(last, word.start));
    if (block.length > 0 && (isApart || token.isStop)) {
      yield block;
      block = [];
    }
    if (!token.isStop) block.push(token);
    last = word.end;
  }
  if (block.length > 0) yield block;
}

function tokenOf(text: string, sentenceStart: number, word: Word, language: string, stopWords: ReadonlySet<string>): Token {
  const term = termOf(word.text, language);
  const at = word.text.toLowerCase().indexOf(term);
  const start = sentenceStart + word.start + Math.max(0, at);
  const end = at < 0 ? sentenceStart + word.end : start + term.length;
  const letters = countCharacters(term);
  const isShort = letters < (isUnspaced(term) ? 2 : LEAST_LETTERS);
  return {
    term,
    stem: stemOf(term, STEM_LETTERS),
    start,
    end,
    isCapital: start > sentenceStart && !CAPITALS_SAY_NOTHING.has(language) && /^\p{Lu}/u.test(text.slice(start, end)),
    isStop: isShort || stopWords.has(term) || !/\p{L}/u.test(term),
  };
}

function observe({ term, stem, isCapital }: Token, sentence: number, facts: Map<string, WordFacts>): void {
  const known = facts.get(stem) ?? { firstSentence: sentence, letters: countCharacters(term), count: 0, capitals: 0 };
  facts.set(stem, known);
  known.count += 1;
  if (isCapital) known.capitals += 1;
}

function* phrasesOf(block: readonly Token[]): Generator<readonly Token[]> {
  for (let from = 0; from < block.length; from += 1)
    for (let to = from + 1; to <= Math.min(block.length, from + MOST_PHRASE_WORDS); to += 1) yield block.slice(from, to);
}

function keyOf(tokens: readonly Token[]): string {
  return tokens.map(({ stem }) => stem).join(" ");
}

function countPhrase(tokens: readonly Token[], candidates: Map<string, Candidate>): void {
  const key = keyOf(tokens);
  const candidate = candidates.get(key) ?? { stems: tokens.map(({ stem }) => stem), count: 0, names: 0 };
  candidates.set(key, candidate);
  candidate.count += 1;
  if (tokens.every(({ isCapital }) => isCapital)) candidate.names += 1;
}

function firstOf({ stems }: Candidate, facts: ReadonlyMap<string, WordFacts>): number {
  return facts.get(stems[0] ?? "")?.firstSentence ?? 0;
}

function weighPhrase({ stems, count, names }: Candidate, facts: ReadonlyMap<string, WordFacts>, sentences: number): number {
  const words = stems.flatMap((stem) => facts.get(stem) ?? []);
  const mean = words.reduce((sum, word) => sum + weighWord(word, sentences), 0) / Math.max(1, words.length);
  if (stems.length === 1) return mean;
  const rarest = Math.min(...words.map((word) => word.count));
  const together = Math.sqrt(Math.min(1, count / rarest));
  if (count > 1) return mean * together * (1 + PHRASE_BONUS * (stems.length - 1));
  return mean * together * (names > 0 ? 1 : ONCE);
}

function weighWord({ count, capitals, letters, firstSentence }: WordFacts, sentences: number): number {
  const rarity = Math.log(1 + Math.min(MOST_LETTERS, letters));
  const lateness = firstSentence / Math.max(1, sentences);
  return ((count + CAPITAL_BONUS * capitals) * rarity) / (1 + LATE_MALUS * lateness);
}

interface Ranked {
  readonly key: string;
  readonly candidate: Candidate;
  readonly weight: number;
}

/** A phrase whose words are all in a better one, or that only adds to a better one, says nothing new. */
function withoutNested(ranked: readonly Ranked[], max: number): readonly Ranked[] {
  const kept: { readonly entry: Ranked; readonly stems: ReadonlySet<string> }[] = [];
  for (const entry of ranked) {
    if (kept.length >= max) break;
    const stems = new Set(entry.candidate.stems);
    if (!kept.some((other) => isWithin(stems, other.stems) || isWithin(other.stems, stems))) kept.push({ entry, stems });
  }
  return kept.map(({ entry }) => entry);
}

function isWithin(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return inner.size <= outer.size && [...inner].every((stem) => outer.has(stem));
}

function commonest(spellings: ReadonlyMap<string, number>): string {
  return [...spellings].reduce((best, next) => (next[1] > best[1] ? next : best), ["", 0])[0];
}

// A summary of a text made of its own sentences: segmentation, terms, ranking, and which sentences may be chosen at all.

import { countWords } from "../documents/text-counts.ts";
import { type RankedSentence, rankSentences } from "./sentence-rank.ts";
import { createSentenceCutter, isWholeSentence, type Sentence } from "./sentences.ts";
import { stopWordsFor } from "./stop-words.ts";
import { createWordCutter, stemOf, termOf } from "./words.ts";

interface SummarySentence extends Sentence {
  /** 1 for the best sentence of the text. */
  readonly score: number;
}

export interface Summary {
  /** The chosen sentences, joined as the language joins sentences. */
  readonly text: string;
  readonly sentences: readonly SummarySentence[];
  /** Sentences of the text, and those of them that were candidates. */
  readonly sentencesTotal: number;
  readonly candidates: number;
  readonly words: number;
}

/** How long a summary is: a number of sentences, or a part of the text's own. */
export type SummaryLength = { readonly sentences: number } | { readonly ratio: number; readonly most: number };

/** Fewer content words say too little, more are a list or a table. */
const LEAST_TERMS = 3;
const MOST_WORDS = 120;
/** Of a text of more sentences every n-th is looked at. */
const MAX_SENTENCES = 20_000;
/** For likeness a false relative does less harm than a missed one. */
const STEM_LETTERS = 5;

/**
 * The chosen sentences in the order of the text. Headings, list items, table rows and fragments are chosen only where the text has no whole sentences.
 * Time is linear in the text but for the graph, whose size is bounded (sentence-rank.ts); of more than 20,000 sentences every n-th is a candidate.
 */
export async function summarise(text: string, language: string, length: SummaryLength): Promise<Summary> {
  const cutWords = createWordCutter(language);
  const all = createSentenceCutter(language)(text);
  const every = Math.ceil(all.length / MAX_SENTENCES);
  const sentences = every > 1 ? all.filter((_, place) => place % every === 0) : all;
  const terms = sentences.map((sentence) => cutWords(sentence.text).map((word) => termOf(word.text, language)));
  const stopWords = await stopWordsFor(language, () => terms);
  const content = terms.map((list) =>
    list.filter((term) => !stopWords.has(term) && /\p{L}/u.test(term)).map((term) => stemOf(term, STEM_LETTERS)),
  );
  const fits = (place: number) => (content[place]?.length ?? 0) >= LEAST_TERMS && (terms[place]?.length ?? 0) <= MOST_WORDS;
  const whole = sentences.flatMap((sentence, place) => (isWholeSentence(sentence.text) && fits(place) ? [place] : []));
  const candidates = whole.length > 0 ? whole : sentences.map((_, place) => place);
  const count = "sentences" in length ? length.sentences : Math.min(length.most, Math.max(1, Math.round(length.ratio * candidates.length)));
  const ranked = rankSentences(
    candidates.map((place) => content[place] ?? []),
    { count },
  );
  const picked = ranked.flatMap((entry) => chosen(entry, candidates, sentences));
  return {
    text: picked.map((sentence) => sentence.text).join(/^(?:zh|ja|th|lo|km|my)\b/.test(language) ? "" : " "),
    sentences: picked,
    sentencesTotal: all.length,
    candidates: candidates.length,
    words: countWords(text),
  };
}

function chosen(
  { index, score }: RankedSentence,
  candidates: readonly number[],
  sentences: readonly Sentence[],
): readonly SummarySentence[] {
  const sentence = sentences[candidates[index] ?? -1];
  return sentence === undefined ? [] : [{ ...sentence, score: Math.round(score * 10_000) / 10_000 }];
}

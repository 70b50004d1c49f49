// The capability text.keywords: the words and phrases that say what a text is about.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { type CutSentence, keyphrases } from "./keyphrases.ts";
import { detectLanguage } from "./language.ts";
import { createSentenceCutter } from "./sentences.ts";
import { stopWordsFor } from "./stop-words.ts";
import { EITHER_TEXT_OR_ARTIFACT, LanguageParam, readTextSource, TextSourceProperties } from "./text-source.ts";
import { createWordCutter, termOf } from "./words.ts";

const DEFAULT_MAX = 10;
const MOST_OFFSETS = 20;
const TWO_MINUTES_MS = 120_000;
/** Of a longer text every n-th sentence is looked at, so that about that many characters are. */
const MAX_COUNTED_CHARS = 1_000_000;

const Input = Type.Object(
  {
    ...TextSourceProperties,
    max: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, default: DEFAULT_MAX, title: "Most keywords", description: "How many are given at most." }),
    ),
    language: LanguageParam,
  },
  { additionalProperties: false, title: "text.keywords input", ...EITHER_TEXT_OR_ARTIFACT },
);

const Output = Type.Object(
  {
    keywords: Type.Array(
      Type.Object({
        term: Type.String({ title: "Term", description: "A word or a phrase of up to three words, as it stands in the text most often." }),
        weight: Type.Number({ minimum: 0, maximum: 1, title: "Weight", description: "1 for the best." }),
        count: Type.Integer({
          minimum: 1,
          title: "Count",
          description: "How often it is in the text, inflected forms that begin alike included.",
        }),
        offsets: Type.Array(Type.Object({ start: Type.Integer({ title: "Start" }), end: Type.Integer({ title: "End" }) }), {
          title: "Places",
          description: `UTF-16 offsets in the text, the first ${MOST_OFFSETS}.`,
        }),
      }),
      { title: "Keywords", description: "Best first." },
    ),
    language: Type.String({ title: "Language", description: "ISO 639-1, given or detected; und if neither." }),
    words: Type.Integer({ minimum: 0, title: "Words", description: "Words that were looked at." }),
    sampled: Type.Boolean({
      title: "Sampled",
      description: "Whether the text is so long that only every n-th sentence was looked at; counts are of those.",
    }),
    truncated: Type.Boolean({ title: "Truncated", description: "Whether only the beginning of the text was read." }),
  },
  { title: "text.keywords output", "x-kos-type": "text.keywords" },
);

export const textKeywords = defineCapability({
  name: "text.keywords",
  title: "Find the keywords of a text",
  description:
    "Finds the words and phrases that say what a text is about, by their frequency, place, capitals and company, with weights, counts and places. " +
    "Errors: BAD_REQUEST for no text; NOT_FOUND, TOO_LARGE for the artifact.",
  input: Input,
  output: Output,
  timeout_ms: TWO_MINUTES_MS,
  async run(params, context) {
    const { text, truncated } = await readTextSource(params, context);
    const language = params.language ?? (await detectLanguage(text)).language;
    const found = await findKeywords(text, { language, max: params.max ?? DEFAULT_MAX });
    return { keywords: found.keywords, language, words: found.words, sampled: found.sampled, truncated };
  },
});

interface FoundKeywords {
  readonly keywords: { term: string; weight: number; count: number; offsets: { start: number; end: number }[] }[];
  readonly words: number;
  readonly sampled: boolean;
}

export async function findKeywords(
  text: string,
  { language, max }: { readonly language: string; readonly max: number },
): Promise<FoundKeywords> {
  const cutWords = createWordCutter(language);
  const every = Math.ceil(text.length / MAX_COUNTED_CHARS);
  const sentences: CutSentence[] = createSentenceCutter(language)(text)
    .filter((_, place) => place % every === 0)
    .map((sentence) => ({ ...sentence, words: cutWords(sentence.text) }));
  const stopWords = await stopWordsFor(language, () => sentences.map(({ words }) => words.map((word) => termOf(word.text, language))));
  const keywords = keyphrases(text, sentences, { language, max, stopWords, maxOffsets: MOST_OFFSETS });
  return {
    keywords: keywords.map(({ offsets, ...keyword }) => ({ ...keyword, offsets: offsets.map((place) => ({ ...place })) })),
    words: sentences.reduce((sum, { words }) => sum + words.length, 0),
    sampled: every > 1,
  };
}

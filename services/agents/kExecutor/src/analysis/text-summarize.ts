// The capability text.summarize: the sentences of a text that say most of what it says.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { Count } from "../count-schema.ts";
import { badParam } from "../task-error.ts";
import { detectLanguage } from "./language.ts";
import { MAX_GRAPH_SENTENCES } from "./sentence-rank.ts";
import { type SummaryLength, summarise } from "./summary.ts";
import { EITHER_TEXT_OR_ARTIFACT, LanguageParam, readTextSource, TextSourceProperties } from "./text-source.ts";

const DEFAULT_SENTENCES = 3;
const MOST_SENTENCES = 200;
const TWO_MINUTES_MS = 120_000;

const Input = Type.Object(
  {
    ...TextSourceProperties,
    sentences: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_SENTENCES,
        default: DEFAULT_SENTENCES,
        title: "Sentences",
        description: "How many sentences the summary has at most.",
      }),
    ),
    ratio: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        title: "Ratio",
        description: `Instead of a number: the part of the text's sentences, at least one and at most ${MOST_SENTENCES}.`,
      }),
    ),
    language: LanguageParam,
  },
  { additionalProperties: false, title: "text.summarize input", ...EITHER_TEXT_OR_ARTIFACT },
);

const Output = Type.Object(
  {
    summary: Type.String({
      title: "Summary",
      description: "The chosen sentences in the order of the text, joined.",
      "x-kos-type": "text.plain",
    }),
    sentences: Type.Array(
      Type.Object({
        text: Type.String({ title: "Sentence", description: "As in the text; the break of a wrapped line is a space." }),
        start: Count("Start", "UTF-16 offset in the text."),
        end: Count("End", "UTF-16 offset after it."),
        score: Type.Number({ minimum: 0, maximum: 1, title: "Score", description: "1 for the best sentence of the text." }),
      }),
      { title: "Sentences", description: "In the order of the text." },
    ),
    language: Type.String({ title: "Language", description: "ISO 639-1, given or detected; und if neither." }),
    sentences_total: Count("Sentences of the text", "Headings, list items and table rows count too."),
    words: Count("Words", "Runs of letters and digits, also across an apostrophe or a hyphen; a character each in scripts without spaces."),
    truncated: Type.Boolean({ title: "Truncated", description: "Whether only the beginning of the text was read." }),
  },
  { title: "text.summarize output", "x-kos-type": "text.summary" },
);

export const textSummarize = defineCapability({
  name: "text.summarize",
  title: "Summarise a text",
  description:
    "Chooses the sentences that say most of what a text says: LexRank over TF-IDF with a prior for places, and maximal marginal relevance against repetition. " +
    `The sentences keep their order and their places in the text. Of more than ${MAX_GRAPH_SENTENCES} sentences those closest to the whole are compared, of more than 20,000 every n-th. ` +
    "Works in every language; stop words are known in 60. Errors: BAD_REQUEST for no text, or both sentences and ratio; NOT_FOUND, TOO_LARGE for the artifact.",
  input: Input,
  output: Output,
  timeout_ms: TWO_MINUTES_MS,
  async run(params, context) {
    const length = lengthOf(params);
    const { text, truncated } = await readTextSource(params, context);
    const language = params.language ?? (await detectLanguage(text)).language;
    const summary = await summarise(text, language, length);
    return {
      summary: summary.text,
      sentences: summary.sentences.map((sentence) => ({ ...sentence })),
      language,
      sentences_total: summary.sentencesTotal,
      words: summary.words,
      truncated,
    };
  },
});

function lengthOf({ sentences, ratio }: { readonly sentences?: number | undefined; readonly ratio?: number | undefined }): SummaryLength {
  if (ratio === undefined) return { sentences: sentences ?? DEFAULT_SENTENCES };
  if (sentences !== undefined) throw badParam("/ratio", "Both sentences and ratio given.", "Give at most one of them.");
  return { ratio, most: MOST_SENTENCES };
}

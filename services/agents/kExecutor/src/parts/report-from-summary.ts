// The capability report.from_summary: a summary, with what else is known of its text, as the parts of a report.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { formatCount } from "../render/amount.ts";
import { markdownText } from "../render/markdown-text.ts";
import { documentFacts } from "./report-from-document.ts";
import { keywordLines } from "./report-from-keywords.ts";
import { DocumentSchema, factOf, KeywordsSchema, ReportPartsSchema, TitleParam, titleOf } from "./report-parts.ts";

const Input = Type.Object(
  {
    summary: Type.Object(
      {
        sentences: Type.Array(Type.Object({ text: Type.String() })),
        language: Type.Optional(Type.String()),
        sentences_total: Type.Optional(Type.Integer({ minimum: 0 })),
        words: Type.Optional(Type.Integer({ minimum: 0 })),
      },
      { title: "Summary", description: "The output of text.summarize, as it is.", "x-kos-type": "text.summary", "x-kos-sink": "content" },
    ),
    keywords: Type.Optional(KeywordsSchema),
    document: Type.Optional(DocumentSchema),
    title: TitleParam,
  },
  { additionalProperties: false, title: "report.from_summary input" },
);

export const reportFromSummary = defineCapability({
  name: "report.from_summary",
  title: "Make a report of a summary",
  description:
    "Puts a summary, and where given the keywords and facts of its document, into the parts of a report; report.render makes pages of them.",
  input: Input,
  output: ReportPartsSchema,
  timeout_ms: 10_000,
  async run({ summary, keywords, document, title }) {
    const chosen = summary.sentences.map(({ text }) => `- ${markdownText(text)}`);
    const facts =
      document === undefined
        ? factOf("Words", summary.words === undefined ? undefined : formatCount(summary.words))
        : documentFacts(document);
    return {
      title: titleOf(title, document?.title),
      subtitle: subtitleOf(summary.sentences.length, summary.sentences_total),
      facts: [...facts, ...factOf("Language", summary.language === "und" ? undefined : summary.language)],
      markdown: [
        "## Summary",
        chosen.length === 0 ? "The text has nothing to choose from." : chosen.join("\n"),
        ...(keywords === undefined ? [] : ["## Keywords", keywordLines(keywords)]),
      ].join("\n\n"),
      charts: [],
    };
  },
});

function subtitleOf(chosen: number, all: number | undefined): string {
  const sentences = `${formatCount(chosen)} ${chosen === 1 ? "sentence" : "sentences"}`;
  return all === undefined ? `Summary in ${sentences}` : `Summary: ${sentences} of ${formatCount(all)}`;
}

// The capability report.from_keywords: the terms of a text with their weights as the parts of a report.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { formatCount } from "../render/amount.ts";
import { markdownText } from "../render/markdown-text.ts";
import { documentFacts } from "./report-from-document.ts";
import { DocumentSchema, factOf, type Keywords, KeywordsSchema, ReportPartsSchema, TitleParam, titleOf } from "./report-parts.ts";

const MAX_BARS = 20;

const Input = Type.Object(
  { keywords: KeywordsSchema, document: Type.Optional(DocumentSchema), title: TitleParam },
  { additionalProperties: false, title: "report.from_keywords input" },
);

export const reportFromKeywords = defineCapability({
  name: "report.from_keywords",
  title: "Make a report of keywords",
  description: "Puts the keywords of a text with weights and counts into the parts of a report; report.render makes pages of them.",
  input: Input,
  output: ReportPartsSchema,
  timeout_ms: 10_000,
  async run({ keywords, document, title }) {
    const words =
      document === undefined
        ? factOf("Words", keywords.words === undefined ? undefined : formatCount(keywords.words))
        : documentFacts(document);
    const bars = keywords.keywords.slice(0, MAX_BARS).map(({ term, count }) => ({ label: term.slice(0, 500), value: count ?? 0 }));
    return {
      title: titleOf(title, document?.title),
      subtitle: `${formatCount(keywords.keywords.length)} ${keywords.keywords.length === 1 ? "keyword" : "keywords"}`,
      facts: words,
      markdown: ["## Keywords", "![How often each is in the text](chart:keywords)", keywordLines(keywords)].join("\n\n"),
      charts: [
        { id: "keywords", type: "bar" as const, title: "How often each is in the text", unit: "times", in_text: true, series: bars },
      ],
    };
  },
});

export function keywordLines({ keywords }: Keywords): string {
  if (keywords.length === 0) return "The text has none.";
  const rows = keywords.map(
    ({ term, weight, count }) => `| ${markdownText(term)} | ${weight.toFixed(2)} | ${count === undefined ? "" : formatCount(count)} |`,
  );
  return ["| Keyword | Weight | Times |", "| :-- | --: | --: |", ...rows].join("\n");
}

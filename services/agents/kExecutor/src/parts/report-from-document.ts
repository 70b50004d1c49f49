// The capability report.from_document: a document's text as the body of a report.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { formatCount } from "../render/amount.ts";
import { DocumentSchema, type DocumentText, factOf, type ReportParts, ReportPartsSchema, TitleParam, titleOf } from "./report-parts.ts";

const Input = Type.Object(
  { document: DocumentSchema, title: TitleParam },
  { additionalProperties: false, title: "report.from_document input" },
);

export const reportFromDocument = defineCapability({
  name: "report.from_document",
  title: "Make a report of a document",
  description: "Takes the text of a document as the body of a report, with its title, author and size; report.render makes pages of it.",
  input: Input,
  output: ReportPartsSchema,
  timeout_ms: 10_000,
  run: async ({ document, title }) => ({
    title: titleOf(title, document.title),
    subtitle: document.truncated === true ? "The beginning of a longer document" : "",
    facts: documentFacts(document),
    markdown: document.markdown,
    charts: [],
  }),
});

export function documentFacts(document: DocumentText): ReportParts["facts"] {
  const count = (value: number | undefined) => (value === undefined ? undefined : formatCount(value));
  return [
    ...factOf("Author", document.author ?? document.byline),
    ...factOf("Words", count(document.words)),
    ...factOf("Pages", count(document.pages)),
    ...factOf("Links", count(document.links_total)),
  ];
}

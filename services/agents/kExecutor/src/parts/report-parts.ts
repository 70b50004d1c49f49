// What the small capabilities give that turn one result into the parts of a report, and what they share.

import Type from "typebox";
import { ChartSchema } from "../render/chart.ts";
import { FactSchema } from "../render/report-render.ts";

/** What every report has beside its title, before it is a page. */
export const ReportBody = {
  subtitle: Type.String({ title: "Subtitle" }),
  facts: Type.Array(FactSchema, { title: "Facts" }),
  markdown: Type.String({ title: "Text", description: "The body of the report.", "x-kos-type": "text.markdown" }),
  charts: Type.Array(ChartSchema, { title: "Charts", "x-kos-type": "report.charts" }),
};

export const ReportPartsSchema = Type.Object(
  {
    title: Type.String({ title: "Title", "x-kos-type": "text.title" }),
    ...ReportBody,
  },
  { title: "Parts of a report", "x-kos-type": "report.parts" },
);
export type ReportParts = Type.Static<typeof ReportPartsSchema>;

export const TitleParam = Type.Optional(
  Type.String({ maxLength: 1000, title: "Title", description: "Default: what the source calls itself.", "x-kos-sink": "content" }),
);

/** What is used of a document that doc.extract or web.extract has read; they give more. */
export const DocumentSchema = Type.Object(
  {
    title: Type.Optional(Type.String()),
    author: Type.Optional(Type.String()),
    byline: Type.Optional(Type.String()),
    markdown: Type.String(),
    words: Type.Optional(Type.Integer({ minimum: 0 })),
    pages: Type.Optional(Type.Integer({ minimum: 0 })),
    links_total: Type.Optional(Type.Integer({ minimum: 0 })),
    truncated: Type.Optional(Type.Boolean()),
  },
  {
    title: "Document",
    description: "The output of doc.extract or web.extract, as it is.",
    "x-kos-type": "doc.text",
    "x-kos-sink": "content",
  },
);
export type DocumentText = Type.Static<typeof DocumentSchema>;

/** What is used of the output of text.keywords. */
export const KeywordsSchema = Type.Object(
  {
    keywords: Type.Array(
      Type.Object({
        term: Type.String(),
        weight: Type.Number({ minimum: 0, maximum: 1 }),
        count: Type.Optional(Type.Integer({ minimum: 0 })),
      }),
    ),
    words: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { title: "Keywords", description: "The output of text.keywords, as it is.", "x-kos-type": "text.keywords", "x-kos-sink": "content" },
);
export type Keywords = Type.Static<typeof KeywordsSchema>;

const MAX_FACT_CHARS = 100;

/** The first of the titles that says something, on one line. */
export function titleOf(...titles: readonly (string | undefined)[]): string {
  const found = titles.map((title) => (title ?? "").replaceAll(/\s+/g, " ").trim()).find((title) => title !== "");
  return (found ?? "Report").slice(0, 300).toWellFormed();
}

/** A fact, cut to what one may hold; none without a value. */
export function factOf(label: string, value: string | undefined, note?: string): ReportParts["facts"] {
  if (value === undefined || value === "") return [];
  return [{ label, value: value.slice(0, MAX_FACT_CHARS).toWellFormed(), ...(note !== undefined && { note }) }];
}

// The capability report.render: a Markdown text with charts as one self-contained HTML file, and as a Markdown file that reads well alone.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactNameParam } from "../artifact/artifact-name.ts";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { badParam } from "../task-error.ts";
import { type Chart, ChartSchema, chartFigure, chartMarkdown } from "./chart.ts";
import { markdownText } from "./markdown-text.ts";
import { type Fact, renderPage } from "./page.ts";

const MAX_MARKDOWN_CHARS = 4_194_304;

export const FactSchema = Type.Object(
  {
    label: Type.String({ maxLength: 100 }),
    value: Type.String({ maxLength: 100 }),
    note: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false, title: "Fact", description: "A number worth seeing first." },
);

const Input = Type.Object(
  {
    title: Type.String({
      maxLength: 1000,
      title: "Title",
      description: "Where it is empty, the name of the files.",
      "x-kos-type": "text.title",
      "x-kos-sink": "content",
    }),
    subtitle: Type.Optional(Type.String({ maxLength: 500, title: "Subtitle", "x-kos-sink": "content" })),
    facts: Type.Optional(Type.Array(FactSchema, { maxItems: 12, title: "Facts" })),
    markdown: Type.String({
      maxLength: MAX_MARKDOWN_CHARS,
      title: "Text",
      description:
        "The body without its title. Raw HTML stays text; links go to http, https and mailto only; remote pictures become links.",
      "x-kos-type": "text.markdown",
      "x-kos-sink": "content",
    }),
    charts: Type.Optional(
      Type.Array(ChartSchema, {
        maxItems: 50,
        title: "Charts",
        description: "Each shown where the text says ![title](chart:id), alone in its paragraph.",
        "x-kos-type": "report.charts",
      }),
    ),
    name: ArtifactNameParam("report", "The files are called name.html and name.md."),
  },
  { additionalProperties: false, title: "report.render input", "x-kos-type": "report.parts" },
);

const Output = Type.Object(
  { html: ArtifactRefSchema, markdown: ArtifactRefSchema },
  { title: "report.render output", description: "The page and the text; in the text charts are tables.", "x-kos-type": "report.files" },
);

export const reportRender = defineCapability({
  name: "report.render",
  title: "Render a report",
  description:
    "Renders Markdown and charts to one HTML file without scripts that loads nothing, and to a Markdown file. Errors: BAD_REQUEST for two charts of one id.",
  input: Input,
  output: Output,
  async run(params, context) {
    const name = params.name ?? "report";
    const title = params.title.trim() === "" ? name : params.title;
    const charts = chartsById(params.charts ?? []);
    const facts = (params.facts ?? []) as readonly Fact[];
    // Loaded with the first report: the node holds this file for its description only.
    const { renderMarkdown } = await import("./markdown-html.ts");
    const rendered = renderMarkdown(params.markdown, { chart: (id) => mapped(charts.get(id), chartFigure) });
    const subtitle = params.subtitle === undefined ? {} : { subtitle: params.subtitle };
    const page = renderPage({ title, ...subtitle, facts, body: rendered.html, headings: rendered.headings });
    const html = await context.artifacts.put({ name: `${name}.html`, media_type: "text/html; charset=utf-8", content: page });
    const text = [
      `# ${markdownText(title)}`,
      ...(params.subtitle === undefined ? [] : [markdownText(params.subtitle)]),
      ...factsTable(facts),
      chartsAsTables(params.markdown, charts),
    ];
    const markdown = await context.artifacts.put({
      name: `${name}.md`,
      media_type: "text/markdown; charset=utf-8",
      content: `${text.join("\n\n").trimEnd()}\n`,
    });
    return { html: { ...html }, markdown: { ...markdown } };
  },
});

function chartsById(charts: readonly Chart[]): ReadonlyMap<string, Chart> {
  const byId = new Map<string, Chart>();
  for (const [index, chart] of charts.entries()) {
    if (byId.has(chart.id)) throw badParam(`/charts/${index}/id`, `Two charts have the id ${chart.id}.`, "Give each an id of its own.");
    byId.set(chart.id, chart);
  }
  return byId;
}

function mapped<From, To>(value: From | undefined, map: (value: From) => To): To | undefined {
  return value === undefined ? undefined : map(value);
}

function factsTable(facts: readonly Fact[]): readonly string[] {
  if (facts.length === 0) return [];
  const rows = facts.map(({ label, value, note }) => `| ${markdownText(label)} | ${markdownText(value)} | ${markdownText(note ?? "")} |`);
  return [["| | | |", "| :-- | --: | :-- |", ...rows].join("\n")];
}

function chartsAsTables(markdown: string, charts: ReadonlyMap<string, Chart>): string {
  return markdown.replace(
    /^!\[[^\]\n]*\]\(chart:([a-z][a-z0-9-]*)\)[ \t]*\n*$/gm,
    (place, id: string) => mapped(charts.get(id), (chart) => chartMarkdown(chart, markdownText)) ?? place,
  );
}

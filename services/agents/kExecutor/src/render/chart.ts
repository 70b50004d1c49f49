// A chart as data, and the figure it becomes: an inline SVG with title and description, and its numbers as a table beside it.

import Type from "typebox";
import { formatBytes, formatCount } from "./amount.ts";
import { drawBars } from "./chart-bar.ts";
import { drawDonut } from "./chart-donut.ts";
import { drawHistogram } from "./chart-histogram.ts";
import { drawTreemap } from "./chart-treemap.ts";
import { escapeHtml } from "./html.ts";
import { showInvisible } from "./markdown-text.ts";

export const CHART_TYPES = ["bar", "donut", "treemap", "histogram"] as const;

export const ChartSchema = Type.Object(
  {
    id: Type.String({
      pattern: "^[a-z][a-z0-9-]{0,63}$",
      title: "Id",
      description: "The Markdown shows the chart where it says ![title](chart:id).",
    }),
    type: Type.Enum(CHART_TYPES, {
      title: "Type",
      description: "bar: one row a value; donut: shares of a whole; treemap: shares as areas; histogram: one column a class.",
    }),
    title: Type.String({ minLength: 1, maxLength: 200, title: "Title" }),
    description: Type.Optional(
      Type.String({ maxLength: 1000, title: "Description", description: "What the numbers are, for readers who do not see the picture." }),
    ),
    unit: Type.Optional(
      Type.String({ maxLength: 40, title: "Unit", description: "What is counted; `bytes` are shown as kB, MB and so on." }),
    ),
    in_text: Type.Optional(
      Type.Boolean({ title: "Numbers in the text", description: "The text has a table of these numbers, so none is made for the chart." }),
    ),
    series: Type.Array(
      Type.Object(
        { label: Type.String({ maxLength: 500 }), value: Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) },
        { additionalProperties: false },
      ),
      {
        maxItems: 200,
        title: "Values",
      },
    ),
  },
  { additionalProperties: false, title: "Chart" },
);
export type Chart = Type.Static<typeof ChartSchema>;

const DRAWINGS = { bar: drawBars, donut: drawDonut, treemap: drawTreemap, histogram: drawHistogram } as const;

/** The figure as HTML. The picture uses the classes of page-style.ts and no style of its own. */
export function chartFigure(given: Chart): string {
  const chart = shownChart(given);
  const format = chartFormat(chart);
  const [title, description] = [`chart-${chart.id}-title`, `chart-${chart.id}-desc`];
  const drawing = chart.series.length === 0 ? undefined : DRAWINGS[chart.type](chart.series, format);
  const picture =
    drawing === undefined
      ? '<p class="empty">Nothing to show.</p>'
      : `<svg viewBox="0 0 ${drawing.width} ${drawing.height}" role="img" aria-labelledby="${title} ${description}">` +
        `<title id="${title}">${escapeHtml(chart.title)}</title><desc id="${description}">${escapeHtml(describe(chart, format))}</desc>${drawing.content}</svg>`;
  return (
    `<figure id="chart-${chart.id}" class="chart"><figcaption>${escapeHtml(chart.title)}</figcaption>${picture}` +
    `${chart.series.length === 0 || chart.in_text === true ? "" : `<details><summary>Numbers</summary>${dataTable(chart)}</details>`}</figure>\n`
  );
}

/** The same numbers as a Markdown table, or nothing if the text has them; `escape` makes a text safe inside a cell. */
export function chartMarkdown(chart: Chart, escape: (text: string) => string): string {
  if (chart.in_text === true) return "";
  const format = chartFormat(chart);
  const rows = chart.series.map(({ label, value }) => `| ${escape(label)} | ${format(value)} |`);
  return [`**${escape(chart.title)}**`, "", `| | ${escape(chart.unit ?? "value")} |`, "| :-- | --: |", ...rows, ""].join("\n");
}

/** Its words with control and direction characters made visible, as in the text around it [R95]: a label is often a stranger's file name. */
function shownChart(chart: Chart): Chart {
  const { title, description, unit, series } = chart;
  return {
    ...chart,
    title: showInvisible(title),
    ...(description !== undefined && { description: showInvisible(description) }),
    ...(unit !== undefined && { unit: showInvisible(unit) }),
    series: series.map(({ label, value }) => ({ label: showInvisible(label), value })),
  };
}

function chartFormat(chart: Chart): (value: number) => string {
  return chart.unit === "bytes" ? formatBytes : formatCount;
}

function describe(chart: Chart, format: (value: number) => string): string {
  const values = chart.series.slice(0, 12).map(({ label, value }) => `${label}: ${format(value)}`);
  const rest = chart.series.length > 12 ? `; and ${chart.series.length - 12} more` : "";
  return `${chart.description ?? chart.title}. ${values.join("; ")}${rest}.`;
}

function dataTable(chart: Chart): string {
  const rows = chart.series.map(
    ({ label, value }) => `<tr><th scope="row">${escapeHtml(label)}</th><td class="right">${formatCount(value)}</td></tr>`,
  );
  return `<div class="table"><table><thead><tr><td></td><th scope="col" class="right">${escapeHtml(chart.unit ?? "value")}</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

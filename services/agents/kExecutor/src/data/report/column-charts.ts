// The charts of a report on a data set: how much is missing, and how the values of each column are spread.

import type { Chart } from "../../render/chart.ts";
import { showInvisible } from "../../render/markdown-text.ts";
import type { ColumnSummary } from "../profile/profile-shape.ts";
import type { DataReport } from "./report-document.ts";
import { shortText, timeText } from "./value-text.ts";

/** report.render takes 50; one of them shows what is missing. */
export const MOST_COLUMN_CHARTS = 40;
const MOST_BARS = 10;
const MOST_MISSING_BARS = 20;
const MOST_LABEL = 60;
/** Where there are more different values, one of them has to stand out. */
const MOST_DISTINCT = 50;
const LEAST_SHARE = 0.01;

export function chartId(position: number): string {
  return `column-${position + 1}`;
}

export function dataCharts(data: DataReport): readonly Chart[] {
  const sparse = data.columns.filter(({ missing }) => missing > 0).toSorted((one, other) => other.missing - one.missing);
  const missing: Chart = {
    id: "missing",
    type: "bar",
    title: "Missing values by column",
    description: "How many rows have no value in the column, the columns that lack most first",
    unit: "rows",
    series: sparse.slice(0, MOST_MISSING_BARS).map(({ name, missing: value }) => ({ label: label(name), value })),
  };
  const columns = data.columns.flatMap((column, position) => {
    const chart = position < MOST_COLUMN_CHARTS ? columnChart(column, position) : undefined;
    return chart === undefined ? [] : [chart];
  });
  return sparse.length === 0 ? columns : [missing, ...columns];
}

/** A histogram for numbers and times, bars for what repeats; nothing for what is all different. */
export function columnChart(column: ColumnSummary, position: number): Chart | undefined {
  const { name, histogram, top, present, distinct } = column;
  const common = { id: chartId(position), unit: "rows" };
  if (histogram !== undefined && distinct > 1) {
    const { of, bins, exact } = histogram;
    const span = (bins.at(-1)?.to ?? 0) - (bins[0]?.from ?? 0);
    const text = of === "times" ? (value: number) => timeText(value, span) : shortText;
    return {
      ...common,
      type: "histogram",
      title: label(`${name}: distribution`),
      description: `How many rows have a value in each of ${bins.length} classes of equal width${exact ? "" : ", estimated from a sample"}; each class is named by its smallest value`,
      series: bins.map(({ from, count }) => ({ label: text(from), value: count })),
    };
  }
  const most = top[0]?.count ?? 0;
  if (distinct < 2 || most < 2 || (distinct > MOST_DISTINCT && most < present * LEAST_SHARE)) return undefined;
  const shown = top.slice(0, MOST_BARS);
  const rest = present - shown.reduce((sum, { count }) => sum + count, 0);
  const others = column.top_exact && rest > 0 ? [{ label: `${distinct - shown.length} others`, value: rest }] : [];
  return {
    ...common,
    type: "bar",
    title: label(`${name}: most frequent values`),
    description: `How many rows have each of the most frequent values${column.top_exact ? "" : ", estimated"}`,
    series: [...shown.map(({ value, count }) => ({ label: label(value), value: count })), ...others],
  };
}

function label(text: string): string {
  const shown = showInvisible(text.slice(0, MOST_LABEL));
  return text.length > MOST_LABEL || shown.length > MOST_LABEL ? `${shown.slice(0, MOST_LABEL - 1)}…` : shown;
}

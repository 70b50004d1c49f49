// The text of a report on a data set: Markdown in plain words and its facts, from the data alone. What the data says stays text [R95].

import { formatBytes, formatCount, formatShare, formatThings } from "../../render/amount.ts";
import { markdownCode, markdownText } from "../../render/markdown-text.ts";
import type { Fact } from "../../render/page.ts";
import type { ColumnSummary } from "../profile/profile-shape.ts";
import { chartId, columnChart, MOST_COLUMN_CHARTS } from "./column-charts.ts";
import type { DataReport, Provenance } from "./report-document.ts";
import { boundText, numberText } from "./value-text.ts";

const MOST_TABLE_COLUMNS = 300;
const MOST_FAULTS = 25;
const MOST_CORRELATIONS = 15;

export function dataMarkdown(data: DataReport): string {
  const sections = [
    summary(data),
    warnings(data),
    overview(data),
    ...data.columns.map((column, position) => columnSection(data, column, position)),
  ];
  return `${[...sections, correlations(data), faults(data), origins(data)].flat().join("\n\n")}\n`;
}

export function dataFacts(data: DataReport): readonly Fact[] {
  const cells = data.rows * data.columns.length;
  const missing = data.columns.reduce((sum, column) => sum + column.missing, 0);
  const check = data.provenance["rows"]?.checked_by;
  const faults = Object.values(data.faults.counts).reduce((sum, count) => sum + count, 0);
  return [
    {
      label: "Rows",
      value: formatCount(data.rows),
      ...(check !== undefined && { note: check.agrees ? "SQL counts the same" : "SQL counts otherwise" }),
    },
    { label: "Columns", value: formatCount(data.columns.length), note: typeNote(data.columns) },
    { label: "Size", value: formatBytes(data.source.bytes), note: sourceNote(data) },
    { label: "Missing", value: formatShare(missing, cells), note: `${formatCount(missing)} of ${formatThings(cells, "value")}` },
    {
      label: "Duplicate rows",
      value: `${data.duplicate_rows_exact ? "" : "about "}${formatCount(data.duplicate_rows)}`,
      note: formatShare(data.duplicate_rows, data.rows),
    },
    { label: "Faulty rows", value: formatCount(faults) },
  ];
}

function typeNote(columns: readonly ColumnSummary[]): string {
  const counts = new Map<string, number>();
  for (const { type } of columns) counts.set(type, (counts.get(type) ?? 0) + 1);
  const most = [...counts].sort(([, one], [, other]) => other - one).slice(0, 3);
  return most.map(([type, count]) => `${formatCount(count)} ${type}`).join(", ");
}

const DELIMITER_NAMES: Readonly<Record<string, string>> = { ",": "comma", "\t": "tab", ";": "semicolon", "|": "bar" };

function sourceNote({ source }: DataReport): string {
  const { format, compression, delimiter, encoding } = source;
  const parts = [
    format === "csv"
      ? `CSV by ${DELIMITER_NAMES[delimiter ?? ""] ?? "another character"}`
      : format === "parquet"
        ? "Parquet"
        : format.toUpperCase(),
    ...(encoding === undefined ? [] : [encoding]),
    ...(compression === "gzip" ? ["gzip"] : []),
  ];
  return parts.join(", ");
}

function summary(data: DataReport): readonly string[] {
  const { rows, columns } = data;
  const complete = columns.filter(({ missing }) => missing === 0).length;
  const keys = columns.filter(({ hints }) => hints.includes("unique_key")).map(({ name }) => markdownCode(name));
  const numeric = columns.filter(({ type }) => type === "integer" || type === "number").length;
  const withOutliers = columns.filter(({ numbers }) => (numbers?.outliers.count ?? 0) > 0).length;
  const lines = [
    `${formatThings(rows, "row")} in ${formatThings(columns.length, "column")}, ${formatCount(numeric)} of them numeric. ` +
      `${formatThings(complete, "column has", "columns have")} a value in every row.`,
    keys.length === 0
      ? "No column alone tells all rows apart."
      : `${keys.slice(0, 5).join(", ")}${keys.length > 5 ? ` and ${keys.length - 5} more` : ""} ${keys.length === 1 ? "has" : "have"} a different value in every row and could be a key.`,
    ...(withOutliers === 0
      ? []
      : [`${formatThings(withOutliers, "numeric column has", "numeric columns have")} values far outside the rest.`]),
    ...data.notes.map(markdownText),
  ];
  return ["## Summary", ...lines];
}

function warnings({ warnings: found }: DataReport): readonly string[] {
  const body =
    found.length === 0 ? "None of the rules of this report found anything." : found.map((line) => `- ${markdownText(line)}`).join("\n");
  return ["## Worth a look", body];
}

function overview(data: DataReport): readonly string[] {
  const shown = data.columns.slice(0, MOST_TABLE_COLUMNS);
  const rows = shown.map((column) => [
    markdownCode(column.name),
    column.type,
    formatCount(column.missing),
    formatShare(column.missing, data.rows),
    `${column.distinct_exact ? "" : "≈ "}${formatCount(column.distinct)}`,
    markdownText(boundText(column.min)),
    markdownText(boundText(column.max)),
    numberText(column.mean),
  ]);
  const more =
    data.columns.length > shown.length ? [`${formatThings(data.columns.length - shown.length, "more column")} in the JSON.`] : [];
  const chart = data.columns.some(({ missing }) => missing > 0) ? ["![Missing values by column](chart:missing)"] : [];
  const head = ["Column", "Type", "Missing >", "Share >", "Distinct >", "Smallest >", "Largest >", "Mean >"];
  return ["## Columns", ...chart, table(head, rows), ...more];
}

const HINT_TEXTS: Readonly<Record<string, string>> = {
  empty: "has no value",
  constant: "the same value everywhere",
  unique_key: "a different value in every row",
  leading_zeros: "integers with zeros in front: perhaps codes, not quantities",
  large_integers: "integers beyond 2^53, whose sum and mean are rounded",
  mixed_types: "values of different types",
  spaces_in_name: "white space around the name",
};

function columnSection(data: DataReport, column: ColumnSummary, position: number): readonly string[] {
  if (position >= MOST_COLUMN_CHARTS)
    return position === MOST_COLUMN_CHARTS
      ? [`The other ${formatThings(data.columns.length - position, "column")} are in the table above and in the JSON.`]
      : [];
  const chart = columnChart(column, position) === undefined ? [] : [`![Column ${position + 1}](chart:${chartId(position)})`];
  const hints = [
    ...column.hints.map((hint) => HINT_TEXTS[hint] ?? hint),
    ...column.patterns.map(({ name, share }) => `${formatShare(share, 1)} of the values look like ${name.replaceAll("_", " ")}`),
  ];
  return [
    `### ${markdownText(column.name)}`,
    factsOf(column, data.rows).join(" · "),
    ...(hints.length === 0 ? [] : [markdownText(`${hints.join("; ")}.`)]),
    ...chart,
    ...outliers(column),
  ];
}

function factsOf(column: ColumnSummary, rows: number): readonly string[] {
  const { numbers, length, kinds, type } = column;
  const mixed = type === "mixed" || type === "string" ? Object.entries(kinds).filter(([, count]) => count !== column.present) : [];
  return [
    `**${type}**`,
    `${formatThings(column.missing, "missing value")} (${formatShare(column.missing, rows)})`,
    `${column.distinct_exact ? "" : "about "}${formatCount(column.distinct)} distinct`,
    ...(column.present > 0 && column.min !== null
      ? [`from ${markdownText(boundText(column.min))} to ${markdownText(boundText(column.max))}`]
      : []),
    ...(column.mean === null ? [] : [type === "boolean" ? `true in ${formatShare(column.mean, 1)}` : `mean ${numberText(column.mean)}`]),
    ...(numbers === undefined
      ? []
      : [
          `median ${numberText(numbers.median)}`,
          `deviation ${numberText(numbers.deviation)}`,
          `quartiles ${numberText(numbers.quantiles.p25)} and ${numberText(numbers.quantiles.p75)}`,
          ...(numbers.zeros > 0 ? [formatThings(numbers.zeros, "zero")] : []),
          ...(numbers.negatives > 0 ? [`${formatCount(numbers.negatives)} negative`] : []),
          ...(numbers.exact ? [] : ["median and quartiles from a sample"]),
        ]),
    ...(length === undefined
      ? []
      : [`${formatCount(length.min)} to ${formatCount(length.max)} characters, ${numberText(length.mean)} on average`]),
    ...mixed.map(([kind, count]) => `${formatCount(count ?? 0)} ${kind}`),
  ];
}

function outliers({ numbers }: ColumnSummary): readonly string[] {
  if (numbers === undefined || numbers.outliers.count === 0) return [];
  const { count, low, high, examples } = numbers.outliers;
  const shown = examples.slice(0, 5).map(({ value, row }) => `${numberText(value)} (row ${formatCount(row)})`);
  return [
    `${numbers.exact ? "" : "About "}${formatThings(count, "outlier")} below ${numberText(low)} or above ${numberText(high)}${shown.length === 0 ? "" : `, among them ${shown.join(", ")}`}.`,
  ];
}

function correlations({ correlations: pairs, correlated_columns: among }: DataReport): readonly string[] {
  if (among.length < 2) return [];
  const rows = pairs
    .slice(0, MOST_CORRELATIONS)
    .map(({ columns: [one, two], r, rows: count }) => [
      markdownCode(one),
      markdownCode(two),
      r.toFixed(3).replace("-0.000", "0.000"),
      formatCount(count),
    ]);
  const intro = `Pearson's coefficient between ${formatThings(among.length, "numeric column")}, the strongest first. It sees straight lines only, and says nothing of causes.`;
  return [
    "## Correlations",
    intro,
    rows.length === 0 ? "No pair has enough rows in common." : table(["Column", "Column", "r >", "Rows >"], rows),
  ];
}

function faults({ faults: { counts, listed } }: DataReport): readonly string[] {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const rows = listed
    .slice(0, MOST_FAULTS)
    .map(({ where, kind, reason, kept }) => [markdownText(where), kind.replaceAll("_", " "), markdownText(reason), kept ? "yes" : "no"]);
  const more =
    total > rows.length ? [`${formatCount(total - rows.length)} more; the JSON lists the first ${formatCount(listed.length)}.`] : [];
  return ["## Faulty rows", table(["Where", "Fault", "What was found", "In the numbers"], rows), ...more];
}

const ORIGINS: readonly (readonly [key: string, label: string, definition: string])[] = [
  ["rows", "Rows", "rows"],
  ["missing", "Missing", "missing"],
  ["distinct", "Distinct", "distinct"],
  ["min_max", "Smallest, largest", "min_max"],
  ["mean", "Mean", "mean"],
  ["columns", "Types", "type"],
  ["duplicate_rows", "Duplicate rows", "duplicate_rows"],
  ["correlations", "Correlations", "correlations"],
];

function origins(data: DataReport): readonly string[] {
  const rows = ORIGINS.map(([key, label, definition]) => [
    label,
    markdownText(data.definitions[definition] ?? ""),
    originText(data.provenance[key]),
  ]);
  const intro = "Every number comes from a task of the plan, whose input and output the evidence of the run holds.";
  const others = ["quantiles", "deviation", "outliers"].map((key) => `${key}: ${markdownText(data.definitions[key] ?? "")}`);
  return ["## How each number was obtained", intro, table(["Number", "Definition", "Task"], rows), `Also: ${others.join("; ")}.`];
}

function originText(origin: Provenance | undefined): string {
  if (origin === undefined) return "–";
  const { checked_by: check } = origin;
  const second =
    check === undefined
      ? ""
      : `; checked by ${markdownCode(check.task)} (${check.capability}): ${check.agrees ? "the same" : "not the same"}`;
  return `${markdownCode(origin.task)} (${origin.capability})${second}`;
}

/** Columns whose head ends in `>` are set to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = head.map((title) => title.replace(/ >$/, ""));
  const rules = head.map((title) => (title.endsWith(">") ? "--:" : ":--"));
  return [titles, rules, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

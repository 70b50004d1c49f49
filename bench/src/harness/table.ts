// Figures as a table for people.

import type { Figure, SuiteReport, Verdict } from "./figure.ts";

const MARKS: Readonly<Record<Verdict, string>> = { aim: "✓ aim", must: "✓ must", missed: "✗ missed" };
const HEAD = ["", "median", "min … max", "runs", "beside", "ratio", "target"] as const;

export function tableOf(report: SuiteReport): string {
  const rows = report.figures.map((figure) => cellsOf(figure));
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd();
  const notes = report.notes.map((note) => `  note: ${note}`);
  return [report.title, line(HEAD), ...rows.map((row) => line(row)), ...notes].join("\n");
}

function cellsOf(figure: Figure): readonly string[] {
  const { median, min, max, runs, unit, beside, ratio, repeated, steal_percent } = figure;
  const disturbed = (steal_percent ?? 0) > 8 ? ` ! steal ${steal_percent?.toFixed(0)} %` : "";
  return [
    figure.title,
    `${formatNumber(median)} ${unit}`,
    runs > 1 ? `${formatNumber(min)} … ${formatNumber(max)}` : "",
    `${runs}${repeated > 0 ? ` (+${repeated})` : ""}${disturbed}`,
    beside === undefined ? "" : `${formatNumber(beside.median)} ${beside.title}`,
    ratio === undefined ? "" : `${formatNumber(ratio)} ×`,
    targetText(figure),
  ];
}

function targetText({ target, verdict, unit, better }: Figure): string {
  if (target === undefined) return "";
  const sign = (target.better ?? better) === "higher" ? "≥" : "≤";
  const of = target.of === "ratio" ? "×" : unit;
  const must = target.must === undefined ? "" : `${sign} ${formatNumber(target.must)}, `;
  return `${verdict === undefined ? "?" : MARKS[verdict]} (${must}aim ${sign} ${formatNumber(target.aim)} ${of})`;
}

/** Three digits that count; large ones in groups. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en-GB");
  if (size === 0) return "0";
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 6));
}

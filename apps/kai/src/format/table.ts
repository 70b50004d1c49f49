// Columns of text, as wide as their content; the last column that may shrink gives way on a narrow terminal.

import type { Style } from "./style.ts";
import { cutTo, padEnd, padStart, textWidth } from "./text-width.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Cut when the terminal is too narrow. */
  readonly flexible?: boolean;
}

const GAP = 2;
const LEAST = 8;

export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  style: Style,
): readonly string[] {
  const head = columns.map((column) => column.title.toUpperCase());
  const widths = columns.map((_, place) => Math.max(...[head, ...rows].map((row) => textWidth(row[place] ?? ""))));
  shrink(columns, widths, width);
  const line = (row: readonly string[]) =>
    columns
      .map((column, place) => {
        const cell = cutTo(row[place] ?? "", widths[place] ?? 0);
        return column.align === "right" ? padStart(cell, widths[place] ?? 0) : padEnd(cell, widths[place] ?? 0);
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  return [style.dim(line(head)), ...rows.map(line)];
}

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, each) => sum + each, GAP * (columns.length - 1)) - width;
  for (const [place, column] of [...columns.entries()].toReversed()) {
    if (excess <= 0) return;
    if (column.flexible !== true) continue;
    const given = Math.min(excess, Math.max(0, (widths[place] ?? 0) - LEAST));
    widths[place] = (widths[place] ?? 0) - given;
    excess -= given;
  }
}

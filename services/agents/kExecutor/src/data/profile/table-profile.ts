// The profile of a table, batch by batch in one pass: its columns, its duplicate rows, and how its numbers go together.

import type { Row } from "../read/cell.ts";
import type { TableReader } from "../read/table-reader.ts";
import { type ColumnProfile, columnProfile } from "./column-profile.ts";
import { correlations } from "./correlations.ts";
import { distinctCounter } from "./distinct-counter.ts";
import { keyedHash } from "./keyed-hash.ts";
import { memoryBudget } from "./memory-budget.ts";
import type { MissingTokens } from "./missing-tokens.ts";
import type { ColumnSummary, TableSummary } from "./profile-shape.ts";
import { KIND } from "./spelled-value.ts";
import { tableWarnings } from "./table-warnings.ts";

export interface TableProfileOptions {
  readonly missing: MissingTokens;
  readonly topValues: number;
  /** Two words that whoever wrote the data does not know. */
  readonly key: readonly [number, number];
  readonly onRows: (rows: number) => void;
}

/** For values and hashes of all columns together. */
const BUDGET_BYTES = 402_653_184;

/** Reads the table to its end. Errors: those of the reader. */
export async function profileTable(reader: TableReader, bytes: number, options: TableProfileOptions): Promise<TableSummary> {
  const budget = memoryBudget(BUDGET_BYTES);
  const hash = keyedHash(...options.key);
  const column = (): ColumnProfile => columnProfile({ ...options, spelled: reader.spelled, budget, hash });
  const columns: ColumnProfile[] = [];
  const distinctRows = distinctCounter(budget);
  const together = correlations();
  let numbers = new Float64Array(16);
  let rows = 0;

  function addRow(row: Row): void {
    rows += 1;
    // A row shorter than the table goes by what it holds, so that a column that comes later changes no row before it.
    let [one, two] = [0, 0];
    for (let index = 0; index < columns.length; index += 1) {
      const seen = columns[index]?.add(row[index], rows);
      if (seen === undefined) continue;
      const { kind, number } = seen;
      numbers[index] = kind === KIND.integer || kind === KIND.number ? finiteOrNothing(number) : Number.NaN;
      if (kind === KIND.missing) continue;
      one = (Math.imul(one ^ seen.high, 0x9e3779b1) + index) | 0;
      two = (Math.imul((two << 7) | (two >>> 25), 0x85ebca6b) ^ seen.low ^ index) | 0;
    }
    hash.words(one, two);
    distinctRows.add(hash.high, hash.low);
    together.add(numbers, columns.length);
  }

  for await (const batch of reader.batches()) {
    while (columns.length < reader.columns.length) columns.push(column());
    if (numbers.length < columns.length) numbers = new Float64Array(columns.length * 2);
    for (const row of batch) addRow(row);
    options.onRows(rows);
  }
  while (columns.length < reader.columns.length) columns.push(column());
  const duplicates = { duplicate_rows: Math.max(0, rows - distinctRows.count), duplicate_rows_exact: distinctRows.exact };
  distinctRows.close();
  const summaries = columns.map((profile, index): ColumnSummary => named(profile.summary(rows), reader.columns[index] ?? ""));
  const { among, pairs } = together.summary(reader.columns, (index) => isNumeric(summaries[index]));
  const { counts, listed } = reader.faults;
  const table = {
    rows,
    columns: summaries,
    ...duplicates,
    correlations: pairs,
    correlated_columns: among,
    source: { ...reader.facts, bytes },
    faults: { counts, listed },
    notes: reader.notes,
  };
  return { ...table, warnings: tableWarnings(table) };
}

function named(summary: ColumnSummary, name: string): ColumnSummary {
  const hints = name === name.trim() ? summary.hints : [...summary.hints, "spaces_in_name" as const];
  return { ...summary, name, hints };
}

function isNumeric(summary: ColumnSummary | undefined): boolean {
  return summary?.type === "integer" || summary?.type === "number";
}

function finiteOrNothing(number: number): number {
  return Number.isFinite(number) ? number : Number.NaN;
}

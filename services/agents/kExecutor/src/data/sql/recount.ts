// The second method of a profile: the table as it is spelled, and SQLite's own aggregates over it. It shares the reader with the profile and nothing
// else: what is missing, what is a number and what is different is decided by SQL.

import type { DatabaseSync } from "node:sqlite";
import { missingTokens } from "../profile/missing-tokens.ts";
import type { TableReader } from "../read/table-reader.ts";
import { quotedName, statement } from "./statement.ts";
import { loadTable } from "./table-loader.ts";

interface ColumnRecount {
  readonly name: string;
  readonly missing: number;
  /** Finite numbers: what SQLite's numeric affinity takes for one. */
  readonly numbers: number;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** How far a sum in another order of additions may be off: 1e-9 of the sum of the amounts. */
  readonly sum_slack: number;
  /** How far a bound may be off: SQLite reads numbers of more than 19 digits to the last but one place of a double. */
  readonly bound_slack: number;
  /** With numbers compared by value; null where there is no number. */
  readonly distinct_values: number | null;
  /** With everything compared as it is spelled; null where everything is a number. */
  readonly distinct_texts: number | null;
}

export interface Recount {
  readonly rows: number;
  readonly columns: readonly ColumnRecount[];
}

export interface RecountOptions {
  readonly missing: readonly string[];
  readonly onRows: (rows: number) => void;
  readonly onColumn: (done: number, total: number) => void;
}

/** The white space that means nothing around a value. */
const SPACE = " \t\r\n\f\v";

/** Errors: those of the reader. */
export async function recountTable(database: DatabaseSync, reader: TableReader, options: RecountOptions): Promise<Recount> {
  const table = "data";
  const { rows, columns } = await loadTable(database, reader, { table, missing: missingTokens([]), as: "spelled", onRows: options.onRows });
  database.exec("CREATE TEMP TABLE tokens (token TEXT PRIMARY KEY) WITHOUT ROWID");
  const addToken = database.prepare("INSERT OR IGNORE INTO tokens VALUES (?)");
  for (const token of reader.spelled ? ["", ...options.missing] : options.missing) addToken.run(token);
  // Numeric affinity turns a text into a number if and only if it is one; values of other formats keep the type they have.
  const affinity = reader.spelled ? "NUMERIC" : "BLOB";
  database.exec(statement("CREATE TEMP TABLE present (value", affinity, ", spelled)"));
  const recounts: ColumnRecount[] = [];
  for (const [index, { name }] of columns.entries()) {
    recounts.push({ name: reader.columns[index] ?? name, ...recountColumn(database, table, name, rows) });
    options.onColumn(index + 1, columns.length);
  }
  return { rows, columns: recounts };
}

function recountColumn(database: DatabaseSync, table: string, name: string, rows: number): Omit<ColumnRecount, "name"> {
  const column = quotedName(name);
  database.exec("DELETE FROM temp.present");
  database
    .prepare(
      statement(
        "INSERT INTO temp.present SELECT",
        `${column}, ${column}`,
        "FROM",
        quotedName(table),
        "WHERE",
        column,
        "IS NOT NULL AND NOT (typeof(",
        column,
        ") = 'text' AND trim(",
        column,
        ", ?) IN (SELECT token FROM temp.tokens))",
      ),
    )
    .run(SPACE);
  const found = database.prepare(AGGREGATES).get() as Readonly<Record<string, number | null>>;
  const [present, numbers] = [found["present"] ?? 0, found["numbers"] ?? 0];
  return {
    missing: rows - present,
    numbers,
    sum: found["sum"] ?? null,
    min: found["min"] ?? null,
    max: found["max"] ?? null,
    sum_slack: found["sum_slack"] ?? 0,
    bound_slack: found["bound_slack"] ?? 0,
    distinct_values: numbers > 0 ? countOf(database, DISTINCT_VALUES) : null,
    distinct_texts: numbers > 0 && numbers === present ? null : countOf(database, DISTINCT_TEXTS),
  };
}

/** The dear part: what is not needed is not counted. */
const DISTINCT_VALUES = "SELECT count(DISTINCT value) AS count FROM temp.present";
const DISTINCT_TEXTS = "SELECT count(DISTINCT spelled) AS count FROM temp.present";

function countOf(database: DatabaseSync, select: string): number {
  return (database.prepare(select).get() as { readonly count: number }).count;
}

const AGGREGATES = `
  SELECT count(*) AS present,
         count(*) FILTER (WHERE isNumber) AS numbers,
         sum(CAST(value AS REAL)) FILTER (WHERE isNumber) AS sum,
         CAST(min(value) FILTER (WHERE isNumber) AS REAL) AS min,
         CAST(max(value) FILTER (WHERE isNumber) AS REAL) AS max,
         1e-9 * total(abs(CAST(value AS REAL))) FILTER (WHERE isNumber) AS sum_slack,
         1e-12 * max(abs(CAST(value AS REAL))) FILTER (WHERE isNumber) AS bound_slack
  FROM (SELECT value, spelled, typeof(value) IN ('integer', 'real') AND (typeof(value) = 'integer' OR abs(value) < 9e999) AS isNumber FROM temp.present)
`;

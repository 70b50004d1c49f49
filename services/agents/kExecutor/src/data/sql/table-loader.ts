// Loads a table into the SQL engine, row by row: with the types of its columns for queries, or just as it is spelled for a recount.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { cellValue } from "../profile/cell-value.ts";
import { type ColumnType, columnType } from "../profile/column-type.ts";
import type { MissingTokens } from "../profile/missing-tokens.ts";
import { KIND, spelledValue, trimmed } from "../profile/spelled-value.ts";
import type { Cell, Row } from "../read/cell.ts";
import type { TableReader } from "../read/table-reader.ts";
import { quotedName, statement } from "./statement.ts";

export interface LoadOptions {
  readonly table: string;
  readonly missing: MissingTokens;
  /** `typed`: numbers, NULL for what is missing. `spelled`: what the reader gives, unchanged. */
  readonly as: "typed" | "spelled";
  readonly onRows: (rows: number) => void;
}

export interface LoadedTable {
  readonly rows: number;
  /** As SQL knows them: SQLite does not tell upper case from lower in names. */
  readonly columns: readonly LoadedColumn[];
}

interface LoadedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

type SqlValue = string | number | bigint | Uint8Array | null;

/** Of the first rows the types are found out. */
const FIRST_ROWS = 2000;

/** Errors: those of the reader. */
export async function loadTable(database: DatabaseSync, reader: TableReader, options: LoadOptions): Promise<LoadedTable> {
  const columns: LoadedColumn[] = [];
  const used = new Set<string>();
  let rows = 0;
  let insert: StatementSync | undefined;

  function addColumns(sample: readonly Row[]): void {
    for (let index = columns.length; index < reader.columns.length; index += 1) {
      const type = options.as === "spelled" ? "string" : typeOf(sample, index, reader.spelled, options.missing);
      columns.push({ name: freeName(reader.columns[index] ?? "", used), type });
      if (insert !== undefined) {
        database.exec(
          statement("ALTER TABLE", quotedName(options.table), "ADD COLUMN", declared(columns[index], reader.spelled, options.as)),
        );
      }
    }
    if (insert === undefined) {
      const list = columns.map((column) => declared(column, reader.spelled, options.as)).join(", ");
      database.exec(statement("CREATE TABLE", quotedName(options.table), "(", list, ")"));
    }
    insert = database.prepare(statement("INSERT INTO", quotedName(options.table), "VALUES (", columns.map(() => "?").join(", "), ")"));
  }

  function addRows(batch: readonly Row[]): void {
    if (insert === undefined || columns.length < reader.columns.length) addColumns(batch.slice(0, FIRST_ROWS));
    for (const row of batch) {
      insert?.run(
        ...columns.map(({ type }, index) =>
          options.as === "spelled" ? spelledCell(row[index]) : typedValue(row[index], type, reader.spelled, options.missing),
        ),
      );
    }
    rows += batch.length;
    options.onRows(rows);
  }

  database.exec("BEGIN");
  let first: Row[] | undefined = [];
  for await (const batch of reader.batches()) {
    if (first === undefined) addRows(batch);
    else {
      first.push(...batch);
      if (first.length < FIRST_ROWS) continue;
      addRows(first);
      first = undefined;
    }
  }
  if (first !== undefined && reader.columns.length > 0) addRows(first);
  database.exec("COMMIT");
  return { rows, columns };
}

function typeOf(sample: readonly Row[], index: number, spelled: boolean, missing: MissingTokens): ColumnType {
  const kinds = new Float64Array(9);
  for (const row of sample) {
    const { kind, text } = cellValue(row[index], spelled, missing);
    // What has zeros in front is a code; as a number it would lose them.
    if (spelled && kind === KIND.integer && /^\s*[+-]?0\d/.test(text)) return "string";
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return columnType(kinds, spelled);
}

const DECLARED: Readonly<Partial<Record<ColumnType, string>>> = { integer: "INTEGER", number: "REAL", boolean: "BOOLEAN" };

function declared(column: LoadedColumn | undefined, spelled: boolean, as: LoadOptions["as"]): string {
  const type = column?.type ?? "string";
  const plain = spelled || type === "string" || type === "date" || type === "datetime" ? "TEXT" : "";
  return `${quotedName(column?.name ?? "")} ${as === "spelled" ? (spelled ? "TEXT" : "") : (DECLARED[type] ?? plain)}`;
}

function freeName(name: string, used: Set<string>): string {
  let free = name;
  for (let count = 2; used.has(folded(free)); count += 1) free = `${name}_${count}`;
  used.add(folded(free));
  return free;
}

/** SQLite folds ASCII letters only. */
function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** What is neither text nor number must not look like one. */
function spelledCell(cell: Cell): SqlValue {
  const isOther = typeof cell === "boolean" || (typeof cell === "object" && cell !== null && "json" in cell);
  return isOther ? Buffer.from(String(typeof cell === "boolean" ? cell : cell.json)) : rawValue(cell);
}

function rawValue(cell: Cell): SqlValue {
  switch (typeof cell) {
    case "string":
    case "number":
      return cell;
    case "bigint":
      return sqlInteger(cell);
    case "boolean":
      return cell ? 1 : 0;
    case "undefined":
      return null;
    default:
      if (cell === null) return null;
      if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? null : cell.toISOString();
      return cell instanceof Uint8Array ? cell : cell.json;
  }
}

const MOST_INTEGER = 2n ** 63n;

/** Beyond 64 bits SQLite has doubles only. */
function sqlInteger(value: bigint): bigint | number {
  return value >= -MOST_INTEGER && value < MOST_INTEGER ? value : Number(value);
}

function typedValue(cell: Cell, type: ColumnType, spelled: boolean, missing: MissingTokens): SqlValue {
  if (typeof cell !== "string") return cell instanceof Date ? cellValue(cell, false, missing).text || null : rawValue(cell);
  if (!spelled && !missing.any) return cell;
  const short = cell.length < 32 ? trimmed(cell) : cell;
  if (missing.has(short) || (spelled && short === "")) return null;
  if (!spelled || (type !== "integer" && type !== "number" && type !== "boolean" && type !== "mixed")) return cell;
  const { kind, number } = spelledValue(short);
  if (kind === KIND.boolean) return number;
  if (kind === KIND.integer) return Number.isSafeInteger(number) ? number : sqlInteger(BigInt(short.replace("+", "")));
  return kind === KIND.number ? number : cell;
}

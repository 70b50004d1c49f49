// The rows of a query: as many as asked for as values, all of them as CSV or NDJSON where there are more.

import type { StatementSync } from "node:sqlite";
import Papa from "papaparse";
import type { QueryResult, ResultForm, ResultType, ResultValue } from "./result-shape.ts";
import { sqlWork } from "./sql-work.ts";

export interface QueryOptions {
  readonly limit: number;
  readonly form: ResultForm;
  /** Marks texts that a spreadsheet would run as a formula. */
  readonly escapeFormulas: boolean;
  /** A piece of the full result; called only where there are more rows than asked for. */
  write(text: string): Promise<void>;
}

const MOST_INLINE_CHARS = 262_144;
const MOST_CONTENT_CHARS = 67_108_864;
const PIECE_ROWS = 500;

/** Errors: BAD_REQUEST at `/sql` where the query fails while it runs. */
export async function queryResult(query: StatementSync, options: QueryOptions): Promise<QueryResult> {
  query.setReadBigInts(true);
  query.setReturnArrays(true);
  const declared = query.columns();
  const names = uniqueNames(declared.map(({ name }) => name));
  const isBoolean = declared.map(({ type }) => type === "BOOLEAN");
  const types: (ResultType | undefined)[] = names.map(() => undefined);
  const rows: Readonly<Record<string, ResultValue>>[] = [];
  const writer = contentWriter(names, options);
  const cursor = query.iterate() as Iterator<unknown>;
  let [count, chars, inline, complete] = [0, 0, true, true];
  for (;;) {
    const step = sqlWork("/sql", () => cursor.next());
    if (step.done === true) break;
    count += 1;
    const values = (step.value as readonly unknown[]).map((value, index) => resultValue(value, isBoolean[index] === true));
    for (const [index, value] of values.entries())
      types[index] = joinedType(types[index], typeOf((step.value as readonly unknown[])[index], value));
    writer.add(values);
    if (inline) {
      chars += JSON.stringify(values).length;
      inline = rows.length < options.limit && (chars <= MOST_INLINE_CHARS || rows.length === 0);
      if (inline) rows.push(Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])));
    }
    // All rows so far are held by the writer, so that nothing is written for a result that fits.
    if (inline) continue;
    if (writer.pending >= PIECE_ROWS) await writer.flush();
    if (writer.written < MOST_CONTENT_CHARS) continue;
    complete = false;
    break;
  }
  if (!inline) await writer.flush();
  return {
    columns: names.map((name, index) => ({ name, type: types[index] ?? "null" })),
    rows,
    row_count: count,
    truncated: !inline,
    complete,
  };
}

interface ContentWriter {
  readonly pending: number;
  readonly written: number;
  add(values: readonly ResultValue[]): void;
  flush(): Promise<void>;
}

function contentWriter(names: readonly string[], { form, escapeFormulas, write }: QueryOptions): ContentWriter {
  let rows: (readonly ResultValue[])[] = [];
  let [written, begun] = [0, false];
  const unparse = (data: readonly (readonly ResultValue[])[]) =>
    `${Papa.unparse(data as unknown[][], { escapeFormulae: escapeFormulas, newline: "\n" })}\n`;
  return {
    get pending() {
      return rows.length;
    },
    get written() {
      return written;
    },
    add: (values) => void rows.push(values),
    async flush() {
      const head = begun || form === "ndjson" ? "" : unparse([names]);
      begun = true;
      const text =
        form === "csv"
          ? head + (rows.length === 0 ? "" : unparse(rows))
          : rows
              .map((values) => `${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])))}\n`)
              .join("");
      rows = [];
      written += text.length;
      await write(text);
    },
  };
}

function resultValue(value: unknown, isBoolean: boolean): ResultValue {
  switch (typeof value) {
    case "bigint": {
      if (isBoolean && (value === 0n || value === 1n)) return value === 1n;
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value.toString();
    }
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "string":
      return value;
    default:
      return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex") : null;
  }
}

function typeOf(raw: unknown, value: ResultValue): ResultType {
  if (value === null) return "null";
  if (typeof raw === "bigint") return typeof value === "boolean" ? "boolean" : "integer";
  if (typeof raw === "number") return "number";
  return raw instanceof Uint8Array ? "blob" : "string";
}

function joinedType(before: ResultType | undefined, next: ResultType): ResultType {
  if (before === undefined || before === "null" || before === next) return next;
  if (next === "null") return before;
  const both = new Set([before, next]);
  return both.has("integer") && both.has("number") ? "number" : "mixed";
}

/** Rows are objects, so that a plan can name their fields. */
function uniqueNames(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 2; used.has(free); count += 1) free = `${name}_${count}`;
    used.add(free);
    return free;
  });
}

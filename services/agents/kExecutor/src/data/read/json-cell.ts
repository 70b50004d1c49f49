// Values of JSON as cells, and objects as rows. Integers keep all their digits.

import { tooManyColumns } from "./data-error.ts";
import { type Cell, integerCell, type Row } from "./cell.ts";
import { MOST_COLUMNS } from "./table-reader.ts";

/** Somewhere in the text there may be an integer that a double does not hold. */
const LONG_DIGITS = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** Like JSON.parse, but integers beyond 2^53 become bigint. Errors: SyntaxError, RangeError. */
export function parseJson(text: string): unknown {
  if (!LONG_DIGITS.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context: { readonly source?: string }) =>
    typeof value === "number" && context.source !== undefined && INTEGER.test(context.source) && !Number.isSafeInteger(value)
      ? integerCell(BigInt(context.source))
      : value,
  );
}

export interface ObjectRows {
  readonly columns: readonly string[];
  /** Columns that are new are added. Errors: TOO_LARGE, and RangeError for a value nested too deeply. */
  rowOf(object: Readonly<Record<string, unknown>>): Row;
}

export function objectRows(): ObjectRows {
  const columns: string[] = [];
  const places = new Map<string, number>();
  return {
    columns,
    rowOf(object) {
      const row: Cell[] = [];
      for (const [key, value] of Object.entries(object)) {
        let place = places.get(key);
        if (place === undefined) {
          if (columns.length >= MOST_COLUMNS) throw tooManyColumns(columns.length + 1);
          place = columns.push(key === "" ? emptyName(places) : key) - 1;
          places.set(key, place);
        }
        while (row.length <= place) row.push(null);
        row[place] = cellOf(value);
      }
      return row;
    },
  };
}

function emptyName(places: ReadonlyMap<string, number>): string {
  let name = "(no name)";
  while (places.has(name)) name += "_";
  return name;
}

function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case "string":
      // What is no text for others (half of a surrogate pair) must be the same text everywhere.
      return value.isWellFormed() ? value : value.toWellFormed();
    case "number":
    case "bigint":
    case "boolean":
      return value;
    default:
      return value === null || value === undefined ? null : { json: JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? JSON.rawJSON(inner.toString()) : inner)) };
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Why a text is no JSON, in the parser's words but without the text. */
export function jsonProblem(error: unknown): string {
  if (error instanceof RangeError) return "nested too deeply";
  const { message } = error as Error;
  const position = / at position \d+/.exec(message)?.[0] ?? "";
  return `no JSON${position === "" ? (/end of JSON/.test(message) ? ": it ends too early" : "") : `: something wrong${position}`}`;
}

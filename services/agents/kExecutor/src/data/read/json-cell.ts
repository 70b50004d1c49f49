// Values of JSON as cells, and objects as rows. Integers keep all their digits.

import { type Cell, integerCell, type Nested, type Row } from "./cell.ts";
import { tooManyColumns } from "./data-error.ts";
import { MOST_COLUMNS } from "./table-reader.ts";

/** Somewhere in the text there may be an integer that a double does not hold. */
const LONG_DIGITS = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** What Node has and the types of the language do not yet tell of (ECMAScript 2026, JSON.parse source text access). */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}
const JSON_WITH_SOURCE = JSON as unknown as JsonWithSource;

/** Like JSON.parse, but integers beyond 2^53 become bigint. Errors: SyntaxError, RangeError. */
export function parseJson(text: string): unknown {
  if (!LONG_DIGITS.test(text)) return JSON.parse(text);
  return JSON_WITH_SOURCE.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && INTEGER.test(source) && !Number.isSafeInteger(value)
      ? integerCell(BigInt(source))
      : value,
  );
}

/** An object or list as a cell. Errors: RangeError where it is nested too deeply. */
export function nestedCell(value: object): Nested {
  return {
    json: JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? JSON_WITH_SOURCE.rawJSON(inner.toString()) : inner)),
  };
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
      return typeof value === "object" && value !== null ? nestedCell(value) : null;
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

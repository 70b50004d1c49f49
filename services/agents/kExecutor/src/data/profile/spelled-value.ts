// What a field of a delimited text is: a number, a date, a boolean or just text. One rule for the profile, the header and the SQL tables.

import { dateOf } from "./date-text.ts";

export const KIND = {
  missing: 0,
  integer: 1,
  number: 2,
  boolean: 3,
  date: 4,
  datetime: 5,
  text: 6,
  json: 7,
  binary: 8,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/**
 * What counts as missing in delimited text unless the caller says otherwise: what pandas.read_csv takes for missing (its documentation, `na_values`).
 * An empty field is always missing.
 */
export const MISSING_TOKENS: readonly string[] = [
  "#N/A",
  "#N/A N/A",
  "#NA",
  "-1.#IND",
  "-1.#QNAN",
  "-NaN",
  "-nan",
  "1.#IND",
  "1.#QNAN",
  "<NA>",
  "N/A",
  "NA",
  "NULL",
  "NaN",
  "None",
  "n/a",
  "nan",
  "null",
];

export interface SpelledValue {
  readonly kind: Kind;
  /** The number; milliseconds since the epoch for dates (UTC where no offset is given); 1 and 0 for booleans; NaN for the rest. */
  readonly number: number;
}

/** ASCII digits alone: no thousands separators, no hexadecimal, no currency. The same texts that SQLite's numeric affinity turns into numbers. */
const NUMBER = /^[+-]?(?:\d+(\.\d*)?|(\.\d+))(e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const SPACE = /^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g;

const TEXT: SpelledValue = { kind: KIND.text, number: Number.NaN };
const TRUE: SpelledValue = { kind: KIND.boolean, number: 1 };
const FALSE: SpelledValue = { kind: KIND.boolean, number: 0 };

/** Without the ASCII white space around it, which never means anything in a number, a date or a missing value. */
export function trimmed(field: string): string {
  const [first, last] = [field.charCodeAt(0), field.charCodeAt(field.length - 1)];
  return first <= 32 || last <= 32 ? field.replace(SPACE, "") : field;
}

/** The kind of a field that is not missing. */
export function spelledValue(field: string): SpelledValue {
  const text = trimmed(field);
  const first = text.charCodeAt(0);
  // A digit, a sign or a point: nothing else begins a number or a date.
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) {
    const match = NUMBER.exec(text);
    if (match !== null) {
      const isInteger = match[1] === undefined && match[2] === undefined && match[3] === undefined;
      return { kind: isInteger ? KIND.integer : KIND.number, number: Number(text) };
    }
    const date = text.length >= 8 && text.length <= 40 && first >= 48 && first <= 57 ? dateOf(text) : undefined;
    if (date !== undefined) return { kind: date.hasTime ? KIND.datetime : KIND.date, number: date.epochMs };
  }
  if (text.length === 4 && text.toLowerCase() === "true") return TRUE;
  if (text.length === 5 && text.toLowerCase() === "false") return FALSE;
  if (text.length >= 3 && text.length <= 9 && INFINITE.test(text)) return { kind: KIND.number, number: text.startsWith("-") ? -Infinity : Infinity };
  return TEXT;
}

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

export interface SpelledValue {
  kind: Kind;
  /** The number; milliseconds since the epoch for dates (UTC where no offset is given); 1 and 0 for booleans; NaN for the rest. */
  number: number;
}

/** ASCII digits alone: no thousands separators, no hexadecimal, no currency. The same texts that SQLite's numeric affinity turns into numbers. */
const NUMBER = /^[+-]?(?:\d+(\.\d*)?|(\.\d+))(e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const SPACE = /^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g;

/** Without the ASCII white space around it, which never means anything in a number, a date or a missing value. */
export function trimmed(field: string): string {
  const [first, last] = [field.charCodeAt(0), field.charCodeAt(field.length - 1)];
  return first <= 32 || last <= 32 ? field.replace(SPACE, "") : field;
}

/** The kind of a field that is not missing. */
export function spelledValue(field: string): SpelledValue {
  const value = { kind: KIND.text, number: Number.NaN };
  spell(trimmed(field), value);
  return value;
}

/** The same for a trimmed field, told in `into`: a table has millions of fields. */
export function spell(text: string, into: SpelledValue): void {
  into.kind = KIND.text;
  into.number = Number.NaN;
  const first = text.charCodeAt(0);
  // A digit, a sign or a point: nothing else begins a number or a date.
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) {
    const match = NUMBER.exec(text);
    if (match !== null) {
      into.kind = match[1] === undefined && match[2] === undefined && match[3] === undefined ? KIND.integer : KIND.number;
      // There is one zero: adding 0 turns -0 into it.
      into.number = Number(text) + 0;
      return;
    }
    const date = text.length >= 8 && text.length <= 40 && first >= 48 && first <= 57 ? dateOf(text) : undefined;
    if (date !== undefined) {
      into.kind = date.hasTime ? KIND.datetime : KIND.date;
      into.number = date.epochMs;
      return;
    }
  }
  const { length } = text;
  if (length < 3 || length > 9) return;
  if ((length === 4 && text.toLowerCase() === "true") || (length === 5 && text.toLowerCase() === "false")) {
    into.kind = KIND.boolean;
    into.number = length === 4 ? 1 : 0;
  } else if (INFINITE.test(text)) {
    into.kind = KIND.number;
    into.number = first === 45 ? -Infinity : Infinity;
  }
}

// The type of a column from the kinds of its values.

import { KIND, type Kind } from "./spelled-value.ts";

export const COLUMN_TYPES = ["integer", "number", "boolean", "date", "datetime", "string", "json", "binary", "mixed", "empty"] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

const NAMES: Readonly<Record<Exclude<Kind, 0>, ColumnType>> = {
  [KIND.integer]: "integer",
  [KIND.number]: "number",
  [KIND.boolean]: "boolean",
  [KIND.date]: "date",
  [KIND.datetime]: "datetime",
  [KIND.text]: "string",
  [KIND.json]: "json",
  [KIND.binary]: "binary",
};

export const KIND_NAMES: readonly (readonly [kind: Kind, name: ColumnType])[] = Object.entries(NAMES).map(([kind, name]) => [
  Number(kind) as Kind,
  name,
]);

/**
 * One kind gives its type; integers among numbers are numbers, dates among times are times. Text among other kinds: where types are only spelled the
 * column is text, unless the other kinds are at least half of it; where values have types of their own it is mixed. Everything else is mixed.
 */
export function columnType(counts: ArrayLike<number>, spelled: boolean): ColumnType {
  const of = (kind: Kind) => counts[kind] ?? 0;
  const present = KIND_NAMES.filter(([kind]) => of(kind) > 0);
  const [only] = present;
  if (only === undefined) return "empty";
  if (present.length === 1) return only[1];
  const all = present.reduce((sum, [kind]) => sum + of(kind), 0);
  if (of(KIND.integer) + of(KIND.number) === all) return "number";
  if (of(KIND.date) + of(KIND.datetime) === all) return "datetime";
  return spelled && of(KIND.text) * 2 > all ? "string" : "mixed";
}

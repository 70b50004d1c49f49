// A cell of a table as a reader gives it, before anybody says what it means.

/** An object or a list inside a cell, as its JSON text. */
export interface Nested {
  readonly json: string;
}

/**
 * Text of a delimited file is always a string; other formats give values of their own types. `bigint`: an integer beyond what a double holds
 * exactly. `null`: nothing. A row may be shorter than the table is wide: what is not there is nothing as well.
 */
export type Cell = string | number | bigint | boolean | Date | Nested | Uint8Array | null | undefined;
export type Row = readonly Cell[];

/** A number as a cell: integers that a double does not hold exactly stay what they are. */
export function integerCell(value: bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

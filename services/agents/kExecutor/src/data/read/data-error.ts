// The errors of a source that cannot be read at all. Single bad rows are faults instead.

import type { KosError } from "@kos/klp";
import { badParam, tooLarge } from "../../task-error.ts";
import { MOST_COLUMNS } from "./table-reader.ts";

/** The params of the capabilities call the source by one of several names; the message says which file it is. */
const AT = "/path";

export function badData(message: string, hint: string): KosError {
  return badParam(AT, message, hint);
}

export function dataTooLarge(message: string, hint: string): KosError {
  return tooLarge(AT, message, hint);
}

export function tooManyColumns(count: number): KosError {
  return dataTooLarge(
    `The table has ${count} columns or more; at most ${MOST_COLUMNS} are taken.`,
    "Check the delimiter, or turn the table so that its columns become rows.",
  );
}

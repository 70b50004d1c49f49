// Whether a value can stand in a column on every driver. SQLite's binding would take some others, and make something else of them.

import { KosError } from "@kos/klp";
import type { ColumnValue } from "./event-log.ts";

/** @throws KosError BAD_REQUEST for anything but text, finite numbers, null and bytes. `where` completes "… of <where>". */
export function checkColumnValues(values: readonly unknown[], where: string): asserts values is readonly ColumnValue[] {
  for (const value of values) {
    if (
      (typeof value === "string" && value.isWellFormed()) ||
      value === null ||
      (typeof value === "number" && Number.isFinite(value)) ||
      value instanceof Uint8Array
    )
      continue;
    throw new KosError("BAD_REQUEST", `A value of ${where} is no column value: well-formed text, a finite number, null or bytes.`);
  }
}

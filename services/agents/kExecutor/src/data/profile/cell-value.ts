// A cell as the profile sees it: its kind, its number, the text it is shown as and the key it is told apart by.

import type { Cell } from "../read/cell.ts";
import type { SeenKey } from "./seen-values.ts";
import { KIND, type Kind, spelledValue, trimmed } from "./spelled-value.ts";

export interface CellValue {
  readonly kind: Kind;
  readonly number: number;
  readonly text: string;
}

const MISSING: CellValue = { kind: KIND.missing, number: Number.NaN, text: "" };

/** Values longer than this are not held to be counted one by one. */
export const MOST_KEY_CHARS = 256;

const NOTHING = "\0n";

/** Undefined: too long to be held. Values of different types never share a key within a column. */
export function cellKey(cell: Cell): SeenKey | undefined {
  switch (typeof cell) {
    case "string":
      return cell.length > MOST_KEY_CHARS || cell.charCodeAt(0) === 0 ? undefined : cell;
    case "number":
    case "bigint":
    case "boolean":
      return cell;
    case "undefined":
      return NOTHING;
    default:
      if (cell === null) return NOTHING;
      if (cell instanceof Date) return `\0d${cell.getTime()}`;
      if (cell instanceof Uint8Array) return cell.length > MOST_KEY_CHARS ? undefined : `\0b${latin1(cell)}`;
      return cell.json.length > MOST_KEY_CHARS ? undefined : `\0j${cell.json}`;
  }
}

export function cellValue(cell: Cell, spelled: boolean, missing: ReadonlySet<string>): CellValue {
  switch (typeof cell) {
    case "string": {
      const short = cell.length < 32 ? trimmed(cell) : undefined;
      if (short !== undefined && missing.has(short)) return MISSING;
      if (spelled) return short === undefined || short === "" ? longText(cell) : { ...spelledValue(short), text: owned(cell) };
      const { kind, number } = spelledValue(cell);
      return kind === KIND.date || kind === KIND.datetime ? { kind, number, text: owned(cell) } : { kind: KIND.text, number: Number.NaN, text: owned(cell) };
    }
    case "number":
      if (Number.isNaN(cell)) return MISSING;
      return { kind: Number.isInteger(cell) ? KIND.integer : KIND.number, number: cell, text: String(cell) };
    case "bigint":
      // Beyond 64 bits SQLite has no integers either: what is the same double counts as the same number everywhere.
      return { kind: KIND.integer, number: Number(cell), text: BigInt.asIntN(64, cell) === cell ? cell.toString() : String(Number(cell)) };
    case "boolean":
      return { kind: KIND.boolean, number: cell ? 1 : 0, text: String(cell) };
    case "undefined":
      return MISSING;
    default:
      if (cell === null) return MISSING;
      if (cell instanceof Date) return dateValue(cell);
      if (cell instanceof Uint8Array) return { kind: KIND.binary, number: Number.NaN, text: Buffer.from(cell).toString("hex") };
      return { kind: KIND.json, number: Number.NaN, text: cell.json };
  }
}

/** A long field is text, or missing if it is nothing but white space. */
function longText(field: string): CellValue {
  if (trimmed(field) === "") return MISSING;
  const value = field.length <= 64 ? spelledValue(field) : { kind: KIND.text, number: Number.NaN };
  return { ...value, text: owned(field) };
}

function dateValue(date: Date): CellValue {
  const epochMs = date.getTime();
  if (Number.isNaN(epochMs)) return MISSING;
  const text = date.toISOString();
  return epochMs % 86_400_000 === 0
    ? { kind: KIND.date, number: epochMs, text: text.slice(0, -14) }
    : { kind: KIND.datetime, number: epochMs, text: text.replace(".000Z", "Z") };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A copy that does not keep alive the piece of the file it was cut from. V8 copies short texts anyway. */
export function owned(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

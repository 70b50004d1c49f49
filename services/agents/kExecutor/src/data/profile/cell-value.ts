// A cell as the profile sees it: its kind, its number, the text it is shown as and the key it is told apart by.

import type { Cell } from "../read/cell.ts";
import type { MissingTokens } from "./missing-tokens.ts";
import type { SeenKey } from "./seen-values.ts";
import { KIND, type Kind, spell, trimmed } from "./spelled-value.ts";

export interface CellValue {
  kind: Kind;
  number: number;
  text: string;
}

/** Values longer than this are not held to be counted one by one. */
const MOST_KEY_CHARS = 256;

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

export function cellValue(cell: Cell, spelled: boolean, missing: MissingTokens): CellValue {
  const value: CellValue = { kind: KIND.missing, number: Number.NaN, text: "" };
  tellValue(cell, spelled, missing, value);
  return value;
}

/** The same, told in `into`. The text may still be a part of the piece of the file it was cut from. */
export function tellValue(cell: Cell, spelled: boolean, missing: MissingTokens, into: CellValue): void {
  into.kind = KIND.missing;
  into.number = Number.NaN;
  into.text = "";
  switch (typeof cell) {
    case "string":
      tellText(cell, spelled, missing, into);
      return;
    case "number":
      if (Number.isNaN(cell)) return;
      into.kind = Number.isInteger(cell) ? KIND.integer : KIND.number;
      into.number = cell;
      into.text = String(cell);
      return;
    case "bigint":
      into.kind = KIND.integer;
      into.number = Number(cell);
      // Beyond 64 bits SQLite has no integers either: what is the same double counts as the same number everywhere.
      into.text = BigInt.asIntN(64, cell) === cell ? cell.toString() : String(Number(cell));
      return;
    case "boolean":
      into.kind = KIND.boolean;
      into.number = cell ? 1 : 0;
      into.text = String(cell);
      return;
    case "undefined":
      return;
    default:
      if (cell === null) return;
      if (cell instanceof Date) tellDate(cell, into);
      else {
        into.kind = cell instanceof Uint8Array ? KIND.binary : KIND.json;
        into.text = cell instanceof Uint8Array ? Buffer.from(cell).toString("hex") : cell.json;
      }
  }
}

/** Longer texts are no numbers, no dates and no missing tokens. */
const MOST_SHORT_CHARS = 64;

function tellText(cell: string, spelled: boolean, missing: MissingTokens, into: CellValue): void {
  const short = cell.length <= MOST_SHORT_CHARS || (spelled && cell.charCodeAt(0) <= 32) ? trimmed(cell) : cell;
  if ((spelled && short === "") || missing.has(short)) return;
  spell(short.length <= MOST_SHORT_CHARS ? short : "", into);
  if (!spelled && into.kind !== KIND.date && into.kind !== KIND.datetime) {
    into.kind = KIND.text;
    into.number = Number.NaN;
  }
  into.text = cell;
}

function tellDate(date: Date, into: CellValue): void {
  const epochMs = date.getTime();
  if (Number.isNaN(epochMs)) return;
  const text = date.toISOString();
  const isDay = epochMs % 86_400_000 === 0;
  into.kind = isDay ? KIND.date : KIND.datetime;
  into.number = epochMs;
  into.text = isDay ? text.slice(0, -14) : text.replace(".000Z", "Z");
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A copy that does not keep alive the piece of the file it was cut from. V8 copies short texts anyway. */
export function owned(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

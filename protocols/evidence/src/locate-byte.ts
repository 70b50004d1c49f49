// Says in which item of a JSON file a byte stands, also when the file is broken there: for reports, never for decisions.

import { isKosError, parseStrict } from "@kos/klp";

/** Path of the item at a byte offset, `events/3/payload`; the empty path, for the file itself, reads `file`. */
export function itemAt(bytes: Uint8Array, offset: number): string {
  // What is before the byte is a text that breaks off; a strict reader says where it was when it did.
  for (let end = Math.min(offset, bytes.length); end >= 0 && end > offset - 4; end--) {
    const read = attempt(bytes.subarray(0, end));
    if ("place" in read && read.place !== undefined) return itemOf(read.place.pointer);
  }
  return "file";
}

/** The value of strict JSON, or what is wrong with it and in which item. */
export function readJson(bytes: Uint8Array): { readonly value: unknown } | { readonly problem: string; readonly item: string } {
  const read = attempt(bytes);
  if ("value" in read) return read;
  const { error, place } = read;
  if (place === undefined) return { problem: error, item: itemAt(bytes, firstNonUtf8(bytes)) };
  // A reader that stops between two items says so of what holds them; the item it had just read is the one that ended wrongly.
  let item = itemOf(place.pointer);
  const offset = offsetOf(bytes, place);
  for (let back = 1; back <= LOOK_BACK; back++) {
    const before = itemAt(bytes, offset - back);
    if (before !== "file" && (item === "file" || before.startsWith(`${item}/`))) item = before;
  }
  return { problem: error, item };
}

/** Closing brackets and quotes that can stand between the end of an item and the place where a reader stumbles. */
const LOOK_BACK = 8;

interface Place {
  readonly pointer: string;
  readonly line: number;
  readonly column: number;
}

function attempt(bytes: Uint8Array): { readonly value: unknown } | { readonly error: string; readonly place: Place | undefined } {
  try {
    return { value: parseStrict(bytes, { code: "BAD_REQUEST" }) };
  } catch (error) {
    if (!isKosError(error)) throw error;
    const { path, line, column } = error.details ?? {};
    const located = typeof path === "string" && typeof line === "number" && typeof column === "number";
    return { error: error.message, place: located ? { pointer: path, line, column } : undefined };
  }
}

function itemOf(pointer: string): string {
  return pointer.replace(/^\//, "") || "file";
}

function offsetOf(bytes: Uint8Array, place: Place): number {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  const before = [...lines.slice(0, place.line - 1), (lines[place.line - 1] ?? "").slice(0, place.column - 1)].join("\n");
  return new TextEncoder().encode(before).length;
}

/** Where the first byte is that is not UTF-8; the length when all are. */
function firstNonUtf8(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (startsAsUtf8(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function startsAsUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

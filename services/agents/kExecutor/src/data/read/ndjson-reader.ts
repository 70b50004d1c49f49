// Reads one JSON object a line in bounded memory. Lines that are no object are named and left out.

import { isKosError } from "@kos/klp";
import type { Row } from "./cell.ts";
import { collectFaults, type Faults } from "./faults.ts";
import { isObject, jsonProblem, type ObjectRows, objectRows, parseJson } from "./json-cell.ts";
import type { ReadFacts, TableReader } from "./table-reader.ts";

const MOST_LINE_CHARS = 16_777_216;

export interface NdjsonText {
  readonly encoding: string;
  readonly compression: ReadFacts["compression"];
  pieces(): AsyncIterable<string>;
}

export function ndjsonReader(text: NdjsonText, notes: readonly string[]): TableReader {
  const faults = collectFaults();
  const objects = objectRows();
  return {
    facts: { format: "ndjson", compression: text.compression, encoding: text.encoding },
    columns: objects.columns,
    spelled: false,
    faults,
    notes,
    async *batches() {
      let line = 0;
      for await (const lines of linesOf(text.pieces(), (before) => faults.add("too_long", false, () => tooLong(line + before + 1)))) {
        const rows: Row[] = [];
        for (const content of lines) {
          line += 1;
          const row = content === undefined || content.trim() === "" ? undefined : rowOf(content, line, objects, faults);
          if (row !== undefined) rows.push(row);
        }
        if (rows.length > 0) yield rows;
      }
    },
  };
}

function tooLong(line: number): { readonly where: string; readonly reason: string } {
  return { where: `line ${line}`, reason: "longer than 16 MiB; it is left out" };
}

function rowOf(text: string, line: number, objects: ObjectRows, faults: Faults): Row | undefined {
  try {
    const value = parseJson(text);
    if (isObject(value)) return objects.rowOf(value);
    faults.add("not_an_object", false, () => ({ where: `line ${line}`, reason: "not an object" }));
  } catch (error) {
    if (isKosError(error)) throw error;
    faults.add("bad_json", false, () => ({ where: `line ${line}`, reason: jsonProblem(error) }));
  }
  return undefined;
}

/** Lines in batches; undefined for one that is too long. `onTooLong` is told how many complete lines of the batch come before it. */
async function* linesOf(
  pieces: AsyncIterable<string>,
  onTooLong: (before: number) => void,
): AsyncGenerator<readonly (string | undefined)[], void, undefined> {
  let begun: string[] = [];
  let [length, skipping] = [0, false];
  for await (const piece of pieces) {
    const parts = piece.split("\n");
    const rest = parts.pop() ?? "";
    const lines: (string | undefined)[] = [];
    for (const [index, part] of parts.entries()) {
      if (index > 0) lines.push(part);
      else {
        lines.push(skipping ? undefined : begun.join("") + part);
        [begun, length, skipping] = [[], 0, false];
      }
    }
    if (lines.length > 0) yield lines;
    length += rest.length;
    if (length > MOST_LINE_CHARS && !skipping) {
      onTooLong(0);
      [begun, skipping] = [[], true];
    }
    if (!skipping) begun.push(rest);
  }
  if (!skipping && length > 0) yield [begun.join("")];
}

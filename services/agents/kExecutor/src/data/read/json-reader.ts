// Reads one JSON document: a list of objects, or an object that holds such a list. It is read whole, so its size is bounded.

import { isKosError } from "@kos/klp";
import type { Row } from "./cell.ts";
import { badData, dataTooLarge } from "./data-error.ts";
import { collectFaults } from "./faults.ts";
import { isObject, jsonProblem, objectRows, parseJson } from "./json-cell.ts";
import type { ReadFacts, TableReader } from "./table-reader.ts";

const MOST_CHARS = 67_108_864;
const BATCH_ROWS = 2000;

export interface JsonText {
  readonly encoding: string;
  readonly compression: ReadFacts["compression"];
  pieces(): AsyncIterable<string>;
}

/** Errors: TOO_LARGE above 64 MiB, BAD_REQUEST for what is no JSON or holds no list of objects. */
export async function jsonReader(text: JsonText, notes: string[]): Promise<TableReader> {
  const items = listOf(await parsed(text), notes);
  const faults = collectFaults();
  const objects = objectRows();
  return {
    facts: { format: "json", compression: text.compression, encoding: text.encoding },
    columns: objects.columns,
    spelled: false,
    faults,
    notes,
    async *batches() {
      let rows: Row[] = [];
      for (const [index, item] of items.entries()) {
        const where = `item ${index + 1}`;
        if (!isObject(item)) faults.add("not_an_object", false, () => ({ where, reason: "not an object" }));
        else {
          try {
            rows.push(objects.rowOf(item));
          } catch (error) {
            if (isKosError(error)) throw error;
            faults.add("bad_json", false, () => ({ where, reason: jsonProblem(error) }));
          }
        }
        if (rows.length < BATCH_ROWS) continue;
        yield rows;
        rows = [];
      }
      if (rows.length > 0) yield rows;
    },
  };
}

async function parsed(text: JsonText): Promise<unknown> {
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of text.pieces()) {
    length += piece.length;
    if (length > MOST_CHARS)
      throw dataTooLarge(
        "JSON is read whole, and this is more than 64 MiB of it.",
        "Write one object a line (NDJSON); that is read in any size.",
      );
    pieces.push(piece);
  }
  try {
    return parseJson(pieces.join(""));
  } catch (error) {
    throw badData(`The document is ${jsonProblem(error)}.`, "Check it with a JSON validator; one object a line is NDJSON.");
  }
}

/** The list itself, or the longest list of objects that the object holds. */
function listOf(document: unknown, notes: string[]): readonly unknown[] {
  if (Array.isArray(document)) {
    if (document.length === 0 || document.some(isObject)) return document;
    throw badData("The list holds no objects.", "Give a list of objects, one for each row.");
  }
  if (!isObject(document)) throw badData("The document is a single value.", "Give a list of objects, one for each row.");
  const lists = Object.entries(document).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].some(isObject),
  );
  const [longest, ...others] = lists.sort((left, right) => right[1].length - left[1].length);
  if (longest === undefined) throw badData("The object holds no list of objects.", "Give a list of objects, one for each row.");
  const rest = others.length === 0 ? "" : `, the longest of ${lists.length} lists`;
  notes.push(`The rows are the list under ${JSON.stringify(longest[0].slice(0, 80))}${rest}.`);
  return longest[1];
}

// Which format a source is in, by its bytes first and its name last; where the two disagree, the bytes win and a note says so.

import { badData } from "./data-error.ts";
import type { DataFormat } from "./table-reader.ts";

const ENDINGS: readonly (readonly [ending: RegExp, format: DataFormat])[] = [
  [/\.(?:csv|tsv|tab|psv|txt)$/i, "csv"],
  [/\.(?:ndjson|jsonl)$/i, "ndjson"],
  [/\.json$/i, "json"],
  [/\.(?:parquet|pq)$/i, "parquet"],
];

/** Files that people take for data sets, by their first bytes. */
const OTHERS: readonly (readonly [magic: string, what: string, hint: string])[] = [
  ["PK\x03\x04", "a ZIP archive, as Excel and OpenDocument files are", "Save the sheet as CSV, or unpack the archive."],
  ["\xd0\xcf\x11\xe0", "an old Excel file", "Save the sheet as CSV."],
  ["SQLite format 3\0", "an SQLite database", "Export the table as CSV."],
  ["%PDF-", "a PDF", "Extract its text first."],
  ["ORC", "an ORC file", "Turn it into Parquet or CSV."],
  ["Obj\x01", "an Avro file", "Turn it into Parquet or CSV."],
  ["ARROW1", "an Arrow file", "Turn it into Parquet or CSV."],
  ["\x28\xb5\x2f\xfd", "compressed with Zstandard", "Decompress it first; gzip is read as it is."],
  ["BZh", "compressed with bzip2", "Decompress it first; gzip is read as it is."],
  ["\xfd7zXZ\0", "compressed with xz", "Decompress it first; gzip is read as it is."],
];

export interface SniffedFormat {
  readonly format: DataFormat;
  readonly notes: readonly string[];
}

/** `text` is the decoded beginning. Errors: BAD_REQUEST for what holds no rows that can be read. */
export function sniffFormat(head: Buffer, text: string, name: string): SniffedFormat {
  const start = head.subarray(0, 16).toString("latin1");
  if (start.startsWith("PAR1")) return told("parquet", name);
  const other = OTHERS.find(([magic]) => start.startsWith(magic));
  if (other !== undefined && !isText(head)) throw badData(`${JSON.stringify(name)} is ${other[1]}, not a data set.`, other[2]);
  const first = text.trimStart();
  if (first === "") throw badData(`${JSON.stringify(name)} is empty.`, "Give a file with at least one row.");
  if (first.startsWith("{") || first.startsWith("[")) return told(isNdjson(first) ? "ndjson" : looksLikeJson(first) ? "json" : "csv", name);
  if (isBinary(text))
    throw badData(`${JSON.stringify(name)} is binary and in no format that is read here.`, "Give CSV, TSV, JSON, NDJSON or Parquet.");
  return told("csv", name);
}

function told(format: DataFormat, name: string): SniffedFormat {
  const plain = name.replace(/\.gz$/i, "");
  const claimed = ENDINGS.find(([ending]) => ending.test(plain))?.[1];
  const text = `The name ${JSON.stringify(name)} says ${claimed}, the content is ${format}; it was read as ${format}.`;
  return { format, notes: claimed === undefined || claimed === format ? [] : [text] };
}

function isText(head: Buffer): boolean {
  return !head.subarray(0, 8000).includes(0) && !/[\x80-\xff]{2}/.test(head.subarray(0, 64).toString("latin1"));
}

/** Lines that are looked at. */
const LINES = 12;

/** The first line is an object and another one begins, or two of the first lines are objects: a broken one does not hide the others. */
function isNdjson(text: string): boolean {
  const lines = text.split("\n", LINES).filter((line) => line.trim() !== "");
  const begun = lines.filter((line) => line.startsWith("{"));
  const [first] = begun;
  if (first === undefined || !text.startsWith("{")) return false;
  if (begun.length === 1) return lines.length === 1 && isJson(first) && !holdsList(first);
  return isJson(first) || begun.filter(isJson).length >= 2;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** One object alone is a row, unless it holds the rows. */
function holdsList(text: string): boolean {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && Object.values(value).some((member) => Array.isArray(member) && isRecord(member[0]));
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object's first key or a list's first item, as far as can be told from the beginning. */
function looksLikeJson(text: string): boolean {
  return /^(?:\{\s*(?:"|\})|\[\s*(?:[[{"\]\d-]|true|false|null))/.test(text);
}

/** A text may hold some control characters; a binary format is full of them. */
function isBinary(text: string): boolean {
  const looked = text.slice(0, 8192);
  const strange = looked.match(/[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]/g)?.length ?? 0;
  return strange > Math.max(8, looked.length * 0.1);
}

// Reads delimited text in bounded memory. Rows that are too short or too long, quotes that do not close and lines without end are named and counted.

import Papa from "papaparse";
import { type CsvDialect, csvDialect, sampleRows, trimmedEnd } from "./csv-dialect.ts";
import { tooManyColumns } from "./data-error.ts";
import { collectFaults, type Faults } from "./faults.ts";
import { MOST_COLUMNS, type ReadFacts, type ReadOptions, type TableReader } from "./table-reader.ts";

/** A record longer than this is not one: a quote that never closes, or a file without line ends. */
const MOST_RECORD_CHARS = 16_777_216;
/** What is read without quotes is read in parts of about this length. */
const PART_CHARS = 262_144;

export interface CsvText {
  readonly name: string;
  /** The decoded beginning. */
  readonly head: string;
  readonly headIsAll: boolean;
  readonly encoding: string;
  readonly compression: ReadFacts["compression"];
  pieces(): AsyncIterable<string>;
}

/** Errors: BAD_REQUEST for a text without rows, TOO_LARGE for too many columns. */
export function csvReader(text: CsvText, options: ReadOptions, notes: string[]): TableReader {
  const dialect = csvDialect(text.head, text.headIsAll, text.name, options);
  const faults = collectFaults();
  const [first = []] = sampleRows(text.head, !text.headIsAll, dialect);
  if (first.length > MOST_COLUMNS) throw tooManyColumns(first.length);
  const columns = dialect.header ? namedColumns(first, notes) : first.map((_, index) => `column_${index + 1}`);
  if (!dialect.header) notes.push("No header: the first row looks like the others, so the columns are named by their position.");
  const { delimiter, quote, header } = dialect;
  return {
    facts: { format: "csv", compression: text.compression, encoding: text.encoding, delimiter, quote, header },
    columns,
    spelled: true,
    faults,
    notes,
    async *batches() {
      const width = columns.length;
      let isHeader = dialect.header;
      for await (const records of csvRecords(text.pieces(), dialect, faults)) {
        const rows: (readonly string[])[] = [];
        for (const [index, record] of records.rows.entries()) {
          trimmedEnd(record, dialect.newline);
          if (record.length === 1 && record[0] === "") continue;
          if (isHeader) {
            isHeader = false;
            continue;
          }
          if (record.length !== width) checkWidth(record, width, faults, () => records.lineOf(index));
          rows.push(record);
        }
        if (rows.length > 0) yield rows;
      }
    },
  };
}

/** Cuts what is too long. A delimiter at the end of every line makes no row ragged. */
function checkWidth(record: string[], width: number, faults: Faults, line: () => number): void {
  const { length } = record;
  const where = () => `line ${line()}`;
  if (length < width) {
    faults.add("short_row", true, () => ({ where: where(), reason: `${length} of ${width} fields; the others count as missing` }));
    return;
  }
  if (record.slice(width).some((field) => field !== ""))
    faults.add("long_row", true, () => ({ where: where(), reason: `${length} fields instead of ${width}; those beyond are left out` }));
  record.length = width;
}

/** Names as they stand in the file; the same name again gets `.1`, `.2`; no name becomes the position. */
function namedColumns(first: readonly string[], notes: string[]): readonly string[] {
  const used = new Set<string>();
  let renamed = 0;
  const names = first.map((field, index) => {
    const wanted = field.trim() === "" ? `column_${index + 1}` : field;
    let name = wanted;
    for (let count = 1; used.has(name); count += 1) name = `${wanted}.${count}`;
    used.add(name);
    if (name !== field) renamed += 1;
    return name;
  });
  if (renamed > 0) notes.push(`${renamed} of the column names were empty or stood twice and were replaced.`);
  return names;
}

interface Records {
  readonly rows: string[][];
  /** The line on which the record at that position begins, from 1. To be asked in rising order. */
  lineOf(index: number): number;
}

async function* csvRecords(pieces: AsyncIterable<string>, dialect: CsvDialect, faults: Faults): AsyncGenerator<Records, void, undefined> {
  const { newline } = dialect;
  const settings = { delimiter: dialect.delimiter, newline };
  const quoting = new Papa.Parser({ ...settings, quoteChar: dialect.quote });
  const plain = new Papa.Parser({ ...settings, fastMode: true });
  let [pending, line, wait, skipping] = ["", 1, 0, false];

  function parsed(parser: Papa.Parser, text: string, isLast: boolean): Records {
    const { data, errors, meta } = parser.parse(text, 0, !isLast) as Papa.ParseResult<string[]>;
    const used = isLast ? text.length : meta.cursor;
    const records = { rows: data, lineOf: lineCounter(data, line, newline) };
    nameQuoteFaults(errors, data, line, newline, faults);
    line += linesIn(text, used, newline);
    pending = pending.slice(used);
    return records;
  }

  /** What is pending, a part at a time, as if quotes were ordinary characters. An unfinished last line stays. */
  function* unquoted(what: string, isLast: boolean): Generator<Records> {
    faults.add("bad_quotes", true, () => ({
      where: `line ${line}`,
      reason: `a quote is opened and never closed; ${what} is read as if quotes were ordinary characters`,
    }));
    for (let end = pending.indexOf(newline, PART_CHARS); end >= 0; end = pending.indexOf(newline, PART_CHARS))
      yield parsed(plain, pending.slice(0, end + 1), false);
    if (isLast || pending.includes(newline)) yield parsed(plain, pending, isLast);
  }

  for await (const piece of pieces) {
    if (skipping) {
      const end = piece.indexOf(newline);
      if (end < 0) continue;
      [pending, skipping] = [piece.slice(end + 1), false];
      line += 1;
    } else pending += piece;
    // A record that is not yet complete is looked at again when twice as much of it is there, so that it costs no more than twice its length.
    if (pending.length < wait) continue;
    const records = parsed(quoting, pending, false);
    wait = records.rows.length > 0 ? 0 : Math.min(2 * pending.length, MOST_RECORD_CHARS);
    if (records.rows.length > 0) yield records;
    if (pending.length < MOST_RECORD_CHARS) continue;
    wait = 0;
    if (pending.includes(newline)) yield* unquoted("the next 16 MiB", false);
    else {
      faults.add("too_long", false, () => ({ where: `line ${line}`, reason: "longer than 16 MiB; it is left out" }));
      [pending, skipping] = ["", true];
    }
  }
  if (pending === "") return;
  const isOpen = quoting.parse(pending, 0, false).errors.some(({ code }: Papa.ParseError) => code === "MissingQuotes");
  if (isOpen) {
    yield parsed(quoting, pending, false);
    yield* unquoted("the rest of the file", true);
  } else yield parsed(quoting, pending, true);
}

function nameQuoteFaults(errors: readonly Papa.ParseError[], rows: string[][], line: number, newline: string, faults: Faults): void {
  let lineOf: ((index: number) => number) | undefined;
  let last = -1;
  for (const { code, row = 0 } of errors) {
    if (code !== "InvalidQuotes" || row === last || row >= rows.length) continue;
    last = row;
    faults.add("bad_quotes", true, () => {
      lineOf ??= lineCounter(rows, line, newline);
      return { where: `line ${lineOf(row)}`, reason: "text follows a closing quote; the field was read up to the next one that fits" };
    });
  }
}

function lineCounter(rows: readonly (readonly string[])[], first: number, newline: string): (index: number) => number {
  let [line, next] = [first, 0];
  return (index) => {
    for (; next < index; next += 1) {
      line += 1;
      for (const field of rows[next] ?? []) line += linesIn(field, field.length, newline);
    }
    return line;
  };
}

function linesIn(text: string, end: number, newline: string): number {
  let count = 0;
  for (let at = text.indexOf(newline); at >= 0 && at < end; at = text.indexOf(newline, at + 1)) count += 1;
  return count;
}

// How a delimited text is written: delimiter, quote, line ends and whether its first line names the columns. Found out from the beginning.

import type { KosError } from "@kos/klp";
import Papa from "papaparse";
import { badParam } from "../../task-error.ts";
import { KIND, spelledValue } from "../profile/spelled-value.ts";
import { badData, tooManyColumns } from "./data-error.ts";
import { type HeaderChoice, MOST_COLUMNS, type ReadOptions } from "./table-reader.ts";

export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: string;
  readonly newline: "\n" | "\r";
  readonly header: boolean;
}

const DELIMITERS = [",", "\t", ";", "|"] as const;
const SAMPLE_ROWS = 200;
/** More than this of a line without end tells nothing. */
const SAMPLE_CHARS = 262_144;

/** Errors: BAD_REQUEST for a delimiter or quote that is none. */
export function csvDialect(text: string, textIsAll: boolean, name: string, asked: ReadOptions): CsvDialect {
  const sample = text.slice(0, SAMPLE_CHARS);
  const newline = sample.includes("\n") || !sample.includes("\r") ? "\n" : "\r";
  const quote = askedQuote(asked.quote) ?? likelyQuote(sample);
  const isCut = !textIsAll || text.length > SAMPLE_CHARS;
  const parse = (delimiter: string) => sampleRows(sample, isCut, { delimiter, quote, newline });
  const delimiter = askedDelimiter(asked.delimiter, quote) ?? likelyDelimiter(parse, name);
  const rows = parse(delimiter);
  if (rows.length === 0) throw noRow(name, isCut ? sampleRows(sample, false, { delimiter, quote, newline }) : []);
  return { delimiter, quote, newline, header: hasHeader(rows, asked.header ?? "auto") };
}

/** `begun`: what there is of a first row that does not end. */
function noRow(name: string, begun: readonly (readonly string[])[]): KosError {
  const [fields] = begun;
  if (fields === undefined) return badData(`${JSON.stringify(name)} holds no row.`, "Give a file with at least a header.");
  if (fields.length > MOST_COLUMNS) return tooManyColumns(fields.length);
  return badData(
    `The first row of ${JSON.stringify(name)} is longer than 256 KiB.`,
    "Check delimiter, quote and line ends; give a file of rows.",
  );
}

/** Rows as texts, without blank lines. A last row that is cut off is left out. */
export function sampleRows(
  sample: string,
  isCut: boolean,
  { delimiter, quote, newline }: Omit<CsvDialect, "header">,
): readonly (readonly string[])[] {
  const parser = new Papa.Parser({ delimiter, newline, quoteChar: quote, preview: SAMPLE_ROWS });
  const { data } = parser.parse(sample, 0, isCut) as { readonly data: string[][] };
  return data.map((row) => trimmedEnd(row, newline)).filter((row) => row.length > 1 || row[0] !== "");
}

/** Lines may end in CR LF although LF is what they are cut at. */
export function trimmedEnd(row: string[], newline: string): string[] {
  const last = row.at(-1);
  if (newline === "\n" && last?.endsWith("\r") === true) row[row.length - 1] = last.slice(0, -1);
  return row;
}

function askedDelimiter(delimiter: string | undefined, quote: string): string | undefined {
  if (delimiter === undefined) return undefined;
  if (delimiter.length === 1 && delimiter !== quote && !Papa.BAD_DELIMITERS.includes(delimiter)) return delimiter;
  throw badParam(
    "/delimiter",
    `${JSON.stringify(delimiter)} cannot be a delimiter.`,
    "Give one character that is neither quote nor line end.",
  );
}

function askedQuote(quote: string | undefined): string | undefined {
  if (quote === undefined || (quote.length === 1 && !/[\r\n]/.test(quote))) return quote;
  throw badParam("/quote", `${JSON.stringify(quote)} cannot be a quote.`, "Give one character.");
}

/** Single quotes only where fields are wrapped in them and nothing is in double ones. */
function likelyQuote(sample: string): string {
  if (sample.includes('"')) return '"';
  const wrapped = sample.match(/(?:^|[,;|\t\n])'[^'\n]*'(?=[,;|\t\r\n]|$)/g)?.length ?? 0;
  return wrapped >= 3 ? "'" : '"';
}

/** The one by which most rows have the same number of fields, more than one; the more fields the better among equals. */
function likelyDelimiter(parse: (delimiter: string) => readonly (readonly string[])[], name: string): string {
  const fallback = /\.(?:tsv|tab)(?:\.gz)?$/i.test(name) ? "\t" : ",";
  let best = { delimiter: fallback, score: 0 };
  for (const delimiter of [fallback, ...DELIMITERS.filter((other) => other !== fallback)]) {
    const rows = parse(delimiter);
    const [width, share] = commonWidth(rows);
    const score = width < 2 ? 0 : share + Math.min(width, 100) / 1000;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** The most frequent number of fields, and the share of rows that have it. */
function commonWidth(rows: readonly (readonly string[])[]): readonly [width: number, share: number] {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  let [width, most] = [0, 0];
  for (const [found, count] of counts) if (count > most) [width, most] = [found, count];
  return [width, rows.length === 0 ? 0 : most / rows.length];
}

/**
 * The first row is a header unless it looks like the rows below it: numbers or dates stand where there are numbers or dates below, and nowhere a
 * word above a column of numbers. Years are not counted: they name columns as often as they fill them.
 */
function hasHeader(rows: readonly (readonly string[])[], choice: HeaderChoice): boolean {
  if (choice !== "auto") return choice === "yes";
  const [first = [], ...rest] = rows;
  if (rest.length === 0) return !first.every((field) => isMeasured(field));
  let [alike, unlike] = [0, 0];
  for (const [column, field] of first.entries()) {
    const below = rest.map((row) => row[column] ?? "").filter((value) => value.trim() !== "");
    const measured = below.filter(isMeasured).length;
    if (below.length === 0 || measured < below.length * 0.8) continue;
    if (!isMeasured(field) && field.trim() !== "") unlike += 1;
    else if (isMeasured(field) && !/^(?:1[89]|20)\d\d$/.test(field)) alike += 1;
  }
  return alike === 0 || unlike > 0;
}

function isMeasured(field: string): boolean {
  const { kind } = spelledValue(field);
  return kind === KIND.integer || kind === KIND.number || kind === KIND.date || kind === KIND.datetime;
}

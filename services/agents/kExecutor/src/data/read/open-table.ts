// Opens a source as a table: finds out how it is compressed, in which format and encoding it is, and gives the reader for it.

import { type ByteSource, type OpenBytesOptions, openBytes, randomBytesOf } from "./byte-source.ts";
import { type Charset, charsetOf, decoded } from "./charset.ts";
import { csvReader } from "./csv-reader.ts";
import { jsonReader } from "./json-reader.ts";
import { ndjsonReader } from "./ndjson-reader.ts";
import { parquetReader } from "./parquet-reader.ts";
import { sniffFormat } from "./sniff-format.ts";
import type { ReadOptions, TableReader } from "./table-reader.ts";

/** Parquet that is not a file on its own. */
const MOST_PARQUET_IN_MEMORY = 268_435_456;

/** Errors: BAD_REQUEST for what is no data set, TOO_LARGE. */
export async function openTable(source: ByteSource, options: ReadOptions, limits: OpenBytesOptions): Promise<TableReader> {
  const opened = await openBytes(source, limits);
  const charset = charsetOf(opened.head, opened.headIsAll, options.encoding);
  const head = new TextDecoder(charset.name).decode(opened.head, { stream: !opened.headIsAll });
  const sniffed = options.format === undefined ? sniffFormat(opened.head, head, source.name) : { format: options.format, notes: [] };
  const notes = [...sniffed.notes];
  if (sniffed.format === "parquet")
    return parquetReader(await randomBytesOf(source, opened, MOST_PARQUET_IN_MEMORY), opened.compression, notes);
  tellCharset(charset, head, notes);
  const text = {
    name: source.name,
    head,
    headIsAll: opened.headIsAll,
    encoding: charset.name,
    compression: opened.compression,
    pieces: () =>
      decoded(opened.pieces(), charset.name, () =>
        notes.push(`Some bytes are not valid ${charset.name}, or were not when the text was written; they are shown as \u{fffd}.`),
      ),
  };
  switch (sniffed.format) {
    case "json":
      return jsonReader(text, notes);
    case "ndjson":
      return ndjsonReader(text, notes);
    case "csv":
      return csvReader(text, options, notes);
  }
}

function tellCharset({ name, certain }: Charset, head: string, notes: string[]): void {
  if (!certain) notes.push(`Nothing says how the text is encoded; it was read as ${name}.`);
  if (head.includes("\0")) notes.push("The text holds NUL characters.");
}

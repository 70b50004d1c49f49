// Reads Parquet row group by row group. The file's own claims about sizes are checked before memory is taken for them.

import { isKosError } from "@kos/klp";
import type { ColumnData, FileMetaData } from "hyparquet";
import type { compressors as AllCompressors } from "hyparquet-compressors";
import type { RandomBytes } from "./byte-source.ts";
import { type Cell, integerCell, type Row } from "./cell.ts";
import { badData, dataTooLarge, tooManyColumns } from "./data-error.ts";
import { collectFaults } from "./faults.ts";
import { nestedCell } from "./json-cell.ts";
import { MOST_COLUMNS, type ReadFacts, type TableReader } from "./table-reader.ts";

const BATCH_ROWS = 2000;
/** A row group is decoded as a whole. */
const MOST_GROUP_CELLS = 50_000_000;
const MOST_GROUP_BYTES = 536_870_912;
const MOST_PAGE_BYTES = 268_435_456;
const HINT = "Check the file with another reader, and write it again with smaller row groups if it is sound.";

/** Errors: BAD_REQUEST for a damaged file, TOO_LARGE for row groups that do not fit into memory. */
export async function parquetReader(
  file: RandomBytes,
  compression: ReadFacts["compression"],
  notes: readonly string[],
): Promise<TableReader> {
  const { parquetMetadataAsync, parquetSchema } = await import("hyparquet");
  const metadata = await undamaged(() => parquetMetadataAsync(file));
  const columns = await undamaged(async () => parquetSchema(metadata).children.map(({ element }) => element.name));
  if (columns.length > MOST_COLUMNS) throw tooManyColumns(columns.length);
  if (new Set(columns).size < columns.length)
    throw badData("Two columns of the Parquet file have the same name.", "Write it again with different ones.");
  const groups = checkedGroups(metadata, file.byteLength, columns.length);
  return {
    facts: { format: "parquet", compression },
    columns,
    spelled: false,
    faults: collectFaults(),
    notes,
    async *batches() {
      let start = 0;
      for (const rows of groups) {
        const values = await undamaged(() => groupValues(file, metadata, start, start + rows));
        for (const name of columns) {
          const found = values.get(name)?.length ?? 0;
          if (found !== rows) throw damaged(`column ${JSON.stringify(name)} holds ${found} values where ${rows} are promised`);
        }
        const lists = columns.map((name) => values.get(name) ?? []);
        for (let first = 0; first < rows; first += BATCH_ROWS)
          yield Array.from(
            { length: Math.min(BATCH_ROWS, rows - first) },
            (_, index): Row => lists.map((list) => cellOf(list[first + index])),
          );
        start += rows;
      }
    },
  };
}

/** Rows of each group. A file cannot hold more than its bytes allow, whatever it says of itself. */
function checkedGroups(metadata: FileMetaData, fileBytes: number, columns: number): readonly number[] {
  const groups = metadata.row_groups.map((group, index) => {
    const rows = Number(group.num_rows);
    const stored = group.columns.reduce((sum, { meta_data: meta }) => sum + Number(meta?.total_compressed_size ?? 0), 0);
    const unpacked = group.columns.reduce((sum, { meta_data: meta }) => sum + Number(meta?.total_uncompressed_size ?? 0), 0);
    if (!Number.isSafeInteger(rows) || rows < 0 || stored < 0 || stored > fileBytes)
      throw damaged(`row group ${index + 1} claims what the file cannot hold`);
    if (rows * Math.max(columns, 1) > MOST_GROUP_CELLS || unpacked > MOST_GROUP_BYTES)
      throw dataTooLarge(
        `Row group ${index + 1} has ${rows} rows in ${columns} columns, ${unpacked} bytes; a row group is decoded as a whole.`,
        "Write the file again with row groups of at most 1,000,000 rows.",
      );
    return rows;
  });
  const sum = groups.reduce((total, rows) => total + rows, 0);
  if (sum !== Number(metadata.num_rows)) throw damaged(`it claims ${metadata.num_rows} rows and its row groups ${sum}`);
  return groups;
}

type Values = ArrayLike<unknown>;

async function groupValues(
  file: RandomBytes,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<ReadonlyMap<string, Values>> {
  const { parquetRead } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const chunks = new Map<string, ColumnData[]>();
  await parquetRead({
    file,
    metadata,
    rowStart,
    rowEnd,
    compressors: boundedCompressors(compressors),
    onChunk(chunk) {
      chunks.set(chunk.columnName, [...(chunks.get(chunk.columnName) ?? []), chunk]);
    },
  });
  return new Map([...chunks].map(([name, parts]) => [name, within(parts, rowStart, rowEnd)]));
}

/** The values of the rows that were asked for; a chunk may hold others. */
function within(parts: readonly ColumnData[], rowStart: number, rowEnd: number): Values {
  const [only] = parts;
  if (parts.length === 1 && only?.rowStart === rowStart && only.rowEnd === rowEnd) return only.columnData;
  const sorted = parts.toSorted((left, right) => left.rowStart - right.rowStart);
  return sorted.flatMap((part) =>
    Array.from(part.columnData as Values).slice(Math.max(0, rowStart - part.rowStart), Math.max(0, rowEnd - part.rowStart)),
  );
}

type Compressors = typeof AllCompressors;

/** A page says how large it becomes; what it says is where memory is taken. */
function boundedCompressors(compressors: Compressors): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, length: number) => {
        if (length < 0 || length > MOST_PAGE_BYTES) throw damaged(`a page claims ${length} bytes`);
        return decompress(input, length);
      },
    ]),
  );
}

function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case "bigint":
      return integerCell(value);
    case "number":
    case "boolean":
      return value;
    case "string":
      return value.isWellFormed() ? value : value.toWellFormed();
    default:
      if (value === null || value === undefined) return null;
      if (value instanceof Date || value instanceof Uint8Array) return value;
      return typeof value === "object" ? nestedCell(value) : null;
  }
}

/** The library throws errors of its own, and of the language, at what it cannot read. */
async function undamaged<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isKosError(error)) throw error;
    throw damaged((error instanceof Error ? error.message : "it cannot be read").slice(0, 200));
  }
}

function damaged(problem: string): Error {
  return badData(`The Parquet file is damaged: ${problem}.`, HINT);
}

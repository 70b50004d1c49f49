// Data sets made by script, in every format, and what SQL says of them. For tests only.

import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";

type Value = string | number | boolean | null;
export interface DataSet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** The same numbers for the same seed (Park and Miller, 1988). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** People with an id, an age that is sometimes missing, a height, a city, a birthday, a flag and a remark full of delimiters; some of them twice. */
export function peopleData(count: number): DataSet {
  const random = seeded(count);
  const cities = ["Berlin", "São Paulo", "Zürich", "Oslo", "北京"];
  const rows = Array.from({ length: count }, (_, index): readonly Value[] => [
    index,
    random() < 0.1 ? null : 18 + Math.floor(random() * 60),
    Math.round((150 + random() * 50) * 100) / 100,
    cities[Math.floor(random() * cities.length)] ?? "",
    `19${50 + Math.floor(random() * 50)}-0${1 + Math.floor(random() * 9)}-${10 + Math.floor(random() * 18)}`,
    random() < 0.5,
    random() < 0.2 ? null : `a, "b"; ${Math.floor(random() * 40)}\nc`,
  ]);
  return {
    columns: ["id", "age", "height", "city", "born", "member", "remark"],
    rows: [...rows, ...rows.slice(0, Math.floor(count / 20))],
  };
}

export function delimited({ columns, rows }: DataSet, delimiter = ",", newline = "\n"): string {
  const field = (value: Value) => {
    const text = value === null ? "" : String(value);
    return /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => row.map(field).join(delimiter)).join(newline) + newline;
}

function objects({ columns, rows }: DataSet): readonly object[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])));
}

export function jsonList(data: DataSet): string {
  return JSON.stringify(objects(data));
}

export function ndjson(data: DataSet): string {
  return objects(data)
    .map((object) => `${JSON.stringify(object)}\n`)
    .join("");
}

export function parquet({ columns, rows }: DataSet, rowGroupSize = 1000): Buffer {
  const columnData = columns.map((name, index) => ({ name, data: rows.map((row) => row[index] ?? null) }));
  return Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }));
}

export function gzipped(content: string | Buffer): Buffer {
  return gzipSync(content, { level: 1 });
}

export interface ColumnTruth {
  readonly missing: number;
  readonly distinct: number;
  readonly min: Value;
  readonly max: Value;
  readonly mean: number | null;
  readonly median: number | null;
  readonly deviation: number | null;
}

const FACTS = `
  SELECT count(*) - count(COLUMN) AS missing, count(DISTINCT COLUMN) AS "distinct", min(COLUMN) AS min, max(COLUMN) AS max,
         avg(COLUMN) FILTER (WHERE isNumber) AS mean, median(COLUMN) FILTER (WHERE isNumber) AS median,
         sqrt((sum(COLUMN * COLUMN) FILTER (WHERE isNumber) - count(COLUMN) * avg(COLUMN) * avg(COLUMN)) / (count(COLUMN) - 1)) AS deviation
  FROM (SELECT *, typeof(COLUMN) <> 'text' AS isNumber FROM t)`;

/** By SQL over the values themselves, which never were text. */
export function truthOf({ columns, rows }: DataSet): {
  readonly rows: number;
  readonly duplicates: number;
  readonly of: (column: string) => ColumnTruth;
} {
  const database = new DatabaseSync(":memory:");
  const names = columns.map((_, index) => `c${index}`);
  database.exec("CREATE TABLE t (COLUMNS)".replace("COLUMNS", names.join(", ")));
  const insert = database.prepare("INSERT INTO t VALUES (MARKS)".replace("MARKS", names.map(() => "?").join(", ")));
  database.exec("BEGIN");
  for (const row of rows) insert.run(...row.map((value) => (typeof value === "boolean" ? String(value) : value)));
  database.exec("COMMIT");
  const one = <Row>(sql: string) => database.prepare(sql).get() as Row;
  return {
    rows: one<{ n: number }>("SELECT count(*) AS n FROM t").n,
    duplicates: one<{ n: number }>("SELECT (SELECT count(*) FROM t) - (SELECT count(*) FROM (SELECT DISTINCT * FROM t)) AS n").n,
    of: (column) => one<ColumnTruth>(FACTS.replaceAll("COLUMN", `c${columns.indexOf(column)}`)),
  };
}

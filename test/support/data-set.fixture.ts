// A data set made by script, and what SQL says of it.

import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

type Value = string | number | null;

export interface MadeData {
  readonly rows: number;
  readonly duplicates: number;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly missing: number;
    readonly distinct: number;
    readonly min: Value;
    readonly max: Value;
    readonly mean: number | null;
  }[];
}

const TYPES = { id: "integer", weight: "number", town: "string", seen: "date", note: "string" } as const;

const FACTS = `
  SELECT count(*) - count(COLUMN) AS missing, count(DISTINCT COLUMN) AS "distinct", min(COLUMN) AS min, max(COLUMN) AS max,
         avg(COLUMN) FILTER (WHERE typeof(COLUMN) <> 'text') AS mean
  FROM t`;

/** A CSV of parcels, with missing values, outliers, duplicates and fields that need quotes. What is returned comes from SQL over the same values. */
export function writeParcels(path: string, count: number): MadeData {
  let state = count;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const made = Array.from({ length: count }, (_, index): readonly Value[] => [
    index + 1,
    random() < 0.05 ? null : random() < 0.01 ? 9000 : Math.round(random() * 30_000) / 1000,
    ["Ulm", "Köln", "Brno, CZ", 'the "Hague"'][Math.floor(random() * 4)] ?? "",
    `2024-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 10)}`,
    random() < 0.5 ? null : `line one\nline ${Math.floor(random() * 9)}`,
  ]);
  const rows = [...made, ...made.slice(0, 20)];
  const field = (value: Value) =>
    value === null ? "" : /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  writeFileSync(path, `${[Object.keys(TYPES), ...rows].map((row) => row.map(field).join(",")).join("\n")}\n`);

  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (id, weight, town, seen, note)");
  const insert = database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
  for (const row of rows) insert.run(...row);
  const one = <Row>(sql: string) => database.prepare(sql).get() as Row;
  return {
    ...one<{ rows: number; duplicates: number }>(
      "SELECT count(*) AS rows, count(*) - (SELECT count(*) FROM (SELECT DISTINCT * FROM t)) AS duplicates FROM t",
    ),
    columns: Object.entries(TYPES).map(([name, type]) => ({
      name,
      type,
      ...one<Omit<MadeData["columns"][number], "name" | "type">>(FACTS.replaceAll("COLUMN", name)),
    })),
  };
}

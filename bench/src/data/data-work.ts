// A measured process: reads one CSV in the way its first argument says, and prints rows, time and memory.

import { closeSync, openSync, statSync } from "node:fs";
import { carryOut, type DataWorkHost, loadTable, missingTokens, openDatabase, openTable } from "@kos/kexecutor/data";

const NUMBER_FACTS = `
  SELECT count(*) - count(COLUMN), count(DISTINCT COLUMN), min(COLUMN), max(COLUMN), avg(COLUMN), avg(COLUMN * COLUMN),
         percentile(COLUMN, 25), median(COLUMN), percentile(COLUMN, 75)
  FROM data`;
const TEXT_FACTS = "SELECT count(*) - count(COLUMN), count(DISTINCT COLUMN), min(COLUMN), max(COLUMN), avg(length(COLUMN)) FROM data";
const FREQUENT = "SELECT COLUMN, count(*) AS n FROM data GROUP BY 1 ORDER BY n DESC LIMIT 10";

const [, , kind = "", path = ""] = process.argv;
const descriptor = openSync(path, "r");
const bytes = statSync(path).size;
const file = { name: "data.csv", descriptor, kind: "file", bytes } as const;
const source = { ...file, options: {}, max_bytes: Number.MAX_SAFE_INTEGER };
const host: DataWorkHost = { progress: () => undefined, content: () => Promise.resolve(), limitSeconds: () => undefined };

const begun = performance.now();
const rows = await work();
const elapsedMs = performance.now() - begun;
closeSync(descriptor);
process.stdout.write(JSON.stringify({ rows, elapsedMs, memoryMib: process.resourceUsage().maxRSS / 1024 }));

async function work(): Promise<number> {
  switch (kind) {
    case "read": {
      let count = 0;
      for await (const batch of (await openReader()).batches()) count += batch.length;
      return count;
    }
    case "sql":
      return plainSql();
    case "profile":
      return rowsOf(await carryOut({ task: "profile", source, top_values: 10, key: [1, 2] }, host));
    case "recount":
      return rowsOf(await carryOut({ task: "recount", source }, host));
    default:
      throw new Error(`there is no way of reading called ${kind}`);
  }
}

function openReader() {
  return openTable(file, {}, { maxBytes: Number.MAX_SAFE_INTEGER, onBytes: () => undefined });
}

function rowsOf(value: unknown): number {
  return (value as { rows: number }).rows;
}

/** Loads the table and asks for what a profile says: counts, bounds, means, deviation, quartiles, frequent values and duplicate rows. */
async function plainSql(): Promise<number> {
  const database = openDatabase();
  const table = "data";
  const { columns } = await loadTable(database, await openReader(), {
    table,
    missing: missingTokens([]),
    as: "typed",
    onRows: () => undefined,
  });
  for (const { name, type } of columns) {
    database.prepare((type === "integer" || type === "number" ? NUMBER_FACTS : TEXT_FACTS).replaceAll("COLUMN", name)).get();
    database.prepare(FREQUENT.replaceAll("COLUMN", name)).all();
  }
  database.prepare("SELECT count(*) FROM (SELECT DISTINCT * FROM data)").get();
  const { n } = database.prepare("SELECT count(*) AS n FROM data").get() as { n: number };
  database.close();
  return n;
}

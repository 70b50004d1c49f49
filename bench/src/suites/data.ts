// Data sets: rows a second of data.profile, beside the SQL engine alone: the same file read by the same reader, loaded, and the same numbers by plain SQL.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FigureSpec, Suite } from "../harness/figure.ts";
import { perSecond } from "../harness/rate.ts";

const WORK = new URL("../data/data-work.ts", import.meta.url).pathname;

const FIGURES: readonly FigureSpec[] = [
  { id: "read", title: "floor: the reader alone", unit: "rows/s", better: "higher" },
  { id: "sql", title: "floor: SQLite, loaded and asked for the same numbers", unit: "rows/s", better: "higher" },
  {
    id: "profile",
    title: "data.profile",
    unit: "rows/s",
    better: "higher",
    beside: "sql",
    target: { of: "ratio", must: 0.5, aim: 1 },
  },
  { id: "recount", title: "data.recount", unit: "rows/s", better: "higher", beside: "sql" },
  { id: "profile_memory", title: "data.profile, memory at most", unit: "MiB", better: "lower" },
  { id: "sql_memory", title: "SQLite, memory at most", unit: "MiB", better: "lower" },
];

const run = promisify(execFile);

/** What a measured process says of itself. */
interface DataFigures {
  readonly rows: number;
  readonly elapsedMs: number;
  readonly memoryMib: number;
}

export const data: Suite = {
  name: "data",
  title: "Data sets: a CSV of ten columns, numbers, dates, texts with quotes and missing values",
  figures: FIGURES,
  async open({ folder, quick, note }) {
    const rows = quick ? 100_000 : 1_000_000;
    const path = join(folder, "data.csv");
    await writeRows(path, rows);
    note(`${rows.toLocaleString("en-GB")} rows; each run is a process of its own, its start not counted`);
    const contender = (id: "read" | "sql" | "profile" | "recount") => ({
      name: id,
      async measure() {
        const { stdout } = await run(process.execPath, [WORK, id, path]);
        const { rows: read, elapsedMs, memoryMib } = JSON.parse(stdout) as DataFigures;
        if (read !== rows) throw new Error(`${id} read ${read} of ${rows} rows`);
        return { [id]: perSecond(rows, elapsedMs), ...((id === "profile" || id === "sql") && { [`${id}_memory`]: memoryMib }) };
      },
    });
    return {
      contenders: [contender("read"), contender("sql"), contender("profile"), contender("recount")],
      warmUps: 0,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

async function writeRows(path: string, rows: number): Promise<void> {
  const out = createWriteStream(path);
  let state = 7;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  out.write("id,name,city,amount,quantity,active,day,score,note,mail\n");
  for (let first = 0; first < rows; first += 10_000) {
    let text = "";
    for (let id = first; id < Math.min(first + 10_000, rows); id += 1) {
      const [amount, score] = [(random() * 1000).toFixed(2), id % 17 === 0 ? "" : random().toFixed(6)];
      const day = `2024-0${1 + (id % 9)}-1${id % 10}`;
      text += `${id},"name ${id % 5000}",city${id % 50},${amount},${Math.floor(random() * 100)},${id % 3 === 0},${day},${score},"some, note ${id % 777}",u${id}@example.org\n`;
    }
    if (!out.write(text)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

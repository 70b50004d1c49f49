// Floors: what one sync to disk costs, with nothing around it.

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Contender, Suite, SuiteSettings } from "../harness/figure.ts";
import { perSecond } from "../harness/rate.ts";

const RECORD = new Uint8Array(500).fill(97);
const TEXT = "a".repeat(500);

export const disk: Suite = {
  name: "floor-disk",
  title: "Floors: one sync to disk",
  figures: [
    { id: "append", title: "append 500 bytes + fdatasync", unit: "1/s", better: "higher" },
    { id: "sqlite_1", title: "SQLite WAL FULL, one row a commit", unit: "rows/s", better: "higher", beside: "append" },
    { id: "sqlite_100", title: "SQLite WAL FULL, 100 rows a commit", unit: "rows/s", better: "higher", beside: "sqlite_1" },
  ],
  open(settings) {
    const contenders: readonly Contender[] = [
      { name: "append", measure: async () => ({ append: appendRate(settings) }) },
      { name: "sqlite 1", measure: async () => ({ sqlite_1: rowRate(settings, 1) }) },
      { name: "sqlite 100", measure: async () => ({ sqlite_100: rowRate(settings, 100) }) },
    ];
    return Promise.resolve({ contenders, [Symbol.asyncDispose]: () => Promise.resolve() });
  },
};

function appendRate({ folder, quick }: SuiteSettings): number {
  const path = join(folder, "append");
  const file = openSync(path, "a");
  const count = quick ? 1_000 : 5_000;
  try {
    const start = performance.now();
    for (let index = 0; index < count; index++) {
      writeSync(file, RECORD);
      fdatasyncSync(file);
    }
    return perSecond(count, performance.now() - start);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

function rowRate({ folder, quick }: SuiteSettings, rowsPerCommit: number): number {
  const path = join(folder, "rows.db");
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("CREATE TABLE record (id INTEGER PRIMARY KEY, text TEXT) STRICT");
    const begin = database.prepare("BEGIN IMMEDIATE");
    const insert = database.prepare("INSERT INTO record (text) VALUES (?)");
    const commit = database.prepare("COMMIT");
    const commits = (quick ? 1_000 : 5_000) / (rowsPerCommit === 1 ? 1 : 5);
    const start = performance.now();
    for (let index = 0; index < commits; index++) {
      begin.run();
      for (let row = 0; row < rowsPerCommit; row++) insert.run(TEXT);
      commit.run();
    }
    return perSecond(commits * rowsPerCommit, performance.now() - start);
  } finally {
    database.close();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
  }
}

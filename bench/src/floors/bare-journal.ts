// The floor under every durable engine: one row a step, committed in groups. No leases, no replay, no hashes. Also the entry of its worker.

import { DatabaseSync } from "node:sqlite";
import { isMainThread, workerData } from "node:worker_threads";
import type { Journal } from "./group-writer.ts";
import { serveJournal } from "./serve-journal.ts";

export interface BareStep {
  readonly plan: number;
  readonly step: number;
  readonly result: string;
}

export function bareJournal(path: string): Journal<BareStep> {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8192");
  database.exec(
    "CREATE TABLE IF NOT EXISTS step (plan INTEGER, step INTEGER, result TEXT, PRIMARY KEY (plan, step)) STRICT, WITHOUT ROWID",
  );
  const begin = database.prepare("BEGIN IMMEDIATE");
  const insert = database.prepare("INSERT INTO step VALUES (?, ?, ?)");
  const commit = database.prepare("COMMIT");
  return {
    writeGroup(steps) {
      begin.run();
      for (const { plan, step, result } of steps) insert.run(plan, step, result);
      commit.run();
    },
    close: () => database.close(),
  };
}

if (!isMainThread) serveJournal(bareJournal(workerData as string));

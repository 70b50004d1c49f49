// The floor: the same rows and bytes as the store writes, group committed by a writer thread, without hashes, checks, chains or signatures.

import { DatabaseSync } from "node:sqlite";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Commit } from "../src/index.ts";

/** As long as a real header. */
const HEADER = "h".repeat(330);
const SALT = new Uint8Array(16);

export async function startJournal(path: string): Promise<{ append(commit: Commit): Promise<void> } & AsyncDisposable> {
  const worker = new Worker(new URL(import.meta.url), { workerData: path });
  await new Promise((resolve) => worker.once("message", resolve));
  let waiting: { readonly commit: Commit; readonly resolve: () => void }[] = [];
  let inFlight: (() => void)[] | undefined;
  const send = () => {
    if (inFlight !== undefined || waiting.length === 0) return;
    inFlight = waiting.map(({ resolve }) => resolve);
    worker.postMessage(waiting.map(({ commit }) => commit));
    waiting = [];
  };
  worker.on("message", () => {
    const done = inFlight ?? [];
    inFlight = undefined;
    send();
    for (const resolve of done) resolve();
  });
  return {
    append(commit) {
      return new Promise<void>((resolve) => {
        waiting.push({ commit, resolve });
        if (waiting.length === 1 && inFlight === undefined) queueMicrotask(send);
      });
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

function write(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -32768");
  database.exec(
    "CREATE TABLE event (id INTEGER PRIMARY KEY, stream INTEGER, plan_seq INTEGER, header TEXT, payload TEXT, salt BLOB) STRICT",
  );
  database.exec("CREATE UNIQUE INDEX event_stream ON event (stream, plan_seq)");
  database.exec("CREATE TABLE leaves (id INTEGER PRIMARY KEY, leaves BLOB) STRICT");
  database.exec("CREATE TABLE task (plan_id TEXT, task_id TEXT, state TEXT, PRIMARY KEY (plan_id, task_id)) STRICT, WITHOUT ROWID");
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const event = database.prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)");
  const leaves = database.prepare("INSERT INTO leaves VALUES (?, ?)");
  const task = database.prepare("INSERT INTO task VALUES (?, ?, ?)");
  let id = 0;
  const streams = new Map<string, number>();
  parentPort?.on("message", (commits: readonly Commit[]) => {
    begin.run();
    const first = id;
    for (const { events, rows } of commits) {
      for (const { plan_id, plan_seq, payload } of events) {
        let stream = streams.get(plan_id);
        if (stream === undefined) streams.set(plan_id, (stream = streams.size));
        event.run(id++, stream, plan_seq, HEADER, payload, SALT);
      }
      for (const change of rows) if (change.op === "put") task.run(...Object.values(change.row));
    }
    leaves.run(first, new Uint8Array(32 * (id - first) + 96));
    commit.run();
    parentPort?.postMessage(commits.length);
  });
  parentPort?.postMessage("ready");
}

if (!isMainThread) write(workerData as string);

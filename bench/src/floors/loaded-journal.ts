// The loaded floor: the rows, bytes and hashes that the engine writes for a plan, with no engine, no checks and no signature around them.
// Also the entry of its worker.

import { randomBytes } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { isMainThread, workerData } from "node:worker_threads";
import { eventHeaderText, eventLeafHash, formatCommitment, SALT_BYTES } from "@kos/evidence";
import { formatHash, hmacSha256, sha256 } from "@kos/klp";
import type { RowChange } from "@kos/store";
import type { RecordedCommit } from "../engine/recorded-plan.ts";
import type { Journal } from "./group-writer.ts";
import { serveJournal } from "./serve-journal.ts";

export interface LoadedOptions {
  readonly path: string;
  /** Statements that make the engine's tables. */
  readonly schema: readonly string[];
}

/** As the store's writer has it. */
const PRAGMAS =
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8192; PRAGMA secure_delete = ON";
const HASH_BYTES = 32;

function loadedJournal({ path, schema }: LoadedOptions): Journal<RecordedCommit> {
  const database = new DatabaseSync(path);
  database.exec(PRAGMAS);
  for (const statement of schema) database.exec(statement);
  database.exec(
    "CREATE TABLE log_event (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, plan_seq INTEGER NOT NULL, type TEXT NOT NULL, tenant TEXT NOT NULL, at TEXT NOT NULL, prev BLOB, commitment BLOB NOT NULL, payload TEXT, salt BLOB) STRICT",
  );
  database.exec("CREATE UNIQUE INDEX log_event_stream ON log_event (stream, plan_seq)");
  database.exec("CREATE TABLE log_group (id INTEGER PRIMARY KEY, leaves BLOB NOT NULL) STRICT");
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const event = database.prepare("INSERT INTO log_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const group = database.prepare("INSERT INTO log_group VALUES (?, ?)");
  const puts = new Map<string, StatementSync>();
  const streams = new Map<string, { readonly id: number; last: Uint8Array | null }>();
  let position = 0;

  function put({ table, row }: RowChange & { readonly op: "put" }): void {
    let statement = puts.get(table);
    if (statement === undefined) {
      const columns = Object.keys(row);
      // oxlint-disable-next-line kos/no-sql-text -- names of tables and columns as the engine wrote them, not values
      statement = database.prepare(`INSERT OR REPLACE INTO ${table} (${columns.join()}) VALUES (${columns.map(() => "?").join()})`);
      puts.set(table, statement);
    }
    statement.run(...Object.values(row));
  }

  return {
    writeGroup(commits) {
      begin.run();
      const first = position;
      const leaves = Buffer.alloc(HASH_BYTES * commits.reduce((sum, { events }) => sum + events.length, 0));
      for (const { events, rows } of commits) {
        for (const { type, tenant, plan_id, plan_seq, at, payload } of events) {
          let stream = streams.get(plan_id);
          if (stream === undefined) streams.set(plan_id, (stream = { id: streams.size + 1, last: null }));
          const salt = randomBytes(SALT_BYTES);
          const commitment = hmacSha256(salt, payload);
          const header = eventHeaderText({
            v: 1,
            type,
            tenant,
            partition: 0,
            plan_id,
            plan_seq,
            prev: stream.last === null ? null : formatHash(stream.last),
            at,
            payload_commitment: formatCommitment(commitment),
          });
          const leaf = eventLeafHash(header);
          // One inner node of the tree for each leaf.
          sha256(Buffer.concat([leaf, leaf]));
          leaves.set(leaf, HASH_BYTES * (position - first));
          event.run(position, stream.id, plan_seq, type, tenant, at, stream.last, commitment, payload, salt);
          stream.last = leaf;
          position += 1;
        }
        for (const row of rows) if (row.op === "put") put(row);
      }
      group.run(first, leaves);
      commit.run();
    },
    close: () => database.close(),
  };
}

if (!isMainThread) serveJournal(loadedJournal(workerData as LoadedOptions));

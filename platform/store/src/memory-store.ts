// Both ports in memory: the reference log beside a SQLite database that has no file. For tests; nothing outlives it.

import { DatabaseSync } from "node:sqlite";
import { randomBytes } from "@kos/klp";
import { type LogSignerSeed, openLogSigner } from "./log-signer.ts";
import { MemoryLog, type RowSink } from "./memory-log.ts";
import { migrate } from "./migrations.ts";
import { translateSqliteError } from "./sqlite-error.ts";
import { SqliteRowWriter } from "./sqlite-row-writer.ts";
import { queryCompiler } from "./sqlite-tables.ts";
import { StatementCache } from "./statement-cache.ts";
import type { Migration, Store, Tables } from "./tables.ts";

export interface MemoryStoreOptions {
  readonly signer: LogSignerSeed;
  readonly migrations: readonly Migration[];
  /** Salts; a test that wants the same bytes again passes its own. */
  readonly randomBytes?: (length: number) => Uint8Array;
}

export interface MemoryStore extends Store {
  readonly log: MemoryLog;
}

/** Opens at once. @throws KosError BAD_REQUEST for a migration that SQLite refuses, IDENTITY_MISMATCH. */
export function memoryStore(options: MemoryStoreOptions): MemoryStore {
  const database = new DatabaseSync(":memory:");
  migrate(database, options.migrations, { beforeFirst: () => undefined, now: () => "1970-01-01T00:00:00Z" });
  const signer = openLogSigner(options.signer);
  const log = new MemoryLog({ signer, randomBytes: options.randomBytes ?? randomBytes, rows: rowSink(database) });
  return {
    log,
    tables: memoryTables(database, log),
    reclaim: async () => ({ bytes: 0, freeBytes: 0 }),
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}

function rowSink(database: DatabaseSync): RowSink {
  const rows = new SqliteRowWriter(database);
  return {
    apply(changes) {
      const ready = rows.ready(changes);
      inTransaction(database, "changing rows", () => {
        rows.add(ready);
        rows.flush();
      });
    },
  };
}

function memoryTables(database: DatabaseSync, log: MemoryLog): Tables {
  const statements = new StatementCache(database);
  return {
    async read<Row>(build: Parameters<Tables["read"]>[0]): Promise<readonly Row[]> {
      const { sql, parameters } = build(queryCompiler).compile();
      try {
        return statements.all(sql, parameters) as Row[];
      } catch (error) {
        throw translateSqliteError(error, "reading a table");
      }
    },
    async write(list) {
      // Appends that were called before it come before it.
      log.flush();
      return inTransaction(database, "writing", () => list.map(({ sql, parameters }) => statements.run(sql, parameters)));
    },
  };
}

function inTransaction<Result>(database: DatabaseSync, doing: string, run: () => Result): Result {
  database.exec("BEGIN");
  try {
    const result = run();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw translateSqliteError(error, doing);
  }
}

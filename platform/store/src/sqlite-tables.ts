// The tables port on SQLite: queries are compiled by Kysely and run on the reading connection; writes go through the log's own writer.

import type { DatabaseSync } from "node:sqlite";
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { GroupGate } from "./group-gate.ts";
import { translateSqliteError } from "./sqlite-error.ts";
import { StatementCache } from "./statement-cache.ts";
import type { Statement, Tables } from "./tables.ts";

export function sqliteTables(database: DatabaseSync, gate: GroupGate): Tables {
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
    write: (list: readonly Statement[]) => gate.submit({ kind: "write", statements: list }),
  };
}

/** Compiles queries only: it has no connection. */
export const queryCompiler = new Kysely<Record<string, Record<string, unknown>>>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

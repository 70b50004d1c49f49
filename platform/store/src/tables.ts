// The tables port: typed queries of services on their own tables, on the common subset of SQLite and PostgreSQL. No callbacks inside transactions.

import type { Kysely } from "kysely";
import type { ColumnValue, EventLog } from "./event-log.ts";

/** One forward step of one owner's tables. Applied once, in order, each in a transaction of its own with its row in the version table. */
export interface Migration {
  /** Package that owns the tables, `kcore`. */
  readonly owner: string;
  /** From 1, without gaps. */
  readonly version: number;
  readonly statements: readonly string[];
}

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly ColumnValue[];
}

export interface Tables {
  /** A builder that only compiles: `tables.read(q => q.selectFrom("plan").selectAll())`. */
  read<Row>(
    build: (query: Kysely<Record<string, Record<string, unknown>>>) => { compile(): { sql: string; parameters: readonly unknown[] } },
  ): Promise<readonly Row[]>;
  /** All statements in one transaction, durable when it resolves. Returns rows changed by each. Errors: CONFLICT on a violated key, STORAGE_FULL, UNAVAILABLE. */
  write(statements: readonly Statement[]): Promise<readonly number[]>;
}

/** What the database takes on disk. `freeBytes` of it hold nothing and can be given back. */
export interface StoreSize {
  readonly bytes: number;
  readonly freeBytes: number;
}

/** Both ports over one database. */
export interface Store extends AsyncDisposable {
  readonly log: EventLog;
  readonly tables: Tables;
  /** Gives up to `maxBytes` that hold nothing back to the file system, default none, and says what is left. Bounded work: call it again for more. */
  reclaim(maxBytes?: number): Promise<StoreSize>;
}

// Prepared statements of services by their text, bounded, and allowed to read and write rows only. Owns no transaction.

import { constants, type DatabaseSync, type StatementSync } from "node:sqlite";
import { checkColumnValues } from "./column-value.ts";
import { isStoreTable } from "./sqlite-log-schema.ts";

const MAX_STATEMENTS = 256;
const READS: readonly number[] = [constants.SQLITE_SELECT, constants.SQLITE_READ, constants.SQLITE_FUNCTION, constants.SQLITE_RECURSIVE];
const CHANGES: readonly number[] = [constants.SQLITE_INSERT, constants.SQLITE_UPDATE, constants.SQLITE_DELETE];

export class StatementCache {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Set while a statement of a service is prepared; the store's own are not restricted. */
  #guarding = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.setAuthorizer((action, table) => (this.#guarding && !isAllowed(action, table) ? constants.SQLITE_DENY : constants.SQLITE_OK));
  }

  /** @throws what SQLite throws, SQLITE_AUTH for a statement that is not a plain query or change of the caller's tables. */
  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) statement = this.#prepareGuarded(sql);
    else this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > MAX_STATEMENTS) this.#dropOldest();
    return statement;
  }

  /** Rows of a query. @throws KosError BAD_REQUEST for a parameter of a wrong kind; else what SQLite throws. */
  all(sql: string, parameters: readonly unknown[]): ReturnType<StatementSync["all"]> {
    checkColumnValues(parameters, "a statement");
    return this.#prepare(sql).all(...parameters);
  }

  /** Rows changed by a statement. @throws as `all`. */
  run(sql: string, parameters: readonly unknown[]): number {
    checkColumnValues(parameters, "a statement");
    return Number(this.#prepare(sql).run(...parameters).changes);
  }

  #prepareGuarded(sql: string): StatementSync {
    this.#guarding = true;
    try {
      return this.#database.prepare(sql);
    } finally {
      this.#guarding = false;
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#statements.keys();
    if (oldest !== undefined) this.#statements.delete(oldest);
  }
}

function isAllowed(action: number, table: string | null): boolean {
  if (READS.includes(action)) return true;
  return CHANGES.includes(action) && table !== null && !isStoreTable(table);
}

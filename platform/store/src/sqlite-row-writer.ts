// Writes row changes by prepared statements, one per table and set of columns. Two puts of one key in a group become one. Owns no transaction.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { KosError } from "@kos/klp";
import { checkColumnValues } from "./column-value.ts";
import type { ColumnValue, RowChange } from "./event-log.ts";
import { isStoreTable } from "./sqlite-log-schema.ts";

interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
  readonly puts: Map<string, StatementSync>;
  readonly remove: StatementSync;
}

/** A change with everything that writing it takes. */
interface ReadyChange {
  readonly statement: StatementSync;
  readonly values: readonly ColumnValue[];
  /** Table and primary key. */
  readonly key: string;
}

export class SqliteRowWriter {
  readonly #database: DatabaseSync;
  readonly #tables = new Map<string, TableShape>();
  /** By key: the newest change of each. */
  readonly #pending = new Map<string, ReadyChange>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Makes the changes of one commit ready to be added. @throws KosError BAD_REQUEST, FORBIDDEN for one that cannot be written. */
  ready(changes: readonly RowChange[]): readonly ReadyChange[] {
    return changes.map((change) => {
      const shape = this.#shape(change.table);
      const columns = change.op === "put" ? change.row : change.key;
      const key = keyOf(shape, columns);
      const values = change.op === "put" ? Object.values(columns) : shape.keys.map((column) => columns[column] as ColumnValue);
      checkColumnValues(values, change.table);
      return { statement: change.op === "put" ? this.#put(shape, Object.keys(columns)) : shape.remove, values, key };
    });
  }

  /** Takes changes; `flush` writes them. */
  add(changes: readonly ReadyChange[]): void {
    for (const change of changes) {
      // Deleted first, so that the newest change of a key also takes the newest place in the order.
      this.#pending.delete(change.key);
      this.#pending.set(change.key, change);
    }
  }

  /** Writes what was added since the last flush, in order. @throws what SQLite throws; the transaction must then be rolled back. */
  flush(): void {
    if (this.#pending.size === 0) return;
    try {
      for (const { statement, values } of this.#pending.values()) statement.run(...values);
    } finally {
      this.#pending.clear();
    }
  }

  /** Forgets what was added but not flushed. */
  clear(): void {
    this.#pending.clear();
  }

  #put(shape: TableShape, columns: readonly string[]): StatementSync {
    const name = columns.join();
    let statement = shape.puts.get(name);
    if (statement === undefined) {
      statement = this.#preparePut(shape, columns);
      shape.puts.set(name, statement);
    }
    return statement;
  }

  #preparePut(shape: TableShape, columns: readonly string[]): StatementSync {
    for (const column of columns) {
      if (!shape.columns.includes(column)) throw new KosError("BAD_REQUEST", `The table ${shape.name} has no column ${column}.`);
    }
    // Columns that are not given take their default: a put replaces the whole row.
    const others = shape.columns.filter((column) => !shape.keys.includes(column));
    const update =
      others.length === 0 ? "NOTHING" : `UPDATE SET ${others.map((column) => `${quote(column)} = excluded.${quote(column)}`).join()}`;
    return this.#database.prepare(
      // oxlint-disable-next-line kos/no-sql-text -- names are those that the schema itself gave, and are quoted
      `INSERT INTO ${quote(shape.name)} (${columns.map(quote).join()}) VALUES (${columns.map(() => "?").join()}) ON CONFLICT (${shape.keys.map(quote).join()}) DO ${update}`,
    );
  }

  #shape(table: string): TableShape {
    const known = this.#tables.get(table);
    if (known !== undefined) return known;
    if (isStoreTable(table)) throw new KosError("FORBIDDEN", `The table ${table} belongs to the store; nobody else writes it.`);
    const info = this.#database.prepare("SELECT name, pk FROM pragma_table_info(?)").all(table);
    if (info.length === 0) throw new KosError("BAD_REQUEST", `There is no table ${table}.`);
    const columns = info.map((row) => row["name"] as string);
    const keys = info
      .filter((row) => (row["pk"] as number) > 0)
      .sort((left, right) => (left["pk"] as number) - (right["pk"] as number))
      .map((row) => row["name"] as string);
    if (keys.length === 0)
      throw new KosError("BAD_REQUEST", `The table ${table} has no primary key, so its rows cannot be put or deleted by key.`);
    const where = keys.map((column) => `${quote(column)} = ?`).join(" AND ");
    const shape = {
      name: table,
      columns,
      keys,
      puts: new Map(),
      // oxlint-disable-next-line kos/no-sql-text -- names are those that the schema itself gave, and are quoted
      remove: this.#database.prepare(`DELETE FROM ${quote(table)} WHERE ${where}`),
    };
    this.#tables.set(table, shape);
    return shape;
  }
}

function keyOf(shape: TableShape, columns: Readonly<Record<string, ColumnValue>>): string {
  let key = shape.name;
  for (const column of shape.keys) {
    const value = columns[column];
    if (value === undefined || value === null) throw new KosError("BAD_REQUEST", `A row of ${shape.name} lacks its key column ${column}.`);
    key += `\u0000${value instanceof Uint8Array ? `x${Buffer.from(value).toString("latin1")}` : value}`;
  }
  return key;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

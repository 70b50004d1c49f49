// Projections in memory: rows by table and primary key. Stands in for SQL tables where only the newest rows matter, as in simulation.

import { KosError } from "@kos/klp";
import type { ColumnValue, RowChange } from "./event-log.ts";

type Row = Readonly<Record<string, ColumnValue>>;

/** Where a driver in memory puts the row changes of a commit: all of them or, when it throws, none. */
export interface RowSink {
  apply(changes: readonly RowChange[]): void;
}

export class MemoryRows implements RowSink {
  readonly #keys: Readonly<Record<string, readonly string[]>>;
  readonly #tables = new Map<string, Map<string, Row>>();

  /** `primaryKeys` lists the tables and the columns of their keys. */
  constructor(primaryKeys: Readonly<Record<string, readonly string[]>>) {
    this.#keys = primaryKeys;
  }

  apply(changes: readonly RowChange[]): void {
    const keys = changes.map((change) => this.#keyOf(change.table, change.op === "put" ? change.row : change.key));
    for (const [index, change] of changes.entries()) {
      const table = this.#table(change.table);
      const key = keys[index] as string;
      if (change.op === "put") table.set(key, change.row);
      else table.delete(key);
    }
  }

  /** The rows of a table, in the order in which their keys first came. */
  rows(table: string): readonly Row[] {
    return [...this.#table(table).values()];
  }

  /** One row by its key columns. */
  row(table: string, key: Row): Row | undefined {
    return this.#table(table).get(this.#keyOf(table, key));
  }

  #table(name: string): Map<string, Row> {
    let table = this.#tables.get(name);
    if (table === undefined) this.#tables.set(name, (table = new Map()));
    return table;
  }

  #keyOf(table: string, row: Row): string {
    const columns = this.#keys[table];
    if (columns === undefined) throw new KosError("BAD_REQUEST", `There is no table ${table}.`);
    let key = "";
    for (const column of columns) {
      const value = row[column];
      if (value === undefined || value === null) throw new KosError("BAD_REQUEST", `A row of ${table} lacks its key column ${column}.`);
      key += value instanceof Uint8Array ? `x${[...value].join(",")};` : `${typeof value}${JSON.stringify(value)};`;
    }
    return key;
  }
}

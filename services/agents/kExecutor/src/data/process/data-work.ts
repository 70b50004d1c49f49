// Carries out one order: reads the sources from open descriptors and gives the answer. It opens no path and knows no network. SQLite is loaded
// by the orders that need it: the process of a profile does not have it (run-order.ts).

import { isKosError, KosError } from "@kos/klp";
import type { DataOrder, ProfileOrder, QueryOrder, RecountOrder, SourceOrder } from "../data-order.ts";
import { MISSING_TOKENS, missingTokens } from "../profile/missing-tokens.ts";
import { profileTable } from "../profile/table-profile.ts";
import { openTable } from "../read/open-table.ts";
import type { TableReader } from "../read/table-reader.ts";

export interface DataWorkHost {
  progress(progress: { readonly fraction?: number; readonly done?: number; readonly message: string }): void;
  /** Resolves when the other side has taken it. */
  content(text: string): Promise<void>;
  /** For what comes next; 0 for no limit. */
  limitSeconds(seconds: number): void;
}

/** Rows between two messages. */
const PROGRESS_ROWS = 50_000;

/** Errors: BAD_REQUEST, TOO_LARGE. */
export function carryOut(order: DataOrder, host: DataWorkHost): Promise<unknown> {
  switch (order.task) {
    case "profile":
      return profile(order, host);
    case "recount":
      return recount(order, host);
    case "query":
      return query(order, host);
  }
}

async function profile(order: ProfileOrder, host: DataWorkHost): Promise<unknown> {
  const source = await openSource(order.source, host, "read");
  return profileTable(source.reader, order.source.bytes, {
    missing: missingTokens(source.missing),
    topValues: order.top_values,
    key: order.key,
    onRows: source.onRows,
  });
}

async function recount(order: RecountOrder, host: DataWorkHost): Promise<unknown> {
  const [{ openDatabase }, { recountTable }] = await Promise.all([import("../sql/guarded-database.ts"), import("../sql/recount.ts")]);
  const source = await openSource(order.source, host, "loaded");
  const database = openDatabase();
  try {
    return await recountTable(database, source.reader, {
      missing: source.missing,
      onRows: source.onRows,
      onColumn: (done, total) => host.progress({ fraction: done / total, message: `${done} of ${total} columns recounted` }),
    });
  } finally {
    database.close();
  }
}

async function query(order: QueryOrder, host: DataWorkHost): Promise<unknown> {
  const [{ lockDatabase, openDatabase, prepareQuery }, { queryResult }, { loadTable }] = await Promise.all([
    import("../sql/guarded-database.ts"),
    import("../sql/query-result.ts"),
    import("../sql/table-loader.ts"),
  ]);
  const database = openDatabase();
  try {
    const tables: unknown[] = [];
    for (const { name, source } of order.tables) {
      const { reader, missing, onRows } = await openSource(source, host, "loaded");
      const { rows, columns } = await loadTable(database, reader, { table: name, missing: missingTokens(missing), as: "typed", onRows });
      const { counts } = reader.faults;
      const faults = Object.values(counts).reduce((sum, count) => sum + count, 0);
      if (columns.length === 0) throw new KosError("BAD_REQUEST", `The table ${name} has no columns. Give a source with at least one row.`);
      tables.push({ name, rows, columns: columns.map(({ name: column, type }) => ({ name: column, type })), faults, notes: reader.notes });
    }
    lockDatabase(database);
    host.progress({ message: "the query runs" });
    host.limitSeconds(order.max_seconds);
    const prepared = prepareQuery(database, order.sql);
    const result = await queryResult(prepared, {
      limit: order.limit,
      form: order.form,
      escapeFormulas: order.escape_formulas,
      write: host.content,
    });
    host.limitSeconds(0);
    return { ...result, tables };
  } finally {
    database.close();
  }
}

interface OpenSource {
  readonly reader: TableReader;
  readonly missing: readonly string[];
  readonly onRows: (rows: number) => void;
}

async function openSource(order: SourceOrder, host: DataWorkHost, done: string): Promise<OpenSource> {
  let [taken, told] = [0, 0];
  const { name, descriptor, kind, bytes } = order;
  try {
    const reader = await openTable({ name, descriptor, kind, bytes }, order.options, {
      maxBytes: order.max_bytes,
      onBytes: (count) => {
        taken = count;
      },
    });
    return {
      reader,
      missing: order.missing ?? (reader.spelled ? MISSING_TOKENS : []),
      onRows(rows) {
        if (rows - told < PROGRESS_ROWS) return;
        told = rows;
        const share = reader.facts.format === "parquet" || bytes === 0 ? {} : { fraction: Math.min(1, taken / bytes) };
        host.progress({ ...share, done: rows, message: `${rows} rows ${done}` });
      },
    };
  } catch (error) {
    if (isKosError(error) || !(error instanceof RangeError)) throw error;
    throw new KosError("TOO_LARGE", `${JSON.stringify(name)} holds a value that is too large. Cut it down.`, { cause: error });
  }
}

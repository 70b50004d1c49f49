// Turns a group of requests into one transaction, and its outcome into results. It owns the write connection; it knows no thread.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isKosError, type KosError } from "@kos/klp";
import { checkColumnValues } from "./column-value.ts";
import type { Commit, CommitOutcome, Damage } from "./event-log.ts";
import type { LogSigner } from "./log-signer.ts";
import { isStatementError, translateSqliteError } from "./sqlite-error.ts";
import { eventKey } from "./sqlite-log-schema.ts";
import { SqliteLogWriter } from "./sqlite-log-writer.ts";
import { SqliteRowWriter } from "./sqlite-row-writer.ts";
import { StatementCache } from "./statement-cache.ts";
import type { Statement, StoreSize } from "./tables.ts";
import { failed, type WriteItem, type WriteResult, type WriteResults } from "./write-item.ts";

/** Pages of 4 KiB after which the write-ahead log is moved into the file though the writer is busy: 32 MiB. */
const MAX_WAL_PAGES = 8192;
const GROUPS_BETWEEN_LOOKS = 32;
/** Of one statement of `reclaim`. */
const RECLAIM_PAGES = 64;

type Value = WriteResults[WriteItem["kind"]];

export class SqliteWriter {
  readonly #database: DatabaseSync;
  readonly #log: SqliteLogWriter;
  readonly #rows: SqliteRowWriter;
  readonly #statements: StatementCache;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #dataVersion: StatementSync;
  readonly #walPages: StatementSync;
  #groupsSinceLook = 0;
  #seenDataVersion: unknown;
  #stopped: KosError | undefined;

  /** Takes the connection over and closes it. The log's tables must be there. */
  constructor(database: DatabaseSync, signer: LogSigner) {
    this.#database = database;
    try {
      this.#begin = database.prepare("BEGIN IMMEDIATE");
      this.#commit = database.prepare("COMMIT");
      this.#dataVersion = database.prepare("PRAGMA data_version");
      this.#walPages = database.prepare("PRAGMA wal_checkpoint(NOOP)");
      this.#rows = new SqliteRowWriter(database);
      this.#statements = new StatementCache(database);
      this.#log = new SqliteLogWriter(database, signer);
      // What a crash left in the write-ahead log goes into the file, synced, before anything is built on it.
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (error) {
      database.close();
      throw translateSqliteError(error, "opening the store");
    }
  }

  /** Runs all requests in one transaction. Returns a result for each; every one that is ok is on disk. Does not throw. */
  run(items: readonly WriteItem[]): WriteResult[] {
    const stopped = this.#stopped;
    if (stopped !== undefined) return items.map(() => failed(stopped));
    try {
      return this.#transaction(items);
    } catch (error) {
      const reason = this.#undo(error);
      if (items.length === 1 || this.#stopped !== undefined) return items.map(() => failed(reason));
      // SQLite refused one of them: each gets a transaction of its own, so that the others do not suffer.
      return items.flatMap((item) => this.run([item]));
    }
  }

  /** What may not delay a result and not wait for a quiet moment either: signing heads, and keeping the write-ahead log bounded. */
  afterResults(): void {
    if (this.#stopped !== undefined) return;
    try {
      this.#log.sign();
      this.#groupsSinceLook++;
      if (this.#groupsSinceLook < GROUPS_BETWEEN_LOOKS) return;
      this.#groupsSinceLook = 0;
      if (Number(this.#walPages.get()?.["log"]) > MAX_WAL_PAGES) this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (error) {
      this.#undo(error);
    }
  }

  /** What can wait for a quiet moment: storing signed heads, and moving the write-ahead log into the file. */
  idle(): void {
    if (this.#stopped !== undefined) return;
    try {
      this.#log.sign();
      if (this.#log.hasUnstoredHeads) {
        this.#begin.run();
        this.#log.storeHeads();
        this.#commit.run();
        this.#log.committed();
      }
      this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (error) {
      this.#undo(error);
    }
  }

  /** Stores what is signed, empties the write-ahead log and closes. */
  close(): void {
    this.idle();
    try {
      if (this.#stopped === undefined) this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      this.#database.close();
    }
  }

  #transaction(items: readonly WriteItem[]): WriteResult[] {
    this.#begin.run();
    this.#noticeOthers();
    const results = items.map((item) => this.#attempt(item));
    this.#rows.flush();
    this.#log.finishTransaction();
    this.#commit.run();
    this.#log.committed();
    this.#afterCommit(items, results);
    return results;
  }

  /** One request. Ours are refusals made before anything was written; an error of SQLite undoes the whole transaction. */
  #attempt(item: WriteItem): WriteResult {
    try {
      return { ok: true, value: this.#execute(item) };
    } catch (error) {
      if (isKosError(error)) return failed(error);
      throw error;
    }
  }

  #execute(item: WriteItem): Value {
    switch (item.kind) {
      case "append":
        return this.#append(item.commit);
      case "write":
        return this.#write(item.statements);
      case "claim":
        return this.#log.claim(item.partition);
      case "head":
        return undefined;
      case "forget":
        return this.#log.forget(item.partition, item.plan_id);
      case "cut":
        return this.#log.cut(item.partition);
      case "reclaim":
        return this.#reclaim(item.pages);
      case "damage":
        return this.#recordDamage(item.damage);
    }
  }

  #append(commit: Commit): CommitOutcome {
    const rows = this.#rows.ready(commit.rows);
    const outcome = this.#log.append(commit);
    if (outcome.outcome === "committed") this.#rows.add(rows);
    return outcome;
  }

  #write(statements: readonly Statement[]): readonly number[] {
    for (const { parameters } of statements) checkColumnValues(parameters, "a statement");
    this.#rows.flush();
    return statements.map(({ sql, parameters }) => this.#statements.run(sql, parameters));
  }

  /** The file itself shrinks when the write-ahead log is next moved into it. */
  #reclaim(pages: number): StoreSize {
    this.#rows.flush();
    for (let left = pages; left > 0; left -= RECLAIM_PAGES) this.#database.exec("PRAGMA incremental_vacuum(64)");
    const number = (statement: StatementSync): number => Number(Object.values(statement.get() ?? {})[0]);
    const pageBytes = number(this.#database.prepare("PRAGMA page_size"));
    const pageCount = number(this.#database.prepare("PRAGMA page_count"));
    return { bytes: pageCount * pageBytes, freeBytes: number(this.#database.prepare("PRAGMA freelist_count")) * pageBytes };
  }

  #recordDamage(damage: Damage): undefined {
    this.#database
      .prepare("INSERT OR IGNORE INTO log_damage (id, plan_id, reason) VALUES (?, ?, ?)")
      .run(eventKey(damage.partition, damage.position), damage.plan_id, damage.reason);
    return undefined;
  }

  /** Results that are known only now: heads, which cover this very transaction. What was forgotten also leaves the write-ahead log. */
  #afterCommit(items: readonly WriteItem[], results: WriteResult[]): void {
    if (items.some((item) => item.kind === "forget" || (item.kind === "reclaim" && item.pages > 0)))
      this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    for (const [index, item] of items.entries()) {
      if (item.kind !== "head") continue;
      this.#log.sign();
      results[index] = { ok: true, value: this.#log.head(item.partition) };
    }
  }

  /** Another connection has written: what is kept in memory may be wrong. */
  #noticeOthers(): void {
    const version = this.#dataVersion.get()?.["data_version"];
    if (version === this.#seenDataVersion) return;
    if (this.#seenDataVersion !== undefined) this.#log.reset();
    this.#seenDataVersion = version;
  }

  /** Rolls back. Where more than a statement was wrong the writer stops for good: what the disk holds is no longer known. */
  #undo(error: unknown): KosError {
    const reason = translateSqliteError(error, "writing");
    if (!isStatementError(reason)) this.#stopped = reason;
    try {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    } catch (rollbackError) {
      this.#stopped ??= translateSqliteError(rollbackError, "undoing a transaction");
    }
    this.#rows.clear();
    this.#log.reset();
    return reason;
  }
}

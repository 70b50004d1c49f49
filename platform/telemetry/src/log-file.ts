// One SQLite file of log records: its tables, adding to it, reading from it. It neither rotates nor batches.

import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { KosError } from "@kos/klp";
import type { ResolvedQuery } from "./log-query.ts";
import { LOG_LEVELS, type LogRecord, levelRank } from "./log-record.ts";
import type { KeptRecord } from "./log-store.ts";

const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL DEFAULT 'local',
    at_ms INTEGER NOT NULL,
    at TEXT NOT NULL,
    level INTEGER NOT NULL,
    agent TEXT,
    plan_id TEXT,
    task_id TEXT,
    trace_id TEXT,
    message TEXT NOT NULL,
    fields TEXT
  ) STRICT;
  CREATE INDEX record_plan ON record (plan_id, seq) WHERE plan_id IS NOT NULL;
  CREATE INDEX record_trace ON record (trace_id, seq) WHERE trace_id IS NOT NULL;
  CREATE INDEX record_severe ON record (seq) WHERE level >= 3;
`;
const INSERT = `
  INSERT INTO record (seq, at_ms, at, level, agent, plan_id, task_id, trace_id, message, fields)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const COLUMNS = "seq, at, level, agent, plan_id, task_id, trace_id, message, fields";
const FITS = `at_ms >= :since AND at_ms < :until AND level >= :rank AND seq > :after
  AND (:task IS NULL OR task_id = :task) AND (:agent IS NULL OR agent = :agent)`;
const FORWARD = "ORDER BY seq LIMIT :limit";
const BACKWARD = "ORDER BY seq DESC LIMIT :limit";
/** One statement for each way in, so that each has its index. */
const SELECTS = {
  plan: {
    forward: `SELECT ${COLUMNS} FROM record WHERE plan_id = :plan AND (:trace IS NULL OR trace_id = :trace) AND ${FITS} ${FORWARD}`,
    backward: `SELECT ${COLUMNS} FROM record WHERE plan_id = :plan AND (:trace IS NULL OR trace_id = :trace) AND ${FITS} ${BACKWARD}`,
  },
  trace: {
    forward: `SELECT ${COLUMNS} FROM record WHERE trace_id = :trace AND ${FITS} ${FORWARD}`,
    backward: `SELECT ${COLUMNS} FROM record WHERE trace_id = :trace AND ${FITS} ${BACKWARD}`,
  },
  all: {
    forward: `SELECT ${COLUMNS} FROM record WHERE ${FITS} ${FORWARD}`,
    backward: `SELECT ${COLUMNS} FROM record WHERE ${FITS} ${BACKWARD}`,
  },
} as const;

/** What a reader of several files asks of one. */
export interface FileQuery extends ResolvedQuery {
  readonly after: number;
  readonly direction: "forward" | "backward";
}

export class LogFile implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync | undefined;

  /** Opens or makes the file, 0600. @throws what SQLite throws; KosError STORE_NEWER for a file of a newer version. */
  constructor(path: string, mode: "write" | "read") {
    if (mode === "write") closeSync(openSync(path, "a", 0o600));
    this.#database = new DatabaseSync(path, { readOnly: mode === "read", timeout: 1000 });
    try {
      if (mode === "write") this.#prepare();
      this.#checkVersion(path);
      this.#insert = mode === "write" ? this.#database.prepare(INSERT) : undefined;
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** All of them in one transaction. */
  add(records: readonly { readonly seq: number; readonly record: LogRecord }[]): void {
    const insert = this.#insert;
    if (insert === undefined) throw new KosError("INTERNAL", "A log file opened for reading was asked to take records.");
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const { seq, record } of records) {
        const { at, agent = null, plan_id = null, task_id = null, trace_id = null, message, fields } = record;
        insert.run(
          seq,
          Date.parse(at) || 0,
          at,
          levelRank(record.level),
          agent,
          plan_id,
          task_id,
          trace_id,
          message,
          fields === undefined ? null : JSON.stringify(fields),
        );
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** In the direction asked for. */
  read(query: FileQuery): readonly KeptRecord[] {
    const { planId, traceId } = query;
    const way = planId !== null ? "plan" : traceId !== null ? "trace" : "all";
    const statement = this.#database.prepare(SELECTS[way][query.direction]);
    const bounds = {
      since: query.sinceMs,
      until: query.untilMs,
      rank: query.rank,
      after: query.after,
      task: query.taskId,
      agent: query.agent,
      limit: query.limit,
    };
    const keys = way === "plan" ? { plan: planId, trace: traceId } : way === "trace" ? { trace: traceId } : {};
    return statement.all({ ...bounds, ...keys }).map(keptRecord);
  }

  /** Bytes in the file, without what waits beside it in the write-ahead log. */
  get bytes(): number {
    return this.#number("SELECT page_count * page_size AS value FROM pragma_page_count, pragma_page_size");
  }

  /** Undefined while it is empty. */
  get span(): { readonly firstSeq: number; readonly lastSeq: number; readonly firstAtMs: number; readonly lastAtMs: number } | undefined {
    const row = this.#database.prepare("SELECT min(seq) AS first_seq, max(seq) AS last_seq FROM record").get();
    const [firstSeq, lastSeq] = [row?.["first_seq"], row?.["last_seq"]];
    if (typeof firstSeq !== "number" || typeof lastSeq !== "number") return undefined;
    const at = this.#database.prepare("SELECT at_ms FROM record WHERE seq = ?");
    return { firstSeq, lastSeq, firstAtMs: Number(at.get(firstSeq)?.["at_ms"]), lastAtMs: Number(at.get(lastSeq)?.["at_ms"]) };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #prepare(): void {
    // A crash may cost the last records; it never costs the file.
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    if (this.#version() !== 0 || this.#number("SELECT count(*) AS value FROM sqlite_schema") !== 0) return;
    this.#database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  }

  #checkVersion(path: string): void {
    const version = this.#version();
    if (version > SCHEMA_VERSION) {
      throw new KosError(
        "STORE_NEWER",
        `${path} was written by a newer version of kOS (format ${version}). Start that version, or move the file away.`,
      );
    }
  }

  #version(): number {
    return this.#number("SELECT user_version AS value FROM pragma_user_version");
  }

  #number(sql: string): number {
    return Number(this.#database.prepare(sql).get()?.["value"]);
  }
}

function keptRecord(row: Readonly<Record<string, unknown>>): KeptRecord {
  const text = (name: string) => (typeof row[name] === "string" ? { [name]: row[name] } : {});
  return {
    seq: Number(row["seq"]),
    at: String(row["at"]),
    level: LOG_LEVELS[Number(row["level"])] ?? "info",
    message: String(row["message"]),
    ...text("agent"),
    ...text("plan_id"),
    ...text("task_id"),
    ...text("trace_id"),
    ...(typeof row["fields"] === "string" && { fields: JSON.parse(row["fields"]) as Readonly<Record<string, unknown>> }),
  };
}

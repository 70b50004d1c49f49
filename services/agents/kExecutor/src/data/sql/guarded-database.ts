// The SQL engine for one order: a private database in memory that spills to an unnamed temporary file, and the lock put on it before a stranger's SQL runs.

import { constants, DatabaseSync, type StatementSync } from "node:sqlite";
import { badParam } from "../../task-error.ts";
import { sqlWork } from "./sql-work.ts";

/** Longest text or blob, in bytes: a query cannot make one of a gigabyte. */
const MOST_VALUE_BYTES = 67_108_864;
const CACHE_KIB = 65_536;

/** SQLite deletes the file of a database without a name when it closes, and by itself when the process is gone. */
export function openDatabase(): DatabaseSync {
  const database = new DatabaseSync("", { allowExtension: false, enableDoubleQuotedStringLiterals: false });
  database.limits.attach = 0; // No second database, while rows are loaded and after: neither ATTACH nor VACUUM INTO.
  database.exec("PRAGMA journal_mode = OFF");
  database.exec("PRAGMA synchronous = OFF");
  database.exec("PRAGMA temp_store = FILE");
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  return database;
}

const ALLOWED: ReadonlySet<number> = new Set([constants.SQLITE_SELECT, constants.SQLITE_READ, constants.SQLITE_RECURSIVE]);
/** Asked for as tables: `SELECT * FROM pragma_table_info('data')`. */
const READING_PRAGMAS: ReadonlySet<string> = new Set(["table_info", "table_xinfo", "table_list"]);
const FORBIDDEN_FUNCTIONS: ReadonlySet<string> = new Set([
  "load_extension",
  "fts3_tokenizer",
  "edit",
  "readfile",
  "writefile",
  "fileio_readfile",
]);

/** From here on nothing can be written, attached, loaded or set; and what a statement may grow to is bounded. */
export function lockDatabase(database: DatabaseSync): void {
  database.exec("PRAGMA query_only = ON");
  database.exec("PRAGMA trusted_schema = OFF");
  database.enableDefensive(true);
  const { limits } = database;
  limits.length = MOST_VALUE_BYTES;
  limits.sqlLength = 100_000;
  limits.exprDepth = 200;
  limits.compoundSelect = 500;
  limits.vdbeOp = 1_000_000;
  limits.likePatternLength = 1000;
  limits.variableNumber = 1;
  limits.triggerDepth = 1;
  database.setAuthorizer((action, first, second) => {
    if (ALLOWED.has(action)) return constants.SQLITE_OK;
    if (action === constants.SQLITE_FUNCTION && !FORBIDDEN_FUNCTIONS.has((second ?? "").toLowerCase())) return constants.SQLITE_OK;
    if (action === constants.SQLITE_PRAGMA && READING_PRAGMAS.has((first ?? "").toLowerCase())) return constants.SQLITE_OK;
    return constants.SQLITE_DENY;
  });
}

/** Blanks, semicolons and comments, one after the other. */
const NOTHING = /[\s;]+|--[^\n]*|\/\*[^]*?(?:\*\/|$)/y;

function isNothing(sql: string): boolean {
  let at = 0;
  while (at < sql.length) {
    NOTHING.lastIndex = at;
    const match = NOTHING.exec(sql);
    if (match === null) return false;
    at += match[0].length;
  }
  return true;
}

/** A statement that gives rows, compiled under the lock. Errors: BAD_REQUEST at `/sql`. */
export function prepareQuery(database: DatabaseSync, sql: string): StatementSync {
  if (sql.includes("\0")) throw badParam("/sql", "The SQL holds a NUL character.", "Remove it.");
  if (isNothing(sql)) throw badParam("/sql", "There is no statement.", "Give one SELECT.");
  const prepared = sqlWork("/sql", () => database.prepare(sql));
  if (!isNothing(sql.slice(prepared.sourceSQL.length)))
    throw badParam("/sql", "There is more than one statement.", "Give one SELECT; common table expressions (WITH) may come before it.");
  if (prepared.columns().length === 0) throw badParam("/sql", "The statement gives no rows.", "Give a SELECT; nothing can be written.");
  return prepared;
}

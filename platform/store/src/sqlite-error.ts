// Turns errors of SQLite into ours. Nothing else in the package knows SQLite's result codes.

import { isKosError, KosError } from "@kos/klp";

/** Primary result codes, https://sqlite.org/rescode.html */
const SQLITE = {
  error: 1,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  toobig: 18,
  constraint: 19,
  mismatch: 20,
  auth: 23,
  range: 25,
  notadb: 26,
} as const;

/** The error as a KosError, with the original as its cause. `doing` completes "SQLite failed while …". */
export function translateSqliteError(error: unknown, doing: string): KosError {
  if (isKosError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  switch (resultCode(error)) {
    case SQLITE.constraint:
      return new KosError("CONFLICT", `A row violates a constraint while ${doing}: ${text}.`, options);
    case SQLITE.full:
      return new KosError(
        "STORAGE_FULL",
        `The disk is full: SQLite could not go on ${doing}. Free space and restart; nothing was half-written.`,
        options,
      );
    case SQLITE.toobig:
      return new KosError("TOO_LARGE", `A value is too large for a row while ${doing}.`, options);
    case SQLITE.corrupt:
    case SQLITE.notadb:
      return new KosError(
        "INTERNAL",
        `The database file is damaged (${text}), found while ${doing}. Restore a backup, or ask \`kai audit verify\` what is left.`,
        options,
      );
    case SQLITE.auth:
      return new KosError(
        "FORBIDDEN",
        `This statement is not a plain query or change of the caller's own tables, so it was refused while ${doing}.`,
        options,
      );
    case SQLITE.error:
    case SQLITE.mismatch:
    case SQLITE.range:
      return new KosError("BAD_REQUEST", `SQLite refused a statement while ${doing}: ${text}.`, options);
    case SQLITE.busy:
    case SQLITE.locked:
    case SQLITE.readonly:
    case SQLITE.ioerr:
    case SQLITE.cantopen:
      return new KosError(
        "UNAVAILABLE",
        `The store cannot use its disk (${text}) while ${doing}. Nothing after this is acknowledged; restart when it is mended.`,
        options,
      );
    default:
      // Errors of the binding: a parameter of a kind that no column holds, a number too large to read back.
      if (isBindingError(error)) return new KosError("BAD_REQUEST", `A value cannot be stored or read while ${doing}: ${text}.`, options);
      return new KosError("INTERNAL", `The store failed while ${doing}: ${text}.`, options);
  }
}

/** Whether the statement alone was wrong: the connection and the disk are as before, and its transaction can be undone. */
export function isStatementError(error: KosError): boolean {
  return error.code === "CONFLICT" || error.code === "FORBIDDEN" || error.code === "BAD_REQUEST" || error.code === "TOO_LARGE";
}

function resultCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

function isBindingError(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  return error.code === "ERR_INVALID_ARG_TYPE" || error.code === "ERR_INVALID_ARG_VALUE" || error.code === "ERR_OUT_OF_RANGE";
}

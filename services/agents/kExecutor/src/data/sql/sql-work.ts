// What SQLite says of a stranger's statement, as an error of the call. It does not load SQLite: agents that may not have it share a bundle with this.

import { badParam } from "../../task-error.ts";

/** Runs it and tells SQLite's own words about the statement. Errors: BAD_REQUEST. */
export function sqlWork<T>(at: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_SQLITE_ERROR") throw error;
    const refused = error.message.includes("not authorized") || error.message.includes("prohibited");
    const hint = refused
      ? "Only reading is allowed: one SELECT over the tables given, without ATTACH, PRAGMA or extensions."
      : "The tables and their columns are listed by SELECT * FROM pragma_table_list and pragma_table_info('data').";
    throw badParam(at, `SQLite: ${error.message.slice(0, 500)}.`, hint);
  }
}

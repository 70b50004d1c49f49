// The lock that lets one node at a time use a data folder. The operating system gives it back when the holder ends, however it ends.

import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { KosError } from "@kos/klp";

export interface NodeLock extends Disposable {
  readonly path: string;
}

/**
 * Takes the lock or says that it is held. It is SQLite's exclusive lock on a small file: `fcntl` locks, which Node has no call for, without
 * a native addon and without the staleness of a pid file. Errors: CONFLICT (held), UNAVAILABLE (the file cannot be made).
 */
export function takeNodeLock(path: string): NodeLock {
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (cause) {
    throw new KosError("UNAVAILABLE", `The lock ${path} cannot be made. Check that the data folder is on a disk that can be written.`, {
      cause,
    });
  }
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new KosError(
      "CONFLICT",
      "Another kOS node already uses this data folder. Use that one (`kai ps`), end it, or choose another folder with --data DIR.",
      {
        cause,
      },
    );
  }
  return { path, [Symbol.dispose]: () => database.close() };
}

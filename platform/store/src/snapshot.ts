// Copies of the database taken before its schema changes. Each is whole: it gets its name only when it is on disk.

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { translateSqliteError } from "./sqlite-error.ts";

const SUFFIX = ".db";
const UNFINISHED = ".partial";

/** Writes a snapshot named after the time and deletes the oldest beyond `keep`. Returns its path. @throws KosError STORAGE_FULL, UNAVAILABLE. */
export function takeSnapshot(database: DatabaseSync, folder: string, now: string, keep: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) if (name.endsWith(UNFINISHED)) rmSync(join(folder, name));
  const path = freePath(folder, now.replaceAll(":", "-"));
  const unfinished = path + UNFINISHED;
  try {
    // SQLite writes into an empty file too; made here, so that only its owner can read it.
    closeSync(openSync(unfinished, "wx", 0o600));
    database.prepare("VACUUM INTO ?").run(unfinished);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw translateSqliteError(error, "taking a snapshot before a migration");
  }
  syncPath(unfinished);
  renameSync(unfinished, path);
  syncPath(folder);
  for (const name of snapshots(folder).slice(0, -keep)) rmSync(join(folder, name));
  return path;
}

function freePath(folder: string, name: string): string {
  let path = join(folder, name + SUFFIX);
  for (let count = 2; existsSync(path); count++) path = join(folder, `${name}-${count}${SUFFIX}`);
  return path;
}

/** Names of the whole snapshots in a folder, oldest first. */
function snapshots(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort();
}

function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

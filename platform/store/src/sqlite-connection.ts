// Opens SQLite connections with the settings that the promises rest on, and reads each of them back. It runs no statement of its own.

import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { KosError } from "@kos/klp";
import { translateSqliteError } from "./sqlite-error.ts";

/** How long to wait for another process's lock, as while a backup is taken. */
const BUSY_TIMEOUT_MS = 5000;

const SHARED = "PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF";
const READER = "PRAGMA cache_size = -4096";
/** Of a new file only, before anything is in it: elsewhere it would write, and a store that is refused stays as it is. `allowReclaim` sees to older ones. */
const NEW_FILE = "PRAGMA auto_vacuum = INCREMENTAL";
const WRITER = [
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = FULL",
  // macOS: only F_FULLFSYNC reaches the disk. Elsewhere these do nothing.
  "PRAGMA fullfsync = ON",
  "PRAGMA checkpoint_fullfsync = ON",
  "PRAGMA cache_size = -16384",
  // The writer checkpoints when it is idle, or when the log has grown past its own bound: never in the middle of a commit.
  "PRAGMA wal_autocheckpoint = 0",
  // What is deleted is overwritten: forgetting means it.
  "PRAGMA secure_delete = ON",
].join("; ");
/** Asserted by reading back: a build or a file system that ignores one of them must not look like one that keeps it. */
const ASSERTED: readonly (readonly [question: string, expected: string | number])[] = [
  ["PRAGMA journal_mode", "wal"],
  ["PRAGMA synchronous", 2],
  ["PRAGMA foreign_keys", 1],
  ["PRAGMA secure_delete", 1],
];

/** The one connection that writes. Creates file and folder, for their owner only, where missing. @throws KosError UNAVAILABLE, INTERNAL (no database). */
export function openWriteConnection(path: string): DatabaseSync {
  createOwnerOnly(path);
  return open(path, { readOnly: false }, (database) => {
    database.exec(SHARED);
    if (database.prepare("PRAGMA page_count").get()?.["page_count"] === 0) database.exec(NEW_FILE);
    database.exec(WRITER);
    for (const [question, expected] of ASSERTED) {
      const actual = Object.values(database.prepare(question).get() ?? {})[0];
      if (actual === expected) continue;
      const advice = "Move the data folder to a local disk.";
      throw new KosError("UNAVAILABLE", `SQLite answers ${question} with ${actual} where ${expected} was set on ${path}. ${advice}`);
    }
  });
}

/** A connection for short reads. The file must exist. @throws KosError UNAVAILABLE, INTERNAL (no database). */
export function openReadConnection(path: string): DatabaseSync {
  return open(path, { readOnly: true }, (database) => {
    database.exec(SHARED);
    database.exec(READER);
    // The first look at the file itself.
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
  });
}

/** Lets free pages be given back a few at a time. A file made without that is written anew, once; killed meanwhile it is as it was. */
export function allowReclaim(database: DatabaseSync): void {
  const INCREMENTAL = 2;
  if (database.prepare("PRAGMA auto_vacuum").get()?.["auto_vacuum"] === INCREMENTAL) return;
  try {
    database.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
  } catch (error) {
    throw translateSqliteError(error, "preparing the store to give space back");
  }
}

function open(path: string, options: { readonly readOnly: boolean }, prepare: (database: DatabaseSync) => void): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { ...options, timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    throw translateSqliteError(error, `opening ${path}`);
  }
}

function createOwnerOnly(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its log and index files the mode of the database file.
    closeSync(openSync(path, "a", 0o600));
    const folder = openSync(dirname(path), "r");
    fsyncSync(folder);
    closeSync(folder);
  } catch (cause) {
    throw new KosError("UNAVAILABLE", `The store cannot write to ${path}. Check the data folder and its owner.`, { cause });
  }
}

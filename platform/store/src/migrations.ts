// Brings a database to the schema this program knows: each step once, in order, whole or not at all. It runs before anything else opens the file.

import type { DatabaseSync } from "node:sqlite";
import { hashText, KosError } from "@kos/klp";
import { translateSqliteError } from "./sqlite-error.ts";
import type { Migration } from "./tables.ts";

export interface MigrationOptions {
  /** Called once before the first pending step, unless the database is new: the place for a snapshot. */
  readonly beforeFirst: () => void;
  /** RFC 3339 UTC, for the version table. */
  readonly now: () => string;
}

/** Whether a database is a store of ours, or empty still. */
export function isStoreOrEmpty(database: DatabaseSync): boolean {
  return isEmpty(database) || database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'store_migration'").get() !== undefined;
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"] === 0;
}

/**
 * Runs what is pending on a new database or a store of ours. Returns how many steps ran.
 * @throws KosError STORE_NEWER when the database is ahead of the program, CONFLICT when a step that ran was edited since, BAD_REQUEST for a step
 * that SQLite refuses or a list with gaps, STORAGE_FULL, UNAVAILABLE.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[], options: MigrationOptions): number {
  const lists = byOwner(migrations);
  const isNew = isEmpty(database);
  const applied = isNew ? new Map<string, Applied[]>() : readApplied(database);
  const pending = [...lists].flatMap(([owner, list]) => pendingOf(owner, list, applied.get(owner) ?? []));
  if (pending.length === 0) return 0;
  if (!isNew) options.beforeFirst();
  for (const migration of pending) apply(database, migration, options.now());
  return pending.length;
}

interface Applied {
  readonly version: number;
  readonly digest: string;
}

function byOwner(migrations: readonly Migration[]): Map<string, Migration[]> {
  const lists = new Map<string, Migration[]>();
  for (const migration of migrations) lists.set(migration.owner, [...(lists.get(migration.owner) ?? []), migration]);
  for (const [owner, list] of lists) {
    list.sort((left, right) => left.version - right.version);
    for (const [index, { version }] of list.entries()) {
      if (version !== index + 1)
        throw new KosError(
          "BAD_REQUEST",
          `The migrations of ${owner} must be numbered 1, 2, 3 …; number ${index + 1} is missing or there twice.`,
        );
    }
  }
  return lists;
}

function readApplied(database: DatabaseSync): Map<string, Applied[]> {
  const applied = new Map<string, Applied[]>();
  for (const row of database.prepare("SELECT owner, version, digest FROM store_migration ORDER BY owner, version").all()) {
    const owner = row["owner"] as string;
    const list = applied.get(owner) ?? [];
    list.push({ version: row["version"] as number, digest: row["digest"] as string });
    applied.set(owner, list);
  }
  return applied;
}

function pendingOf(owner: string, list: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  if (applied.length > list.length) {
    throw new KosError(
      "STORE_NEWER",
      `The tables of ${owner} have version ${applied.length}, and this program knows versions up to ${list.length}. Start the newer version, or restore a snapshot.`,
      { details: { owner, found: applied.length, known: list.length } },
    );
  }
  for (const [index, { digest }] of applied.entries()) {
    const migration = list[index] as Migration;
    if (digestOf(migration) !== digest)
      throw new KosError(
        "CONFLICT",
        `Migration ${index + 1} of ${owner} is not the one that was applied. Add a new step instead of editing one.`,
      );
  }
  return list.slice(applied.length);
}

function apply(database: DatabaseSync, migration: Migration, now: string): void {
  const name = `migration ${migration.version} of ${migration.owner}`;
  try {
    database.exec("BEGIN IMMEDIATE");
    database.exec(
      "CREATE TABLE IF NOT EXISTS store_migration (owner TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, applied_at TEXT NOT NULL, PRIMARY KEY (owner, version)) STRICT",
    );
    for (const statement of migration.statements) database.exec(statement);
    database
      .prepare("INSERT INTO store_migration (owner, version, digest, applied_at) VALUES (?, ?, ?, ?)")
      .run(migration.owner, migration.version, digestOf(migration), now);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw translateSqliteError(error, `applying ${name}`);
  }
}

function digestOf(migration: Migration): string {
  return hashText(JSON.stringify(migration.statements));
}

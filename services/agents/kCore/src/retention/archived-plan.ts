// What is left of a plan in the engine once its archive is safe: a record in the log and a row, both for a while; and blobs that may go with it.

import type { Migration, RowChange } from "@kos/store";

/** Payload of `retention.archived`, the one event of a stream of its own. */
export interface ArchivedPlan {
  readonly plan_id: string;
  readonly status: string;
  readonly ended_at: string;
  /** Name of the file within the archive folder, and the SHA-256 of its bytes. */
  readonly archive: ArchiveRef;
}

export interface ArchiveRef {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

export const RETENTION_MIGRATIONS: readonly Migration[] = [
  {
    owner: "kcore-retention",
    version: 1,
    statements: [
      `CREATE TABLE archived_plan (
        plan_id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        shard INTEGER NOT NULL,
        stream TEXT NOT NULL,
        archived_at INTEGER NOT NULL,
        file TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL
      )`,
      "CREATE INDEX archived_plan_by_time ON archived_plan (archived_at)",
      // Blobs that a removed plan named: they go unless something else names them too.
      "CREATE TABLE blob_candidate (hash TEXT NOT NULL PRIMARY KEY, noted_at INTEGER NOT NULL)",
      "CREATE INDEX plan_by_end ON plan (is_open, ended_at)",
    ],
  },
];

export function archivedPlanRow(record: ArchivedPlan, tenant: string, shard: number, stream: string, atMs: number): RowChange {
  const { file, sha256, bytes } = record.archive;
  return {
    op: "put",
    table: "archived_plan",
    row: { plan_id: record.plan_id, tenant, shard, stream, archived_at: atMs, file, sha256, bytes },
  };
}

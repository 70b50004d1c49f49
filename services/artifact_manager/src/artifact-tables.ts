// The tables of artifacts: one row a version, while the bytes lie in the blob store under their hash; and one row a link that shares one.

import type { Migration } from "@kos/store";

export const ARTIFACT_MIGRATIONS: readonly Migration[] = [
  {
    owner: "artifact-manager",
    version: 1,
    statements: [
      `CREATE TABLE artifact (
        artifact_id TEXT NOT NULL PRIMARY KEY,
        schema_version INTEGER NOT NULL DEFAULT 1,
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        name_folded TEXT NOT NULL,
        media_type TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        hash TEXT NOT NULL,
        plan_id TEXT NOT NULL DEFAULT '',
        task_id TEXT,
        labels TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        version INTEGER NOT NULL,
        source TEXT
      )`,
      "CREATE UNIQUE INDEX artifact_version ON artifact (tenant, plan_id, name, version)",
      "CREATE UNIQUE INDEX artifact_source ON artifact (tenant, source)",
      "CREATE INDEX artifact_by_time ON artifact (tenant, artifact_id)",
      "CREATE INDEX artifact_usage ON artifact (tenant, bytes)",
    ],
  },
  {
    owner: "artifact-manager",
    version: 2,
    statements: [
      "ALTER TABLE artifact ADD COLUMN retention TEXT NOT NULL DEFAULT 'standard'",
      "CREATE INDEX artifact_by_retention ON artifact (retention, created_at)",
    ],
  },
  {
    owner: "artifact-manager",
    version: 3,
    statements: [
      `CREATE TABLE artifact_share (
        share_id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        artifact_id TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      )`,
      "CREATE INDEX artifact_share_of ON artifact_share (tenant, artifact_id)",
      "CREATE INDEX artifact_share_by_end ON artifact_share (expires_at)",
    ],
  },
];

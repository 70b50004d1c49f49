// The tables of kCore: projections of the log, written in the transaction of the events they follow from. Times are milliseconds since the epoch.

import type { Migration } from "@kos/store";
import { RETENTION_MIGRATIONS } from "../retention/archived-plan.ts";
import { SCHEDULE_MIGRATIONS } from "../schedule/schedule-row.ts";

export const KCORE_MIGRATIONS: readonly Migration[] = [
  {
    owner: "kcore",
    version: 1,
    statements: [
      `CREATE TABLE plan (
        plan_id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        shard INTEGER NOT NULL,
        status TEXT NOT NULL,
        goal TEXT NOT NULL,
        strategy TEXT NOT NULL,
        playbook TEXT,
        hash TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        tasks_total INTEGER NOT NULL,
        tasks_done INTEGER NOT NULL,
        is_open INTEGER NOT NULL,
        has_work INTEGER NOT NULL,
        next_wake_at INTEGER,
        forked_from TEXT,
        error TEXT
      )`,
      "CREATE INDEX plan_by_time ON plan (tenant, created_at, plan_id)",
      "CREATE INDEX plan_open ON plan (is_open, shard, has_work, next_wake_at)",
      `CREATE TABLE approval (
        approval_id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        plan_id TEXT NOT NULL,
        task_id TEXT,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        digest TEXT NOT NULL,
        title TEXT NOT NULL,
        reason TEXT NOT NULL,
        requested_seq INTEGER NOT NULL,
        requested_at INTEGER NOT NULL,
        decided_at INTEGER,
        decided_by TEXT
      )`,
      "CREATE INDEX approval_by_plan ON approval (plan_id, requested_at)",
      "CREATE INDEX approval_by_status ON approval (tenant, status, requested_at, approval_id)",
      `CREATE TABLE input_request (
        input_id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        plan_id TEXT NOT NULL,
        task_id TEXT,
        status TEXT NOT NULL,
        question TEXT NOT NULL,
        requested_seq INTEGER NOT NULL,
        requested_at INTEGER NOT NULL
      )`,
      "CREATE INDEX input_request_by_plan ON input_request (plan_id, requested_at)",
      "CREATE INDEX input_request_by_status ON input_request (tenant, status, requested_at, input_id)",
      `CREATE TABLE idempotency_key (
        scope TEXT NOT NULL PRIMARY KEY,
        plan_id TEXT NOT NULL,
        body_hash TEXT NOT NULL,
        expires_at INTEGER NOT NULL
      )`,
      "CREATE INDEX idempotency_key_by_expiry ON idempotency_key (expires_at)",
      `CREATE TABLE agent_state (
        agent_id TEXT NOT NULL PRIMARY KEY,
        state TEXT NOT NULL,
        reason TEXT,
        set_by TEXT NOT NULL,
        set_at INTEGER NOT NULL
      )`,
    ],
  },
  {
    owner: "kcore",
    version: 2,
    statements: [
      `CREATE TABLE dead_task (
        dead_id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        plan_id TEXT NOT NULL,
        task_id TEXT NOT NULL,
        capability TEXT NOT NULL,
        agent TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        cause TEXT NOT NULL,
        error TEXT NOT NULL,
        died_at INTEGER NOT NULL
      )`,
      "CREATE INDEX dead_task_by_time ON dead_task (tenant, died_at, dead_id)",
      "CREATE INDEX dead_task_by_plan ON dead_task (plan_id)",
      "CREATE INDEX plan_by_origin ON plan (forked_from) WHERE forked_from IS NOT NULL",
    ],
  },
  ...SCHEDULE_MIGRATIONS,
  ...RETENTION_MIGRATIONS,
];

/** Primary keys of the tables that commits write, for drivers that keep rows in memory. */
export const KCORE_PRIMARY_KEYS: Readonly<Record<string, readonly string[]>> = {
  plan: ["plan_id"],
  approval: ["approval_id"],
  input_request: ["input_id"],
  idempotency_key: ["scope"],
  dead_task: ["dead_id"],
  schedule: ["schedule_id"],
  archived_plan: ["plan_id"],
  blob_candidate: ["hash"],
};

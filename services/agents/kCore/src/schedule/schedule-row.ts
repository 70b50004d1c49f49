// The row of a schedule: what lists ask for in columns, and the whole state beside it. Written in the commit of the events it follows from.

import type { Migration, RowChange } from "@kos/store";
import { type ScheduleState, scheduleStatus } from "./schedule-state.ts";

export const SCHEDULE_MIGRATIONS: readonly Migration[] = [
  {
    owner: "kcore-schedule",
    version: 1,
    statements: [
      `CREATE TABLE schedule (
        schedule_id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        shard INTEGER NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        next_at INTEGER,
        last_succeeded TEXT,
        stream_since INTEGER NOT NULL,
        stream_events INTEGER NOT NULL,
        previous_stream TEXT,
        body TEXT NOT NULL
      )`,
      "CREATE INDEX schedule_by_time ON schedule (tenant, created_at, schedule_id)",
      "CREATE INDEX schedule_by_shard ON schedule (shard, schedule_id)",
    ],
  },
];

export interface ScheduleRow {
  readonly schedule_id: string;
  readonly created_at: number;
  readonly body: string;
}

export function scheduleRow(state: ScheduleState, shard: number): RowChange {
  return {
    op: "put",
    table: "schedule",
    row: {
      schedule_id: state.scheduleId,
      tenant: state.tenant,
      shard,
      status: scheduleStatus(state),
      created_at: state.createdAtMs,
      updated_at: state.updatedAtMs,
      next_at: state.nextAtMs,
      // Plans that are needed still: retention leaves them alone.
      last_succeeded: state.removed ? null : state.lastSucceeded,
      stream_since: state.streamSinceMs,
      stream_events: state.seq,
      previous_stream: state.previousStream,
      body: JSON.stringify(state),
    },
  };
}

/** The state a row holds. */
export function stateOfRow({ body }: Pick<ScheduleRow, "body">): ScheduleState {
  return JSON.parse(body) as ScheduleState;
}

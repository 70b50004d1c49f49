// Reads schedules back from their rows.

import type { Tables } from "@kos/store";
import { type ScheduleRow, stateOfRow } from "./schedule-row.ts";
import type { ScheduleState } from "./schedule-state.ts";

const PAGE = 1000;

/** Every schedule of a partition that has not been removed for good. */
export async function readSchedules(tables: Tables, shard: number): Promise<readonly ScheduleState[]> {
  const states: ScheduleState[] = [];
  for (let after = ""; ; ) {
    const rows = await tables.read<ScheduleRow>((query) =>
      query
        .selectFrom("schedule")
        .select(["schedule_id", "created_at", "body"])
        .where("shard", "=", shard)
        .where("schedule_id", ">", after)
        .orderBy("schedule_id")
        .limit(PAGE),
    );
    for (const row of rows) states.push(stateOfRow(row));
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return states;
    after = last.schedule_id;
  }
}

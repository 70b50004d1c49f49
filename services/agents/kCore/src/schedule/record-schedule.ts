// The one way in which an event of a schedule comes into being: applied, put into the next commit, its row with it.

import type { PartitionCore } from "../partition/partition-core.ts";
import { isoTime } from "../plan/iso-time.ts";
import { applySchedule } from "./apply-schedule.ts";
import type { ScheduleEntry } from "./schedule-book.ts";
import type { ScheduleEvent } from "./schedule-event.ts";
import { scheduleRow } from "./schedule-row.ts";
import type { ScheduleState } from "./schedule-state.ts";

export function recordSchedule(core: PartitionCore, entry: ScheduleEntry, events: readonly ScheduleEvent[]): void {
  for (const event of events) entry.state = append(core, entry.state, entry.state.tenant, entry.state.stream, event);
}

/** The first event of a stream gives the state. */
export function beginSchedule(core: PartitionCore, tenant: string, stream: string, event: ScheduleEvent): ScheduleState {
  return append(core, undefined, tenant, stream, event);
}

function append(
  core: PartitionCore,
  before: ScheduleState | undefined,
  tenant: string,
  stream: string,
  event: ScheduleEvent,
): ScheduleState {
  const state = applySchedule(before, event, { tenant, stream, atMs: core.nowMs });
  const at = isoTime(core.nowMs);
  core.outbox.addOther({ type: event.type, tenant, plan_id: stream, plan_seq: state.seq, at, payload: JSON.stringify(event.payload) });
  core.outbox.putRow(`schedule ${state.scheduleId}`, scheduleRow(state, core.ports.partition));
  core.outbox.hold({ kind: "publish_schedule", tenant, scheduleId: state.scheduleId, event, at });
  return state;
}

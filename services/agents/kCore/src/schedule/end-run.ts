// A plan that a schedule started has ended: the schedule hears of it in the same commit.

import type { PartitionCore } from "../partition/partition-core.ts";
import type { PlanState } from "../plan/plan-state.ts";
import { decideEnded } from "./decide-schedule.ts";
import { askForPlans } from "./make-run.ts";
import { recordSchedule } from "./record-schedule.ts";

/** Saying it again changes nothing. */
export function endScheduledRun(core: PartitionCore, state: PlanState): void {
  if (state.schedule === undefined || state.finished === undefined) return;
  const entry = core.schedules.entries.get(state.schedule.schedule_id);
  if (entry === undefined) return;
  const events = decideEnded(entry.state, state.planId, state.finished, state.error);
  if (events.length === 0) return;
  recordSchedule(core, entry, events);
  askForPlans(core, entry);
}

// Asks for the plans of runs that were fired. A plan is made outside the partition; what comes back is checked against what the schedule is then.

import type { PartitionCore } from "../partition/partition-core.ts";
import type { ScheduleEntry } from "./schedule-book.ts";
import { runsToMake } from "./schedule-state.ts";

/** Asks for every run that may begin and has not been asked for; puts the timer right. */
export function askForPlans(core: PartitionCore, entry: ScheduleEntry): void {
  const { state, making } = entry;
  for (const run of runsToMake(state)) {
    if (making.has(run.run)) continue;
    making.set(run.run, { tries: 1, againAtMs: 0 });
    ask(core, entry, run.run);
  }
  core.schedules.arrange(entry);
}

/** Asks again for what could not be made for a passing reason. */
export function askAgain(core: PartitionCore, entry: ScheduleEntry): void {
  for (const [run, making] of entry.making) {
    if (making.againAtMs === 0 || making.againAtMs > core.nowMs) continue;
    making.againAtMs = 0;
    making.tries++;
    ask(core, entry, run);
  }
}

function ask(core: PartitionCore, { state }: ScheduleEntry, run: number): void {
  // Held: nothing is made for a run that is not on disk.
  core.outbox.hold({ kind: "make_run", schedule: state, run });
}

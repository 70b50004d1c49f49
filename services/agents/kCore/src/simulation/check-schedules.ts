// Holds the streams of schedules against what was promised: every due time once, every run with its plan in one commit, every end noted.

import { canonicalJson } from "@kos/klp";
import type { NewEvent } from "@kos/store";
import { applySchedule } from "../schedule/apply-schedule.ts";
import type { ScheduleEvent } from "../schedule/schedule-event.ts";
import { stateOfRow } from "../schedule/schedule-row.ts";
import type { ScheduleState } from "../schedule/schedule-state.ts";
import type { SimWorld } from "./sim-world.ts";

export function checkSchedule(world: SimWorld, streamId: string, events: readonly NewEvent[]): void {
  const violate = (promise: string, detail: string): void => world.violate(promise, `schedule ${streamId}: ${detail}`);
  let state: ScheduleState | undefined;
  let seen = Number.NEGATIVE_INFINITY;
  for (const stored of events) {
    const event = { type: stored.type, payload: JSON.parse(stored.payload) } as ScheduleEvent;
    const before = state;
    state = applySchedule(state, event, { tenant: stored.tenant, stream: streamId, atMs: Date.parse(stored.at) });
    if (stored.plan_seq !== state.seq) violate("[I11]", `event ${state.seq} is numbered ${stored.plan_seq}`);
    switch (event.type) {
      case "schedule.fired": {
        const { run, due_at, cause, queued } = event.payload;
        if (run !== (before?.runCount ?? 0) + 1) violate("[I16]", `run ${run} follows ${before?.runCount ?? 0}`);
        if (before?.removed === true) violate("[I16]", `run ${run} after its removal`);
        if (before?.overlap === "skip" && !queued && before.open.length > 0) violate("[I16]", `run ${run} overlaps another`);
        if (cause === "person") break;
        if (before?.paused === true) violate("[I16]", `run ${run} while paused`);
        if (Date.parse(due_at) <= seen) violate("[I16]", `due time ${due_at} twice`);
        seen = Date.parse(due_at);
        break;
      }
      case "schedule.passed_over":
        if (Date.parse(event.payload.from) <= seen) violate("[I16]", `due time ${event.payload.from} twice`);
        seen = Date.parse(event.payload.to);
        break;
      case "schedule.run_started": {
        const { plan_id: planId, run } = event.payload;
        if (before?.open.some((one) => one.run === run && one.planId === null) !== true)
          violate("[I16]", `run ${run} started twice or unasked`);
        const created = JSON.parse(world.store.stream(planId)[0]?.payload ?? "{}") as { schedule?: { run?: number } };
        if (created.schedule?.run !== run) violate("[I16]", `run ${run} has no plan`);
        break;
      }
      default:
    }
  }
  if (state !== undefined) checkEnd(world, state, violate);
}

/** Plans that were made for it, and what it knows of them. */
function checkEnd(world: SimWorld, state: ScheduleState, violate: (promise: string, detail: string) => void): void {
  const row = world.store.row("schedule", state.scheduleId);
  // It goes on in another stream, which begins with what this one came to.
  if (row !== undefined && stateOfRow({ body: String(row["body"]) }).stream !== state.stream) return;
  if (row === undefined || canonicalJson(stateOfRow({ body: String(row["body"]) })) !== canonicalJson(JSON.parse(JSON.stringify(state))))
    violate("[I9]", "its row is not what a replay gives");
  for (const [planId, [created]] of world.store.streams()) {
    if (created?.type !== "plan.created") continue;
    const { schedule } = JSON.parse(created.payload) as { schedule?: { schedule_id: string; run: number } };
    if (schedule?.schedule_id !== state.scheduleId) continue;
    const isKnown = [...state.open, ...state.ended].some((run) => run.planId === planId);
    if (!isKnown && state.runCount <= 20) violate("[I16]", `plan ${planId} belongs to no run`);
  }
}

/** Once faults have stopped and everything has been removed, nothing is left under way. */
export function checkScheduleRows(world: SimWorld): void {
  for (const row of world.store.rows("schedule")) {
    const { open, removed, scheduleId } = stateOfRow({ body: String(row["body"]) });
    if (!removed) world.violate("[I7]", `schedule ${scheduleId} was never removed`);
    for (const { run, planId } of open) world.violate("[I7]", `run ${run} of schedule ${scheduleId} never ends (plan ${planId ?? "none"})`);
  }
}

// What doors show of a schedule.

import type { ScheduleRun, ScheduleView } from "@kos/api";
import { type EndedRun, KEPT_RUNS, type OpenRun, type ScheduleState, type ScheduleTime, scheduleStatus } from "./schedule-state.ts";

export function scheduleView(state: ScheduleState): ScheduleView {
  const { when, playbook } = state;
  const underWay = [...state.open].reverse().map(openRun);
  return {
    schedule_id: state.scheduleId,
    name: state.name,
    status: scheduleStatus(state),
    request: state.request,
    ...(when.kind === "at" ? { at: when.at } : { every: rhythmText(when) }),
    zone: when.zone,
    missed: state.missed,
    overlap: state.overlap,
    fs_roots: [...state.grants.fs_roots],
    ...(playbook && { playbook: { ...playbook } }),
    created_by: state.createdBy,
    created_at: iso(state.createdAtMs),
    updated_at: iso(state.updatedAtMs),
    next_at: state.paused || state.nextAtMs === null ? null : iso(state.nextAtMs),
    runs_total: state.runCount,
    runs: [...underWay, ...state.ended.map(endedRun)].slice(0, KEPT_RUNS),
  };
}

function openRun(run: OpenRun): ScheduleRun {
  const status = run.planId !== null ? "running" : run.queued ? "queued" : "starting";
  return { ...common(run), status };
}

function endedRun(run: EndedRun): ScheduleRun {
  const { status, error, endedAtMs } = run;
  return { ...common(run), status, ended_at: iso(endedAtMs), ...(error && { error }) };
}

function common(run: OpenRun | EndedRun): Omit<ScheduleRun, "status"> {
  return {
    run: run.run,
    due_at: iso(run.dueAtMs),
    fired_at: iso(run.firedAtMs),
    cause: run.cause,
    ...(run.planId !== null && { plan_id: run.planId }),
    notes: [...run.notes],
  };
}

/** As a person would write it. */
function rhythmText(when: Exclude<ScheduleTime, { kind: "at" }>): string {
  if (when.kind === "cron") return when.pattern;
  let rest = when.every_ms / 1000;
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join("");
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

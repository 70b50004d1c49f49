// Decides what becomes of a schedule: commands of people, due times, the course of its runs. Pure; the time comes in.

import { KosError, type WireError } from "@kos/klp";
import type { Actor } from "../plan/decide-env.ts";
import { isoTime } from "../plan/iso-time.ts";
import { dueBetween, nextDue } from "./due-times.ts";
import type { ScheduleDefinition, ScheduleEvent, ScheduleEventPayloads, ScheduleFired } from "./schedule-event.ts";
import type { MissedPolicy, OpenRun, OverlapPolicy, ScheduleState, ScheduleTime } from "./schedule-state.ts";

/** Seen to later than this after its time, a run was missed. An alarm rings within milliseconds; a stopped process does not. */
const LATE_MS = 60_000;
/** Runs made up for at most under `all`: the newest ones. */
export const MAX_MADE_UP = 100;
/** Runs that wait behind one another under `queue`. */
export const MAX_QUEUED = 10;
/** Runs at once under `allow`. */
export const MAX_AT_ONCE = 10;

export interface ScheduleChange {
  readonly name?: string | undefined;
  readonly when?: ScheduleTime | undefined;
  readonly missed?: MissedPolicy | undefined;
  readonly overlap?: OverlapPolicy | undefined;
}

export function decideCreate(
  scheduleId: string,
  definition: ScheduleDefinition,
  idempotency: { readonly scope: string; readonly body_hash: string } | undefined,
  nowMs: number,
): readonly ScheduleEvent[] {
  const next_at = textOrNull(nextDue(definition.when, nowMs));
  return [event("schedule.created", { schedule_id: scheduleId, definition, next_at, ...(idempotency && { idempotency }) })];
}

export function decideChange(state: ScheduleState, change: ScheduleChange, actor: Actor, nowMs: number): readonly ScheduleEvent[] {
  refuseRemoved(state);
  const { name, when, missed, overlap } = change;
  const nextAtMs = when === undefined ? state.nextAtMs : nextDue(when, nowMs);
  return [
    event("schedule.changed", {
      by: actor.id,
      ...(name !== undefined && { name }),
      ...(when !== undefined && { when }),
      ...(missed !== undefined && { missed }),
      ...(overlap !== undefined && { overlap }),
      next_at: textOrNull(nextAtMs),
    }),
  ];
}

export function decidePauseSchedule(state: ScheduleState, actor: Actor, reason: string | undefined): readonly ScheduleEvent[] {
  refuseRemoved(state);
  return state.paused ? [] : [event("schedule.paused", { by: actor.id, ...(reason !== undefined && { reason }) })];
}

/** What fell due during the pause is not made up for: whoever pauses wants no runs. */
export function decideResumeSchedule(
  state: ScheduleState,
  actor: Actor,
  reason: string | undefined,
  nowMs: number,
): readonly ScheduleEvent[] {
  refuseRemoved(state);
  if (!state.paused) return [];
  const isDue = state.nextAtMs !== null && state.nextAtMs <= nowMs;
  const nextAtMs = isDue ? nextDue(state.when, nowMs) : state.nextAtMs;
  return [event("schedule.resumed", { by: actor.id, ...(reason !== undefined && { reason }), next_at: textOrNull(nextAtMs) })];
}

export function decideRemove(state: ScheduleState, actor: Actor, reason: string | undefined): readonly ScheduleEvent[] {
  return state.removed ? [] : [event("schedule.removed", { by: actor.id, ...(reason !== undefined && { reason }) })];
}

/** A person wants a run now. Errors: CONFLICT while another run is under way and the policy is `skip`, or too many are. */
export function decideRunNow(state: ScheduleState, actor: Actor, key: string | undefined, nowMs: number): readonly ScheduleEvent[] {
  refuseRemoved(state);
  const place = placeOf(state, state.overlap, MAX_QUEUED);
  if (place === "none") {
    const open = state.open[0];
    const which = open?.planId ? ` (plan ${open.planId})` : "";
    throw new KosError(
      "CONFLICT",
      `Run ${open?.run ?? 0} of schedule ${state.scheduleId}${which} is still under way, and its overlap policy is ${state.overlap}. Wait for it, cancel it, or change the policy.`,
    );
  }
  const due_at = isoTime(nowMs);
  const fired: ScheduleFired = {
    run: state.runCount + 1,
    due_at,
    cause: "person",
    queued: place === "queue",
    by: actor.id,
    ...(key !== undefined && { key }),
    next_at: textOrNull(state.nextAtMs),
  };
  return [event("schedule.fired", fired)];
}

/** Sees to everything that is due by now, each due time once: what it leaves behind begins after now. */
export function decideDueSchedule(state: ScheduleState, nowMs: number): readonly ScheduleEvent[] {
  const { nextAtMs } = state;
  if (nextAtMs === null || nextAtMs > nowMs || state.paused || state.removed) return [];
  const dues = dueBetween(state.when, nextAtMs, nowMs, state.missed === "all" ? MAX_MADE_UP : 1);
  // The rules of the zone may have changed since the time was worked out: then it holds as it was.
  const due = dues.length === 0 ? [nextAtMs] : dues;
  const last = due.at(-1) ?? nextAtMs;
  const next_at = textOrNull(nextDue(state.when, Math.max(nowMs, last)));
  const passed = (fromMs: number, toMs: number, cause: "missed" | "overlap") =>
    event("schedule.passed_over", { from: isoTime(fromMs), to: isoTime(toMs), cause, next_at });
  const isLate = (dueMs: number): boolean => nowMs - dueMs > LATE_MS;

  const wanted = state.missed === "skip" ? due.filter((dueMs) => !isLate(dueMs)) : due;
  const [first] = wanted;
  if (first === undefined) return [passed(nextAtMs, last, "missed")];
  const events: ScheduleEvent[] = [];
  if (first > nextAtMs) events.push(passed(nextAtMs, first - 1, "missed"));
  const madeUp = wanted.length > 1;
  let run = state.runCount;
  let open = state.open.length;
  for (const dueMs of wanted) {
    // Runs that are made up for come one after the other, or `skip` would leave one of them.
    const policy = madeUp && state.overlap === "skip" ? "queue" : state.overlap;
    const now = placeOf({ open: { length: open } }, policy, madeUp ? MAX_MADE_UP : MAX_QUEUED);
    const place = now === "none" && madeUp && policy === "allow" ? "queue" : now;
    if (place === "none") {
      events.push(passed(dueMs, dueMs, "overlap"));
      continue;
    }
    run++;
    open++;
    const cause = isLate(dueMs) ? "missed" : "time";
    events.push(event("schedule.fired", { run, due_at: isoTime(dueMs), cause, queued: place === "queue", next_at }));
  }
  return events;
}

export function decideStarted(run: OpenRun, planId: string, notes: readonly string[]): readonly ScheduleEvent[] {
  return [event("schedule.run_started", { run: run.run, plan_id: planId, notes })];
}

export function decideRefused(run: OpenRun, error: WireError): readonly ScheduleEvent[] {
  return [event("schedule.run_refused", { run: run.run, error })];
}

export function decideEnded(
  state: ScheduleState,
  planId: string,
  status: "succeeded" | "failed" | "cancelled",
  error: WireError | undefined,
): readonly ScheduleEvent[] {
  const run = state.open.find((one) => one.planId === planId);
  if (run === undefined) return [];
  return [event("schedule.run_ended", { run: run.run, plan_id: planId, status, ...(error && { error }) })];
}

/** Whether one more run may start now, wait, or not come at all. */
function placeOf(
  state: { readonly open: { readonly length: number } },
  policy: OverlapPolicy,
  mostQueued: number,
): "now" | "queue" | "none" {
  const { length } = state.open;
  if (length === 0) return "now";
  switch (policy) {
    case "skip":
      return "none";
    case "queue":
      return length <= mostQueued ? "queue" : "none";
    case "allow":
      return length < MAX_AT_ONCE ? "now" : "none";
  }
}

function refuseRemoved(state: ScheduleState): void {
  if (state.removed) throw new KosError("CONFLICT", `Schedule ${state.scheduleId} has been removed. Make a new one.`);
}

function event<Type extends keyof ScheduleEventPayloads>(type: Type, payload: ScheduleEventPayloads[Type]): ScheduleEvent {
  return { type, payload } as ScheduleEvent;
}

function textOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

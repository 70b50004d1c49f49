// A schedule as its events make it. Pure.

import { timeOf } from "../plan/iso-time.ts";
import type { ScheduleEvent } from "./schedule-event.ts";
import { type EndedRun, KEPT_RUNS, type OpenRun, type ScheduleState } from "./schedule-state.ts";

export interface ScheduleEventContext {
  readonly tenant: string;
  readonly stream: string;
  readonly atMs: number;
}

/** The state after the event. Neither argument is changed. */
export function applySchedule(before: ScheduleState | undefined, event: ScheduleEvent, context: ScheduleEventContext): ScheduleState {
  const { atMs, stream, tenant } = context;
  if (event.type === "schedule.created") {
    const { schedule_id: scheduleId, definition, next_at, idempotency } = event.payload;
    return {
      scheduleId,
      tenant,
      stream,
      seq: 1,
      streamSinceMs: atMs,
      previousStream: null,
      name: definition.name,
      request: definition.request,
      when: definition.when,
      missed: definition.missed,
      overlap: definition.overlap,
      grants: definition.grants,
      approval: definition.approval,
      playbook: definition.playbook ?? null,
      createdBy: definition.created_by,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      idempotency: idempotency ?? null,
      paused: false,
      removed: false,
      nextAtMs: timeOrNull(next_at),
      runCount: 0,
      open: [],
      ended: [],
      lastSucceeded: null,
    };
  }
  if (event.type === "schedule.continued") {
    const { state } = event.payload;
    return { ...state, stream, seq: 1, streamSinceMs: atMs, previousStream: state.stream, updatedAtMs: atMs };
  }
  if (before === undefined) throw new RangeError(`A schedule begins with its creation, not with ${event.type}.`);
  return { ...before, ...changeOf(before, event, atMs), seq: before.seq + 1, updatedAtMs: atMs };
}

type LaterEvent = Exclude<ScheduleEvent, { readonly type: "schedule.created" | "schedule.continued" }>;

function changeOf(state: ScheduleState, { type, payload }: LaterEvent, atMs: number): Partial<ScheduleState> {
  switch (type) {
    case "schedule.changed": {
      const { name = state.name, when = state.when, missed = state.missed, overlap = state.overlap, next_at } = payload;
      return { name, when, missed, overlap, nextAtMs: timeOrNull(next_at) };
    }
    case "schedule.paused":
      return { paused: true };
    case "schedule.resumed":
      return { paused: false, nextAtMs: timeOrNull(payload.next_at) };
    case "schedule.removed":
      // Runs that have a plan go on; the others never begin.
      return { removed: true, nextAtMs: null, open: state.open.filter(({ planId }) => planId !== null) };
    case "schedule.fired": {
      const { run, due_at, cause, queued, key = null, next_at } = payload;
      const open: OpenRun = { run, dueAtMs: timeOf(due_at), firedAtMs: atMs, cause, queued, key, planId: null, notes: [] };
      return { runCount: run, open: [...state.open, open], nextAtMs: timeOrNull(next_at) };
    }
    case "schedule.passed_over":
      return { nextAtMs: timeOrNull(payload.next_at) };
    case "schedule.run_started": {
      const { run, plan_id: planId, notes } = payload;
      return { open: state.open.map((one) => (one.run === run ? { ...one, planId, notes } : one)) };
    }
    case "schedule.run_refused":
      return endRun(state, payload.run, { status: "refused", error: payload.error, endedAtMs: atMs });
    case "schedule.run_ended": {
      const { run, status, error = null, plan_id: planId } = payload;
      return {
        ...endRun(state, run, { status, error, endedAtMs: atMs }),
        ...(status === "succeeded" && { lastSucceeded: planId }),
      };
    }
  }
}

function endRun(state: ScheduleState, run: number, end: Pick<EndedRun, "status" | "error" | "endedAtMs">): Partial<ScheduleState> {
  const ending = state.open.find((one) => one.run === run);
  if (ending === undefined) return {};
  const { queued: _queued, ...rest } = ending;
  return {
    open: state.open.filter((one) => one !== ending),
    ended: [{ ...rest, ...end }, ...state.ended].slice(0, KEPT_RUNS),
  };
}

function timeOrNull(text: string | null): number | null {
  return text === null ? null : timeOf(text);
}

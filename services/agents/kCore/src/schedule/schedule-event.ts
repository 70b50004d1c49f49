// Events of a schedule, an aggregate with a stream of its own. A decision works the next due time out and writes it down, so that a replay
// needs neither a calendar nor the time zone rules of that day.

import type { WireError } from "@kos/klp";
import type { Grants } from "../plan/plan-event.ts";
import type { MissedPolicy, OverlapPolicy, RunCause, ScheduleState, ScheduleTime } from "./schedule-state.ts";

export interface ScheduleDefinition {
  readonly name: string;
  /** The request a plan is made from, each time anew. */
  readonly request: unknown;
  readonly when: ScheduleTime;
  readonly missed: MissedPolicy;
  readonly overlap: OverlapPolicy;
  /** What was granted when it was made; no later call widens it. */
  readonly grants: Grants;
  readonly approval: boolean;
  /** The playbook as it was when the schedule was made. */
  readonly playbook?: { readonly name: string; readonly hash: string };
  readonly created_by: string;
}

interface ScheduleCreated {
  readonly schedule_id: string;
  readonly definition: ScheduleDefinition;
  readonly next_at: string | null;
  readonly idempotency?: { readonly scope: string; readonly body_hash: string };
}

interface ScheduleChanged {
  readonly by: string;
  readonly name?: string;
  readonly when?: ScheduleTime;
  readonly missed?: MissedPolicy;
  readonly overlap?: OverlapPolicy;
  readonly next_at: string | null;
}

interface By {
  readonly by: string;
  readonly reason?: string;
}

export interface ScheduleFired {
  /** Counts from 1. */
  readonly run: number;
  readonly due_at: string;
  readonly cause: RunCause;
  /** It waits until the runs before it have ended. */
  readonly queued: boolean;
  readonly by?: string;
  /** Hash of the Idempotency-Key it was asked for under. */
  readonly key?: string;
  readonly next_at: string | null;
}

/** Due times from `from` to `to` bring no run. */
interface SchedulePassedOver {
  readonly from: string;
  readonly to: string;
  readonly cause: "missed" | "overlap";
  readonly next_at: string | null;
}

/** In the commit that creates the plan. */
interface ScheduleRunStarted {
  readonly run: number;
  readonly plan_id: string;
  readonly notes: readonly string[];
}

/** No plan could be made. */
interface ScheduleRunRefused {
  readonly run: number;
  readonly error: WireError;
}

/** In the commit that ends the plan. */
interface ScheduleRunEnded {
  readonly run: number;
  readonly plan_id: string;
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly error?: WireError;
}

/** First event of a further stream: the one before may be removed. */
interface ScheduleContinued {
  readonly state: ScheduleState;
}

export interface ScheduleEventPayloads {
  readonly "schedule.created": ScheduleCreated;
  readonly "schedule.changed": ScheduleChanged;
  readonly "schedule.paused": By;
  readonly "schedule.resumed": By & { readonly next_at: string | null };
  readonly "schedule.removed": By;
  readonly "schedule.fired": ScheduleFired;
  readonly "schedule.passed_over": SchedulePassedOver;
  readonly "schedule.run_started": ScheduleRunStarted;
  readonly "schedule.run_refused": ScheduleRunRefused;
  readonly "schedule.run_ended": ScheduleRunEnded;
  readonly "schedule.continued": ScheduleContinued;
}

const TYPES: { readonly [Type in keyof ScheduleEventPayloads]: true } = {
  "schedule.created": true,
  "schedule.changed": true,
  "schedule.paused": true,
  "schedule.resumed": true,
  "schedule.removed": true,
  "schedule.fired": true,
  "schedule.passed_over": true,
  "schedule.run_started": true,
  "schedule.run_refused": true,
  "schedule.run_ended": true,
  "schedule.continued": true,
};
export const SCHEDULE_EVENT_TYPES = Object.keys(TYPES) as readonly (keyof ScheduleEventPayloads)[];

export type ScheduleEvent = {
  readonly [Type in keyof ScheduleEventPayloads]: { readonly type: Type; readonly payload: ScheduleEventPayloads[Type] };
}[keyof ScheduleEventPayloads];

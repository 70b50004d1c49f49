// What the engine offers about schedules, and what it needs for their runs. Types only.

import type { ScheduleRunAccepted, ScheduleView } from "@kos/api";
import type { Label, PlanGraph } from "@kos/plan";
import type { Caller, IdempotencyKey, Page, PageRequest } from "./caller.ts";
import type { MissedPolicy, OverlapPolicy } from "./schedule/schedule-state.ts";

/** What a person says of when; `zone` is an IANA name. */
export interface ScheduleWish {
  readonly name?: string | undefined;
  readonly at?: string | undefined;
  readonly every?: string | undefined;
  readonly zone: string;
  readonly missed?: MissedPolicy | undefined;
  readonly overlap?: OverlapPolicy | undefined;
}

export interface NewSchedule {
  readonly caller: Caller;
  /** What each run's plan is made from. */
  readonly request: unknown;
  /** The plan as it would be now: it shows that the request makes sense. */
  readonly graph: PlanGraph;
  readonly wish: ScheduleWish;
  readonly approval?: boolean;
  readonly fsRoots?: readonly string[];
  readonly idempotency?: IdempotencyKey;
}

/**
 * What is run at a time to come, or again and again. Everything resolves once it is durable. Errors: BAD_REQUEST (no time, no zone, a plan that
 * does not hold), NOT_FOUND, CONFLICT, RESOURCE_LIMIT_EXCEEDED, UNAVAILABLE.
 */
export interface Schedules {
  /** Sees to due times from now on. Until then schedules are only kept, changed and run by hand. */
  start(): void;
  /** When a schedule of this wish would be due: the next five times, RFC 3339. Errors: BAD_REQUEST. */
  dueTimes(wish: Pick<ScheduleWish, "at" | "every" | "zone">): readonly string[];
  create(request: NewSchedule): Promise<ScheduleView>;
  change(caller: Caller, scheduleId: string, wish: Partial<ScheduleWish>): Promise<ScheduleView>;
  pause(caller: Caller, scheduleId: string, reason?: string): Promise<ScheduleView>;
  resume(caller: Caller, scheduleId: string, reason?: string): Promise<ScheduleView>;
  remove(caller: Caller, scheduleId: string): Promise<ScheduleView>;
  /** Resolves when the run's plan is there, or the run waits behind another. Errors beside those above: what making the plan says. */
  run(caller: Caller, scheduleId: string, idempotency?: IdempotencyKey): Promise<ScheduleRunAccepted>;
  get(tenant: string, scheduleId: string): Promise<ScheduleView>;
  /** Newest first. `all`: removed ones too. */
  list(request: PageRequest & { readonly all?: boolean }): Promise<Page<ScheduleView>>;
}

/** A run whose plan is to be made. */
export interface ScheduledRequest {
  readonly tenant: string;
  readonly request: unknown;
  /** Output of the schedule's newest run that succeeded, with its labels; undefined where there is none. */
  readonly previous: () => Promise<{ readonly value: unknown; readonly labels: readonly Label[] } | undefined>;
}

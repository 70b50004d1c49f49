// What is known of a schedule. Plain JSON: the row of a schedule holds it whole, so that thousands are read back without a replay.

import type { WireError } from "@kos/klp";
import type { Grants } from "../plan/plan-event.ts";

/** When it is due. Times are RFC 3339 UTC. */
export type ScheduleTime =
  | { readonly kind: "at"; readonly at: string; readonly zone: string }
  | { readonly kind: "cron"; readonly pattern: string; readonly zone: string }
  /** Every so many milliseconds after `anchor`, whatever the clocks on the wall do. */
  | { readonly kind: "interval"; readonly every_ms: number; readonly anchor: string; readonly zone: string };

/** What happens to due times that passed while nobody could see to them. */
export type MissedPolicy = "skip" | "once" | "all";

/** What happens when it is due while a run of it is still under way. */
export type OverlapPolicy = "skip" | "queue" | "allow";

/** `missed`: made up for after its time. `person`: asked for, not due. */
export type RunCause = "time" | "missed" | "person";

/** A run that was fired and has not ended. */
export interface OpenRun {
  readonly run: number;
  readonly dueAtMs: number;
  readonly firedAtMs: number;
  readonly cause: RunCause;
  readonly queued: boolean;
  readonly key: string | null;
  /** Null until its plan is made. */
  readonly planId: string | null;
  readonly notes: readonly string[];
}

export interface EndedRun extends Omit<OpenRun, "queued"> {
  readonly endedAtMs: number;
  /** `refused`: no plan could be made. */
  readonly status: "succeeded" | "failed" | "cancelled" | "refused";
  readonly error: WireError | null;
}

export interface ScheduleState {
  readonly scheduleId: string;
  readonly tenant: string;
  /** The stream it is written to now, and the newest sequence number in it. */
  readonly stream: string;
  readonly seq: number;
  readonly streamSinceMs: number;
  /** The stream before, until its content has been removed. */
  readonly previousStream: string | null;
  readonly name: string;
  readonly request: unknown;
  readonly when: ScheduleTime;
  readonly missed: MissedPolicy;
  readonly overlap: OverlapPolicy;
  readonly grants: Grants;
  readonly approval: boolean;
  readonly playbook: { readonly name: string; readonly hash: string } | null;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly idempotency: { readonly scope: string; readonly body_hash: string } | null;
  readonly paused: boolean;
  readonly removed: boolean;
  /** The first due time that has not been seen to; null when none is left. */
  readonly nextAtMs: number | null;
  readonly runCount: number;
  /** In the order of their numbers. */
  readonly open: readonly OpenRun[];
  /** Newest first. */
  readonly ended: readonly EndedRun[];
  /** Plan of the newest run that succeeded: its output is what the next run compares with. */
  readonly lastSucceeded: string | null;
}

/** Ended runs that are kept. */
export const KEPT_RUNS = 20;

/** What people see of it. `ended`: no due time is left and nothing runs. */
export function scheduleStatus(state: ScheduleState): "active" | "paused" | "ended" | "removed" {
  if (state.removed) return "removed";
  if (state.nextAtMs === null && state.open.length === 0) return "ended";
  return state.paused ? "paused" : "active";
}

/** Runs whose plans may be made now: those that wait for nobody. */
export function runsToMake(state: ScheduleState): readonly OpenRun[] {
  return state.open.filter(({ planId, queued }, index) => planId === null && (!queued || index === 0));
}

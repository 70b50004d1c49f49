// What goes into a partition and what comes out. The partition itself does no I/O: whoever drives it carries the effects out.

import type { MessageFromAgent, MessageToAgent, Progress } from "@kos/agent";
import type { KosError } from "@kos/klp";
import type { Label, PlanStatus, Task } from "@kos/plan";
import type { Commit, RowChange } from "@kos/store";
import type { BudgetEvent } from "../budget/budget-event.ts";
import type { Actor } from "../plan/decide-env.ts";
import type { Change, Submission } from "../plan/decide-plan.ts";
import type { PlanEvent } from "../plan/plan-event.ts";
import type { PreparedValue } from "../plan/values.ts";
import type { ArchivedPlan } from "../retention/archived-plan.ts";
import type { ScheduleChange } from "../schedule/decide-schedule.ts";
import type { ScheduleDefinition, ScheduleEvent } from "../schedule/schedule-event.ts";
import type { ScheduleState } from "../schedule/schedule-state.ts";

/** Names a caller that waits for an answer. */
export type ReplyId = number;

/** Commands for one plan, with values in the form they are stored in. */
export type PartitionCommand =
  | { readonly kind: "start" }
  | ({ readonly kind: "change" } & Change)
  | { readonly kind: "cancel"; readonly taskId?: string | undefined; readonly reason?: string | undefined }
  | { readonly kind: "pause"; readonly reason?: string | undefined }
  | { readonly kind: "resume"; readonly reason?: string | undefined }
  | {
      readonly kind: "decide";
      readonly approvalId: string;
      readonly decision: "approve" | "deny";
      readonly digest: string;
      readonly reason?: string | undefined;
    }
  | { readonly kind: "answer"; readonly inputId: string; readonly answer: unknown }
  | {
      readonly kind: "resolve";
      readonly taskId: string;
      readonly outcome: "succeeded" | "failed" | "run_again";
      readonly output: PreparedValue | undefined;
      readonly reason: string;
    }
  | { readonly kind: "declassify"; readonly taskId: string; readonly labels: readonly Label[]; readonly reason: string }
  | { readonly kind: "add_subtasks"; readonly parentId: string; readonly tasks: readonly Task[] };

export type ScheduleCommand =
  | {
      readonly kind: "create";
      readonly definition: ScheduleDefinition;
      readonly idempotency?: { readonly scope: string; readonly body_hash: string } | undefined;
    }
  | ({ readonly kind: "change" } & ScheduleChange)
  | { readonly kind: "pause"; readonly reason?: string | undefined }
  | { readonly kind: "resume"; readonly reason?: string | undefined }
  | { readonly kind: "remove"; readonly reason?: string | undefined }
  | { readonly kind: "run"; readonly key?: string | undefined }
  /** Of retention: begin a further stream. */
  | { readonly kind: "continue" };

/** What goes with a plan, and what is written down of it. */
interface PlanRemoval {
  readonly record: ArchivedPlan;
  readonly rows: readonly RowChange[];
}

/** An event read back from the log. */
export interface LoadedEvent {
  readonly event: PlanEvent;
  readonly tenant: string;
  readonly atMs: number;
}

export interface LoadedPlan {
  readonly events: readonly LoadedEvent[];
  readonly budget: readonly BudgetEvent[];
}

/** A value to be read back: one output of a plan's stream, a blob, or the checkpoints of a call as one list. */
export interface ValueAddress {
  readonly key: string;
  /** Another plan's when a result is reused. */
  readonly planId: string;
  readonly seq: number;
  readonly blob: string | undefined;
  /** plan_seq of each of the checkpoints, rising. */
  readonly checkpoints?: readonly number[];
}

export interface KnownKey {
  readonly planId: string;
  readonly bodyHash: string;
  readonly expiresAtMs: number;
}

export type PartitionInput =
  | { readonly kind: "submit"; readonly reply: ReplyId; readonly tenant: string; readonly planId: string; readonly submission: Submission }
  | {
      readonly kind: "command";
      readonly reply: ReplyId;
      readonly tenant: string;
      readonly planId: string;
      readonly actor: Actor;
      readonly command: PartitionCommand;
    }
  /** `output` is the prepared form of a result's output; a large one is in the blob store already. */
  | {
      readonly kind: "message";
      readonly agent: string;
      readonly message: MessageFromAgent;
      readonly output?: PreparedValue | undefined;
      readonly envelopeHash?: string | undefined;
    }
  | { readonly kind: "lost"; readonly planId: string; readonly taskId: string; readonly leaseToken: string; readonly reason: string }
  | { readonly kind: "hint"; readonly planId: string }
  | { readonly kind: "plan_loaded"; readonly planId: string; readonly plan: LoadedPlan }
  | { readonly kind: "load_failed"; readonly planId: string; readonly error: KosError }
  | {
      readonly kind: "values_loaded";
      readonly planId: string;
      readonly values: readonly { readonly key: string; readonly value: unknown }[];
    }
  | { readonly kind: "blob_stored"; readonly planId: string; readonly hash: string }
  | { readonly kind: "key_loaded"; readonly scope: string; readonly known: KnownKey | undefined }
  /** Schedules are wanted. With `timers` their due times are seen to from now on. */
  | { readonly kind: "open_schedules"; readonly timers: boolean }
  | { readonly kind: "schedules_loaded"; readonly states: readonly ScheduleState[] }
  | {
      readonly kind: "schedule";
      readonly reply: ReplyId;
      readonly tenant: string;
      readonly scheduleId: string;
      readonly actor: Actor;
      readonly command: ScheduleCommand;
    }
  | {
      readonly kind: "run_made";
      readonly scheduleId: string;
      readonly run: number;
      readonly planId: string;
      readonly submission: Submission;
      readonly notes: readonly string[];
    }
  | { readonly kind: "run_not_made"; readonly scheduleId: string; readonly run: number; readonly error: KosError }
  | { readonly kind: "drop_schedule"; readonly scheduleId: string }
  /** Of retention: a plan whose archive is safe and whose content is gone loses its rows. */
  | { readonly kind: "prune"; readonly reply: ReplyId; readonly planId: string; readonly tenant: string; readonly removal: PlanRemoval };

export interface Accepted {
  /** Or the schedule's, where no plan has come of it yet. */
  readonly planId: string;
  /** Undefined where the plan is not in memory: then the tables know. */
  readonly status: PlanStatus | undefined;
}

export interface PublishedEvent {
  readonly planId: string;
  readonly tenant: string;
  readonly seq: number;
  readonly position: number;
  readonly at: string;
  readonly event: PlanEvent;
  readonly planStatus: PlanStatus;
}

export type PartitionEffect =
  | { readonly kind: "append"; readonly commit: Commit }
  | { readonly kind: "send"; readonly agent: string; readonly message: MessageToAgent }
  | { readonly kind: "reply"; readonly reply: ReplyId; readonly accepted: Accepted }
  | { readonly kind: "refuse"; readonly reply: ReplyId; readonly error: KosError }
  | { readonly kind: "publish"; readonly events: readonly PublishedEvent[] }
  | {
      readonly kind: "progress";
      readonly tenant: string;
      readonly planId: string;
      readonly taskId: string;
      readonly agent: string;
      readonly progress: Progress;
    }
  | { readonly kind: "load_plan"; readonly planId: string }
  | { readonly kind: "load_values"; readonly planId: string; readonly values: readonly ValueAddress[] }
  | { readonly kind: "store_blob"; readonly planId: string; readonly hash: string; readonly text: string }
  | { readonly kind: "load_key"; readonly scope: string }
  | { readonly kind: "load_schedules" }
  /** The plan of a run is to be made; `run_made` or `run_not_made` answers. */
  | { readonly kind: "make_run"; readonly schedule: ScheduleState; readonly run: number }
  | {
      readonly kind: "publish_schedule";
      readonly tenant: string;
      readonly scheduleId: string;
      readonly event: ScheduleEvent;
      readonly at: string;
    }
  /** The partition has stopped for good: another owner, or a commit that failed. Everything not acknowledged is dropped. */
  | { readonly kind: "stopped"; readonly error: KosError };

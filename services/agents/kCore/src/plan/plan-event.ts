// The closed set of events of a plan, as they stand in the log. Payloads are wire documents (snake_case); the header with time, stream and
// plan_seq is the store's. Adding a type or a field is allowed; changing a meaning needs an upcaster (see upcast.ts).

import type { ArtifactRef } from "@kos/agent";
import type { Verdict } from "@kos/api";
import type { WireError } from "@kos/klp";
import type { BlobRef, Label, LabelledValue, PlanGraph, Task } from "@kos/plan";
import type {
  TaskAttemptFailed,
  TaskAttemptLost,
  TaskCancelled,
  TaskCancelRequested,
  TaskCheckpointed,
  TaskDispatched,
  TaskEffectBegun,
  TaskExpanded,
  TaskFailed,
  TaskFallbackStarted,
  TaskInDoubt,
  TaskJoined,
  TaskLeaseRenewed,
  TaskReplanned,
  TaskResolved,
  TaskResultIgnored,
  TaskReused,
  TaskSkipped,
  TaskSucceeded,
  TaskTimerFired,
  TaskTimerSet,
  ValueDeclassified,
} from "./task-event.ts";

/** Recorded when a plan is made; compared when it is retried or forked. */
export interface Definition {
  readonly playbook?: { readonly name: string; readonly hash: string };
  /** Version of every capability the graph names, as the registry knew it. */
  readonly capabilities: Readonly<Record<string, string>>;
}

/** What the plan may reach; a request can only narrow it. */
export interface Grants {
  /** Absolute real paths that may be read under. */
  readonly fs_roots: readonly string[];
}

/** A finished result of another plan that this one may take over instead of running the call again. Its value stays in that plan's stream. */
export interface ReusableResult {
  /** hash(capability, version, resolved params). */
  readonly key: string;
  readonly task_id: string;
  /** plan_seq, in the other plan, of the event that holds the output. */
  readonly seq: number;
}

export interface ScheduledBy {
  readonly schedule_id: string;
  readonly run: number;
  readonly due_at: string;
  readonly notes: readonly string[];
}

export interface PlanCreated {
  readonly graph: PlanGraph;
  readonly hash: string;
  readonly created_by: string;
  readonly grants: Grants;
  readonly definition: Definition;
  /** True: a person has to approve the plan's hash before it starts. */
  readonly approval: boolean;
  readonly trace_id?: string;
  /** The Idempotency-Key it was submitted under: hash of (tenant, caller, route, key), and of the body. */
  readonly idempotency?: { readonly scope: string; readonly body_hash: string; readonly expires_at: string };
  readonly forked_from?: { readonly plan_id: string; readonly kind: "retry" | "fork"; readonly from?: string };
  /** Which run of which schedule it is; `notes` is for people. */
  readonly schedule?: ScheduledBy;
  readonly reusable?: readonly ReusableResult[];
  /** Where graph and reusable results are too large for the log: they lie in this blob, and the log's payload leaves them out. */
  readonly body?: BlobRef;
}

/** Only while a draft or paused. Voids every approval. */
export interface PlanChanged {
  readonly graph: PlanGraph;
  readonly hash: string;
  readonly definition: Definition;
  readonly by: string;
  readonly body?: BlobRef;
}

interface By {
  readonly by: string;
  readonly reason?: string;
}

/** No new work is dispatched from here on; the plan fails once what runs has ended. */
interface PlanHalted {
  readonly error: WireError;
}

export interface PlanFinished {
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly output: LabelledValue | null;
  readonly output_hash?: string;
  readonly output_bytes?: number;
  readonly error?: WireError;
}

export interface ApprovalRequested {
  readonly approval_id: string;
  readonly kind: "plan" | "call";
  readonly task_id?: string;
  /** What a decision must name: the plan's hash, or hash(actor, capability, resolved params, target, generation). */
  readonly digest: string;
  readonly title: string;
  readonly reason: string;
  readonly capability?: string;
  readonly target?: string;
  readonly generation?: number;
  /** Resolved params, for the person who decides. */
  readonly params?: LabelledValue;
}

export interface ApprovalDecided {
  readonly approval_id: string;
  readonly task_id?: string;
  readonly decision: "approved" | "denied";
  readonly digest: string;
  readonly by: string;
  readonly reason?: string;
}

/** `stale`: decided, but not dispatched within ten minutes. `changed`: the call is another one now. `void`: the plan was edited or has ended. */
interface ApprovalExpired {
  readonly approval_id: string;
  readonly task_id?: string;
  readonly cause: "stale" | "changed" | "void";
}

/** A result waits for its review. Without `task_id` it is the plan's own output. */
export interface ReviewRequested {
  readonly task_id?: string;
  readonly review_id: string;
  readonly attempt: number;
  /** Counts reviews of this task from 1. */
  readonly round: number;
  readonly output: LabelledValue;
  readonly output_hash: string;
  /** Length of the output's canonical JSON. */
  readonly output_bytes: number;
  readonly artifacts: readonly ArtifactRef[];
  readonly run_ms?: number;
  readonly envelope_hash?: string;
}

const REVIEW_CONSEQUENCES = ["accept", "retry", "fallback", "replan", "ask", "fail"] as const;
export type ReviewConsequence = (typeof REVIEW_CONSEQUENCES)[number];

export interface ReviewDecided {
  readonly task_id?: string;
  readonly review_id: string;
  readonly verdict: Verdict;
  readonly next: ReviewConsequence;
  readonly retry_at?: string;
  readonly envelope_hash?: string;
}

/** The review itself did not come about. */
export interface ReviewFailed {
  readonly task_id?: string;
  readonly review_id: string;
  readonly error: WireError;
  /** Null: given up; another way is looked for, a person is asked or the task fails. */
  readonly retry_at: string | null;
  readonly next?: "replan" | "ask" | "fail";
}

export interface InputRequested {
  readonly input_id: string;
  readonly task_id?: string;
  /** `review`: what to do with a result that did not pass; the answer is `{decision: accept | retry | fail}`. */
  readonly purpose: "answer" | "review";
  readonly question: string;
  /** JSON Schema of the answer. */
  readonly schema?: unknown;
  readonly choices?: readonly string[];
  readonly expires_at?: string;
  /** hash(capability, version, resolved params) of the task that asks. */
  readonly input_hash?: string;
  /** Of a person's leave to ask, where the plan wants one. */
  readonly approval_id?: string;
}

export interface InputAnswered {
  readonly input_id: string;
  readonly task_id?: string;
  readonly answer: LabelledValue;
  readonly by: string;
}

/** The question is not asked any more. */
interface InputExpired {
  readonly input_id: string;
  readonly task_id?: string;
  readonly cause: "timeout" | "void";
}

/** Work that a running task added, inside its rights, labels, budget and depth. */
export interface SubtasksAdded {
  readonly parent_id: string;
  readonly tasks: readonly Task[];
  readonly depth: number;
  readonly labels: readonly Label[];
  readonly capabilities: Readonly<Record<string, string>>;
  readonly by: string;
}

export interface PlanEventPayloads {
  readonly "plan.created": PlanCreated;
  readonly "plan.changed": PlanChanged;
  readonly "plan.started": By;
  readonly "plan.paused": By;
  readonly "plan.resumed": By;
  readonly "plan.cancel_requested": By;
  readonly "plan.halted": PlanHalted;
  readonly "plan.finished": PlanFinished;
  readonly "approval.requested": ApprovalRequested;
  readonly "approval.decided": ApprovalDecided;
  readonly "approval.expired": ApprovalExpired;
  readonly "input.requested": InputRequested;
  readonly "input.answered": InputAnswered;
  readonly "input.expired": InputExpired;
  readonly "review.requested": ReviewRequested;
  readonly "review.decided": ReviewDecided;
  readonly "review.failed": ReviewFailed;
  readonly "subtasks.added": SubtasksAdded;
  readonly "task.expanded": TaskExpanded;
  readonly "task.skipped": TaskSkipped;
  readonly "task.dispatched": TaskDispatched;
  readonly "task.lease_renewed": TaskLeaseRenewed;
  readonly "task.effect_begun": TaskEffectBegun;
  readonly "task.checkpointed": TaskCheckpointed;
  readonly "task.attempt_failed": TaskAttemptFailed;
  readonly "task.attempt_lost": TaskAttemptLost;
  readonly "task.succeeded": TaskSucceeded;
  readonly "task.joined": TaskJoined;
  readonly "task.failed": TaskFailed;
  readonly "task.cancel_requested": TaskCancelRequested;
  readonly "task.cancelled": TaskCancelled;
  readonly "task.in_doubt": TaskInDoubt;
  readonly "task.resolved": TaskResolved;
  readonly "task.result_ignored": TaskResultIgnored;
  readonly "task.fallback_started": TaskFallbackStarted;
  readonly "task.replanned": TaskReplanned;
  readonly "task.timer_set": TaskTimerSet;
  readonly "task.timer_fired": TaskTimerFired;
  readonly "task.reused": TaskReused;
  readonly "value.declassified": ValueDeclassified;
}

export const PLAN_EVENT_TYPES = [
  "plan.created",
  "plan.changed",
  "plan.started",
  "plan.paused",
  "plan.resumed",
  "plan.cancel_requested",
  "plan.halted",
  "plan.finished",
  "approval.requested",
  "approval.decided",
  "approval.expired",
  "input.requested",
  "input.answered",
  "input.expired",
  "review.requested",
  "review.decided",
  "review.failed",
  "subtasks.added",
  "task.expanded",
  "task.skipped",
  "task.dispatched",
  "task.lease_renewed",
  "task.effect_begun",
  "task.checkpointed",
  "task.attempt_failed",
  "task.attempt_lost",
  "task.succeeded",
  "task.joined",
  "task.failed",
  "task.cancel_requested",
  "task.cancelled",
  "task.in_doubt",
  "task.resolved",
  "task.result_ignored",
  "task.fallback_started",
  "task.replanned",
  "task.timer_set",
  "task.timer_fired",
  "task.reused",
  "value.declassified",
] as const satisfies readonly (keyof PlanEventPayloads)[];
export type PlanEventType = (typeof PLAN_EVENT_TYPES)[number];

/** One event as decided: its place in the stream and its time are given when it is applied and written. */
export type PlanEvent = {
  readonly [Type in PlanEventType]: { readonly type: Type; readonly payload: PlanEventPayloads[Type] };
}[PlanEventType];

// A plan as its events have made it. Objects are changed in place by apply alone; everybody else only reads.

import type { ArtifactRef, Effect } from "@kos/agent";
import type { WireError } from "@kos/klp";
import type { BlobRef, Label, PlanStatus, TaskStatus } from "@kos/plan";
import type { GraphShape, TaskShape } from "./graph-shape.ts";
import type { Definition, Grants, ScheduledBy } from "./plan-event.ts";

/** Values up to this many bytes of canonical JSON stay in memory; larger ones are read back from the log. */
export const INLINE_BYTES = 1024;
/** Values over this many bytes lie in the blob store, in the log only their reference. */
export const MAX_VALUE_BYTES = 32_768;

export interface OutputRef {
  readonly hash: string;
  readonly bytes: number;
  labels: readonly Label[];
  readonly source: string;
  /** plan_seq of the event that holds it. */
  readonly seq: number;
  readonly value: unknown;
  readonly blob: BlobRef | undefined;
  readonly artifacts: readonly ArtifactRef[];
}

/** The newest attempt. Kept after it was given up, so that its late answer is recognised. */
export interface Lease {
  readonly token: string;
  readonly attempt: number;
  readonly mode: "run" | "reconcile";
  readonly capability: string;
  readonly agent: string;
  readonly engine: string;
  readonly local: boolean;
  expiresAtMs: number;
  readonly timeoutAtMs: number;
  readonly inputHash: string;
  readonly effects: readonly Effect[];
  readonly idempotent: boolean;
  readonly idempotentForMs: number | undefined;
  readonly reconcile: boolean;
  effectBegun: boolean;
  /** Checkpoints of this attempt. */
  checkpoints: number;
  /** When the agent was asked to stop; 0 if it was not. */
  cancelledAtMs: number;
}

export interface ApprovalState {
  readonly id: string;
  readonly digest: string;
  status: "open" | "approved";
  decidedAtMs: number;
  by: string;
}

export interface InputState {
  readonly id: string;
  readonly purpose: "answer" | "review";
  readonly schema: unknown;
  readonly choices: readonly string[] | undefined;
  readonly expiresAtMs: number;
}

export interface ReviewState {
  /** Of the review under way. */
  id: string;
  round: number;
  /** Requests for this review that came to nothing. */
  tries: number;
  /** When to ask again; 0 when it may be asked now. */
  retryAtMs: number;
  fallback: boolean;
  /** `asking`: the planner is asked for another way, under `id`. `done`: it was; it is asked once. */
  replan: "none" | "asking" | "done";
  feedback: readonly string[] | undefined;
  /** Labels of the output that the feedback is about. */
  feedbackLabels: readonly Label[];
}

/** Items of an expanded `for_each` task. */
interface Items {
  readonly list: TaskState[];
  /** Items not yet ended. */
  left: number;
  /** Position of the first item that is still held back by `concurrency`. */
  next: number;
  /** The first failure that fails the whole task. */
  error: WireError | undefined;
}

export interface TaskState {
  readonly id: string;
  shape: TaskShape;
  readonly parent: TaskState | undefined;
  /** Position among its siblings; -1 for a task that is not an item. */
  readonly item: number;
  status: TaskStatus;
  /** Dependencies not yet done. */
  waiting: number;
  attempt: number;
  generation: number;
  /** Failed attempts of this generation. */
  failures: number;
  /** Those among them that ended without an answer, with their worker or their agent. */
  losses: number;
  /** Attempts cut off because the engine ended. */
  interruptions: number;
  /** The next attempt is to ask what became of the last. */
  reconciling: boolean;
  /** When an effect of this generation may have happened first, of those that may be repeated for a time only; 0 if none may have. */
  effectAtMs: number;
  /** plan_seq of the events that hold the checkpoints of this generation, oldest first; undefined where there is none. */
  checkpoints: number[] | undefined;
  /** Not dispatched before; 0 when it may be now. */
  retryAtMs: number;
  readyAtMs: number;
  startedAtMs: number;
  endedAtMs: number;
  /** Of the newest attempt. */
  agent: string | undefined;
  /** Fires then, for flow.sleep; 0 otherwise. */
  fireAtMs: number;
  /** Highest attempt whose stray result has been recorded. */
  strayAttempt: number;
  labels: readonly Label[];
  lease: Lease | undefined;
  output: OutputRef | undefined;
  error: WireError | undefined;
  approval: ApprovalState | undefined;
  input: InputState | undefined;
  review: ReviewState | undefined;
  items: Items | undefined;
  /** Changed since the shell last looked. */
  touched: boolean;
}

export interface PlanState {
  readonly planId: string;
  readonly tenant: string;
  /** plan_seq of the newest event. */
  seq: number;
  shape: GraphShape;
  hash: string;
  definition: Definition;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly grants: Grants;
  readonly needsApproval: boolean;
  readonly traceId: string | undefined;
  readonly forkedFrom: string | undefined;
  readonly schedule: ScheduledBy | undefined;
  readonly reusable: ReadonlyMap<string, { readonly taskId: string; readonly seq: number }> | undefined;
  readonly idempotency: { readonly scope: string; readonly bodyHash: string; readonly expiresAtMs: number } | undefined;
  phase: "draft" | "approval" | "active" | "finished";
  paused: boolean;
  /** Hash a person has approved. */
  approvedHash: string | undefined;
  approval: ApprovalState | undefined;
  cancelling: { readonly by: string; readonly reason: string; readonly atMs: number } | undefined;
  halted: WireError | undefined;
  finished: "succeeded" | "failed" | "cancelled" | undefined;
  output: OutputRef | undefined;
  error: WireError | undefined;
  review: ReviewState | undefined;
  /** What to do with an output that did not pass the plan's criteria. */
  input: InputState | undefined;
  outputAccepted: boolean;
  startedAtMs: number;
  endedAtMs: number;
  readonly tasks: TaskState[];
  /** Tasks (not items) that are neither done nor ended. */
  open: number;
  readonly counts: Record<TaskStatus, number>;
  /** Running tasks that only wait for a time. */
  sleeping: number;
  /** Waits by id, of the open ones. */
  readonly waits: Map<string, TaskState | undefined>;
  /** Expanded tasks whose items have all ended. */
  readonly joinable: Set<TaskState>;
  touched: TaskState[];
}

export function findTask(state: PlanState, taskId: string): TaskState | undefined {
  const index = state.shape.index.get(taskId);
  if (index !== undefined) return state.tasks[index];
  const open = taskId.indexOf("[");
  if (open < 0 || !taskId.endsWith("]")) return undefined;
  const position = state.shape.index.get(taskId.slice(0, open));
  const item = position === undefined ? undefined : state.tasks[position]?.items?.list[Number(taskId.slice(open + 1, -1))];
  return item?.id === taskId ? item : undefined;
}

/** Succeeded or skipped: what waits for it may go on. */
export function isDone(status: TaskStatus): boolean {
  return status === "succeeded" || status === "skipped";
}

export function hasEnded(status: TaskStatus): boolean {
  return status === "succeeded" || status === "skipped" || status === "failed" || status === "cancelled";
}

/** True while new work may be started. */
export function mayDispatch(state: PlanState): boolean {
  return state.phase === "active" && !state.paused && state.halted === undefined && state.cancelling === undefined;
}

/** Calls that run somewhere and have to end before the plan can. */
export function underWay(state: PlanState): number {
  return state.counts.running - state.sleeping;
}

/** The plan's status as people see it. */
export function statusOf(state: PlanState): PlanStatus {
  if (state.finished !== undefined) return state.finished;
  if (state.phase === "draft") return "draft";
  if (state.phase === "approval") return "waiting_approval";
  if (state.paused) return state.approval?.status === "open" ? "waiting_approval" : "paused";
  const { counts } = state;
  if (counts.running + counts.reviewing + counts.ready > 0) return "running";
  if (counts.in_doubt > 0) return "in_doubt";
  if (counts.waiting_approval > 0) return "waiting_approval";
  if (counts.waiting_input > 0 || state.input !== undefined) return "waiting_input";
  return "running";
}

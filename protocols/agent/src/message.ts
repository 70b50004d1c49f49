// Payloads of the messages between kCore and an agent. The envelope around them carries plan_id, task_id, trace and the proof.

import type { WireError } from "@kos/klp";
import type { Label } from "@kos/plan";
import type { Progress } from "./context.ts";

/** Which dispatch a message belongs to. The token fences: an older attempt's messages settle nothing. */
export interface LeaseRef {
  readonly attempt: number;
  readonly lease_token: string;
}

/** `TASK_REQUEST`, and `REVIEW_REQUEST` and `PLAN_REQUEST`, which are calls of a reviewer's and a planner's capability. */
export interface TaskRequestPayload extends LeaseRef {
  readonly capability: string;
  readonly params: unknown;
  /** Where params are too large for an envelope: the blob that holds them. `params` is null then. */
  readonly params_ref?: string;
  readonly labels: readonly Label[];
  readonly generation: number;
  readonly timeout_ms: number;
  readonly idempotency_key: string;
  readonly fs_roots: readonly string[];
  readonly feedback?: readonly string[];
  /** What earlier attempts of this generation recorded, oldest first; left out where there is nothing. */
  readonly checkpoints?: readonly unknown[];
  /** As `params_ref`. `checkpoints` is left out then. */
  readonly checkpoints_ref?: string;
}

/** A value to be kept for later attempts of the same generation. */
export interface CheckpointWords {
  readonly checkpoint: unknown;
  /** Counts from 1 within the attempt, without gaps and in the order sent. */
  readonly n: number;
}

/** `TASK_PROGRESS`: transient progress; or what waits for its `RESULT_ACK`: the wish to begin an effect, or a checkpoint. */
export type TaskProgressPayload = LeaseRef & ({ readonly progress: Progress } | { readonly effect: "begin" } | CheckpointWords);

/** `TASK_RESULT`, `REVIEW_VERDICT`, `PLAN_GRAPH`. */
export interface TaskResultPayload extends LeaseRef {
  readonly output: unknown;
  /** As `params_ref`. */
  readonly output_ref?: string;
  readonly run_ms: number;
}

/** `TASK_ERROR`. */
export interface TaskErrorPayload extends LeaseRef {
  readonly error: WireError;
  readonly run_ms: number;
}

/** `TASK_CANCEL`. */
export interface TaskCancelPayload extends LeaseRef {
  readonly reason: string;
}

/** `RESULT_ACK`: what the engine has made durable. */
export type ResultAckPayload = LeaseRef & ({ readonly of: "result" | "effect" } | { readonly of: "checkpoint"; readonly n: number });

interface Addressed<Type extends string, Payload> {
  readonly type: Type;
  readonly plan_id: string;
  readonly task_id: string;
  /** W3C traceparent. */
  readonly trace?: string;
  readonly payload: Payload;
}

export type RequestType = "TASK_REQUEST" | "REVIEW_REQUEST" | "PLAN_REQUEST";
export type ResultType = "TASK_RESULT" | "REVIEW_VERDICT" | "PLAN_GRAPH";

/** What kCore sends to an agent. */
export type MessageToAgent =
  | Addressed<RequestType, TaskRequestPayload>
  | Addressed<"TASK_CANCEL", TaskCancelPayload>
  | Addressed<"RESULT_ACK", ResultAckPayload>;

/** What an agent sends to kCore. */
export type MessageFromAgent =
  | Addressed<"TASK_PROGRESS", TaskProgressPayload>
  | Addressed<ResultType, TaskResultPayload>
  | Addressed<"TASK_ERROR", TaskErrorPayload>;

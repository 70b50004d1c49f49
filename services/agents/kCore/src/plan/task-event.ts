// Payloads of the events of single tasks and their attempts, as they stand in the log. The whole set is in plan-event.ts.

import type { ArtifactRef, Effect } from "@kos/agent";
import type { WireError } from "@kos/klp";
import type { Label, LabelledValue } from "@kos/plan";

/** A `for_each` task has got its items `task_id[0]` … `task_id[count - 1]`. */
export interface TaskExpanded {
  readonly task_id: string;
  readonly count: number;
  readonly labels: readonly Label[];
}

/** `when` was false. Counts as done; its output is null. */
export interface TaskSkipped {
  readonly task_id: string;
  readonly labels: readonly Label[];
}

export interface TaskDispatched {
  readonly task_id: string;
  /** Counts dispatches from 1. */
  readonly attempt: number;
  readonly generation: number;
  /** `reconcile` asks what happened to an interrupted call; it never repeats it. */
  readonly mode: "run" | "reconcile";
  readonly capability: string;
  readonly version: string;
  readonly agent: string;
  /** The engine that dispatched it; a lease on an agent beside that engine ends with it. */
  readonly engine: string;
  /** The agent lives and dies with the engine (a child process, or beside it). */
  readonly local: boolean;
  readonly lease_token: string;
  readonly lease_expires_at: string;
  readonly timeout_at: string;
  /** hash(capability, version, resolved params). */
  readonly input_hash: string;
  /** Left out where the params hold no reference, so that they are the graph's own. */
  readonly params?: LabelledValue;
  /** Of everything that flowed in. */
  readonly labels: readonly Label[];
  readonly effects: readonly Effect[];
  readonly idempotent: boolean;
  /** How long the other side recognises a repetition, from the generation's first effect on; left out where that is for ever. */
  readonly idempotent_for_ms?: number;
  readonly reconcile: boolean;
  readonly approval_id?: string;
}

interface AttemptRef {
  readonly task_id: string;
  readonly attempt: number;
}

/** Durable before the agent may have an effect. */
export type TaskEffectBegun = AttemptRef;

/** How far the call has come, in its own words; given to the later attempts of the same generation and to nobody else. */
export interface TaskCheckpointed extends AttemptRef {
  /** Counts from 1 within the attempt. */
  readonly n: number;
  /** At most `MAX_CHECKPOINT_BYTES` of canonical JSON. */
  readonly value: unknown;
  readonly envelope_hash?: string;
}

export interface TaskLeaseRenewed extends AttemptRef {
  readonly lease_expires_at: string;
}

/** The agent said that it failed, and there will be another attempt. */
export interface TaskAttemptFailed extends AttemptRef {
  readonly error: WireError;
  readonly retry_at: string;
  readonly envelope_hash?: string;
}

/**
 * The attempt was cut off without an answer and could not have had, or may repeat, its effect: put back. `restart`: its engine ended
 * (does not count as a failure of the task). `not_done`: the other side, when asked, knew nothing of it. `reconcile`: it is asked first.
 */
export interface TaskAttemptLost extends AttemptRef {
  readonly cause: "lease_expired" | "timeout" | "worker_lost" | "restart" | "not_done";
  readonly next: "retry" | "reconcile";
  readonly retry_at: string;
}

export interface TaskSucceeded extends AttemptRef {
  readonly output: LabelledValue;
  readonly output_hash: string;
  /** Length of the output's canonical JSON. */
  readonly output_bytes: number;
  readonly artifacts: readonly ArtifactRef[];
  readonly run_ms?: number;
  readonly envelope_hash?: string;
  /** It came after the attempt had been given up, and settled it. */
  readonly late?: boolean;
}

/** Every item has ended; the output is the list of the items' outputs, which stay where they are. */
export interface TaskJoined {
  readonly task_id: string;
  /** Hash over the items' output hashes, in order. */
  readonly output_hash: string;
  readonly labels: readonly Label[];
}

export interface TaskFailed extends AttemptRef {
  readonly error: WireError;
  readonly envelope_hash?: string;
  /** No attempt lived to give an answer. */
  readonly dead_letter?: DeadLetter;
}

/** A task that lost its worker, or its agent, on every attempt of its generation: it may be what kills them ([R118]). */
export interface DeadLetter {
  readonly capability: string;
  readonly agent: string;
  readonly attempts: number;
  readonly cause: "lease_expired" | "worker_lost" | "restart";
}

/** The agent has been asked to stop; what it says, or its silence, decides. */
export interface TaskCancelRequested {
  readonly task_id: string;
  readonly by: string;
  readonly reason: string;
}

export interface TaskCancelled {
  readonly task_id: string;
  readonly reason: string;
}

/**
 * A call that may or may not have had its effect. Only a late answer or a person settles it. `forgotten`: it could have been repeated, but it
 * is too late for the other side to recognise the repetition.
 */
export interface TaskInDoubt extends AttemptRef {
  readonly cause: "lease_expired" | "timeout" | "worker_lost" | "restart" | "cancelled" | "forgotten" | "unknown";
}

export interface TaskResolved {
  readonly task_id: string;
  readonly outcome: "succeeded" | "failed" | "run_again";
  readonly output?: LabelledValue;
  readonly output_hash?: string;
  readonly output_bytes?: number;
  readonly by: string;
  readonly reason: string;
}

/** A result that settles nothing, kept as a record: at most one per attempt. */
export interface TaskResultIgnored extends AttemptRef {
  readonly why: "newer_attempt" | "already_ended";
  readonly envelope_hash?: string;
}

export interface TaskFallbackStarted {
  readonly task_id: string;
  readonly capability: string;
}

/** Another way to the task's result: from now on this call takes the place of its own, after the steps that were added below it. */
export interface TaskReplanned {
  readonly task_id: string;
  readonly capability: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Subtasks that it waits for. */
  readonly steps: readonly string[];
  /** Capabilities that were tried before. */
  readonly instead_of: readonly string[];
  readonly version: string;
  readonly by: string;
  readonly envelope_hash?: string;
}

/** Labels taken off a value. `schema`: the consumer took only a checked number, boolean or enum member of it. */
export interface ValueDeclassified {
  readonly task_id: string;
  readonly labels: readonly Label[];
  readonly how: "schema" | "person";
  readonly by: string;
  /** As written in the consumer, `${fetch.status}`; only for `schema`. */
  readonly reference?: string;
  readonly reason?: string;
}

export interface TaskTimerSet {
  readonly task_id: string;
  readonly fire_at: string;
  readonly labels: readonly Label[];
  readonly input_hash: string;
  readonly approval_id?: string;
}

export interface TaskTimerFired {
  readonly task_id: string;
}

export interface TaskReused {
  readonly task_id: string;
  readonly from: { readonly plan_id: string; readonly task_id: string };
  readonly key: string;
  readonly output: LabelledValue;
  readonly output_hash: string;
  /** Length of the output's canonical JSON. */
  readonly output_bytes: number;
  readonly artifacts: readonly ArtifactRef[];
}

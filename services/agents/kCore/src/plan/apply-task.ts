// Applies what happens to one task: its attempts, their results, its items and its end.

import { KosError } from "@kos/klp";
import { replaceCall } from "./graph-shape.ts";
import { timeOf } from "./iso-time.ts";
import type { PlanEvent } from "./plan-event.ts";
import { findTask, isDone, type PlanState, type TaskState } from "./plan-state.ts";
import { cancelItems, dropWait, endTask, newReview, newTask, outputOf, setReady, setStatus, touch } from "./task-change.ts";
import type {
  TaskAttemptLost,
  TaskDispatched,
  TaskExpanded,
  TaskInDoubt,
  TaskReplanned,
  TaskResolved,
  TaskSucceeded,
} from "./task-event.ts";
import { NO_LABELS } from "./values.ts";

export function applyTaskEvent(state: PlanState, event: PlanEvent, atMs: number): void {
  const { payload } = event;
  const task = "task_id" in payload && payload.task_id !== undefined ? findTask(state, payload.task_id) : undefined;
  if (task === undefined) throw new KosError("INTERNAL", `The event ${event.type} names a task that plan ${state.planId} does not have.`);
  switch (event.type) {
    case "task.dispatched":
      return dispatched(state, task, event.payload, atMs);
    case "task.succeeded":
      return succeeded(state, task, event.payload, atMs);
    case "task.effect_begun":
      if (task.lease === undefined) return;
      task.lease.effectBegun = true;
      if (task.effectAtMs === 0) task.effectAtMs = atMs;
      // An approval is good for one effect; where the same call does no harm twice, it is good for its generation.
      if (!task.lease.idempotent) task.approval = undefined;
      return;
    case "task.checkpointed":
      if (task.lease === undefined) return;
      task.lease.checkpoints = event.payload.n;
      task.checkpoints ??= [];
      task.checkpoints.push(state.seq);
      return;
    case "task.lease_renewed":
      if (task.lease !== undefined) task.lease.expiresAtMs = timeOf(event.payload.lease_expires_at);
      return touch(state, task);
    case "task.attempt_failed":
      task.failures++;
      task.reconciling = false;
      task.error = event.payload.error;
      forgetEffect(task);
      return setReady(state, task, atMs, timeOf(event.payload.retry_at));
    case "task.attempt_lost":
      return attemptLost(state, task, event.payload, atMs);
    case "task.failed":
      task.error = event.payload.error;
      cancelItems(state, task, atMs);
      return endTask(state, task, "failed", atMs);
    case "task.cancel_requested":
      if (task.lease !== undefined) task.lease.cancelledAtMs = atMs;
      return touch(state, task);
    case "task.cancelled":
      task.error = { code: "CANCELLED", message: event.payload.reason, retryable: false };
      cancelItems(state, task, atMs);
      return endTask(state, task, "cancelled", atMs);
    case "task.in_doubt":
      return inDoubt(state, task, event.payload);
    case "task.resolved":
      return resolved(state, task, event.payload, atMs);
    case "task.result_ignored":
      task.strayAttempt = event.payload.attempt;
      return;
    case "task.expanded":
      return expanded(state, task, event.payload, atMs);
    case "task.joined":
      task.labels = event.payload.labels;
      task.output = outputOf(
        state.seq,
        { labels: event.payload.labels, source: `task:${task.id}` },
        { output_hash: event.payload.output_hash, output_bytes: Number.MAX_SAFE_INTEGER },
      );
      return endTask(state, task, "succeeded", atMs);
    case "task.skipped":
      task.labels = event.payload.labels;
      return endTask(state, task, "skipped", atMs);
    case "task.fallback_started":
      task.review ??= newReview();
      task.review.fallback = true;
      return touch(state, task);
    case "task.replanned":
      return replanned(state, task, event.payload, atMs);
    case "task.timer_set":
      setStatus(state, task, "running");
      task.fireAtMs = timeOf(event.payload.fire_at);
      task.labels = event.payload.labels;
      task.startedAtMs = atMs;
      state.sleeping++;
      return;
    case "task.timer_fired":
      return;
    case "task.reused":
      task.output = outputOf(state.seq, event.payload.output, event.payload);
      task.labels = event.payload.output.labels;
      return endTask(state, task, "succeeded", atMs);
    default:
      throw new KosError("INTERNAL", `The event ${event.type} is not known to this version.`);
  }
}

function dispatched(state: PlanState, task: TaskState, payload: TaskDispatched, atMs: number): void {
  setStatus(state, task, "running");
  task.attempt = payload.attempt;
  task.agent = payload.agent;
  task.generation = payload.generation;
  task.labels = payload.labels;
  task.retryAtMs = 0;
  task.startedAtMs = atMs;
  task.error = undefined;
  task.lease = {
    token: payload.lease_token,
    attempt: payload.attempt,
    mode: payload.mode,
    capability: payload.capability,
    agent: payload.agent,
    engine: payload.engine,
    local: payload.local,
    expiresAtMs: timeOf(payload.lease_expires_at),
    timeoutAtMs: timeOf(payload.timeout_at),
    inputHash: payload.input_hash,
    effects: payload.effects,
    idempotent: payload.idempotent,
    idempotentForMs: payload.idempotent_for_ms,
    reconcile: payload.reconcile,
    // What it asks about has begun.
    effectBegun: payload.mode === "reconcile",
    checkpoints: 0,
    cancelledAtMs: 0,
  };
}

function succeeded(state: PlanState, task: TaskState, payload: TaskSucceeded, atMs: number): void {
  task.output = outputOf(state.seq, payload.output, payload);
  task.labels = payload.output.labels;
  task.error = undefined;
  endTask(state, task, "succeeded", atMs);
}

function attemptLost(state: PlanState, task: TaskState, payload: TaskAttemptLost, atMs: number): void {
  if (payload.cause === "restart") task.interruptions++;
  else task.failures++;
  if (payload.cause === "worker_lost" || payload.cause === "lease_expired") task.losses++;
  if (payload.next === "retry") forgetEffect(task);
  task.reconciling = payload.next === "reconcile";
  setReady(state, task, atMs, timeOf(payload.retry_at));
}

/** What must not happen twice is put back only when it has not happened at all. */
function forgetEffect(task: TaskState): void {
  if (task.lease?.idempotent !== true) task.effectAtMs = 0;
}

const IN_DOUBT: { readonly [Cause in TaskInDoubt["cause"]]?: string } = {
  forgotten:
    "An earlier attempt may have had its effect, and the other side no longer remembers the key by which it would recognise another.",
};

function inDoubt(state: PlanState, task: TaskState, payload: TaskInDoubt): void {
  task.error = {
    code: "IN_DOUBT",
    message: `${IN_DOUBT[payload.cause] ?? `The call was cut off (${payload.cause.replaceAll("_", " ")}) after it may have had its effect.`} Look whether it happened, then settle it with \`kai resolve\`.`,
    retryable: false,
  };
  task.reconciling = false;
  setStatus(state, task, "in_doubt");
}

function resolved(state: PlanState, task: TaskState, payload: TaskResolved, atMs: number): void {
  switch (payload.outcome) {
    case "succeeded":
      if (payload.output !== undefined && payload.output_hash !== undefined) {
        task.output = outputOf(state.seq, payload.output, { output_hash: payload.output_hash, output_bytes: payload.output_bytes ?? 0 });
        task.labels = payload.output.labels;
      }
      task.error = undefined;
      return endTask(state, task, "succeeded", atMs);
    case "failed":
      task.error = { code: "IN_DOUBT", message: `A person settled it as failed: ${payload.reason}`, retryable: false };
      return endTask(state, task, "failed", atMs);
    case "run_again":
      nextGeneration(state, task);
      task.error = undefined;
      return setReady(state, task, atMs, 0);
  }
}

/** Another call, with a key of its own: approvals and late answers of the old one do not count for it. */
export function nextGeneration(state: PlanState, task: TaskState): void {
  task.generation++;
  task.failures = 0;
  task.losses = 0;
  task.reconciling = false;
  task.effectAtMs = 0;
  task.checkpoints = undefined;
  task.lease = undefined;
  dropWait(state, task);
}

/** The same task with another call: a generation of its own, once its steps are done. */
function replanned(state: PlanState, task: TaskState, payload: TaskReplanned, atMs: number): void {
  state.shape = replaceCall(state.shape, task.id, payload.capability, payload.params);
  for (const [position, shape] of state.shape.tasks.entries()) Object.assign(state.tasks[position] ?? {}, { shape });
  const capabilities = { ...state.definition.capabilities, [payload.capability]: payload.version };
  state.definition = { ...state.definition, capabilities };
  if (task.review !== undefined) {
    task.review.id = "";
    task.review.replan = "done";
    task.review.feedback = undefined;
    task.review.feedbackLabels = task.output?.labels ?? NO_LABELS;
  }
  task.output = undefined;
  nextGeneration(state, task);
  task.waiting = task.shape.needs.filter((need) => !isDone(state.tasks[need]?.status ?? "pending")).length;
  if (task.waiting === 0) setReady(state, task, atMs, 0);
  else setStatus(state, task, "pending");
}

function expanded(state: PlanState, task: TaskState, payload: TaskExpanded, atMs: number): void {
  const { forEach } = task.shape;
  const list: TaskState[] = [];
  task.labels = payload.labels;
  for (let item = 0; item < payload.count; item++) list.push(newTask(task.shape, task, item));
  task.items = { list, left: payload.count, next: Math.min(payload.count, forEach?.concurrency ?? payload.count), error: undefined };
  state.counts.pending += payload.count;
  setStatus(state, task, "running");
  task.startedAtMs = atMs;
  for (let item = 0; item < task.items.next; item++) {
    const first = list[item];
    if (first !== undefined) setReady(state, first, atMs, 0);
  }
  if (payload.count === 0) state.joinable.add(task);
}

// The small changes of which applying an event is made up: status with its counters, readiness, endings and what they release.
// Only apply calls them.

import type { WireError } from "@kos/klp";
import type { LabelledValue, TaskStatus } from "@kos/plan";
import type { TaskShape } from "./graph-shape.ts";
import { hasEnded, INLINE_BYTES, isDone, type OutputRef, type PlanState, type ReviewState, type TaskState } from "./plan-state.ts";

export function newTask(shape: TaskShape, parent: TaskState | undefined, item: number): TaskState {
  return {
    id: item < 0 ? shape.task.task_id : `${shape.task.task_id}[${item}]`,
    shape,
    parent,
    item,
    status: "pending",
    waiting: item < 0 ? shape.needs.length : 0,
    attempt: 0,
    generation: 1,
    failures: 0,
    losses: 0,
    interruptions: 0,
    reconciling: false,
    effectAtMs: 0,
    checkpoints: undefined,
    retryAtMs: 0,
    readyAtMs: 0,
    startedAtMs: 0,
    endedAtMs: 0,
    agent: undefined,
    fireAtMs: 0,
    strayAttempt: 0,
    labels: parent?.labels ?? shape.labels,
    lease: undefined,
    output: undefined,
    error: undefined,
    approval: undefined,
    input: undefined,
    review: undefined,
    items: undefined,
    touched: false,
  };
}

export function newReview(): ReviewState {
  return { id: "", round: 0, tries: 0, retryAtMs: 0, fallback: false, replan: "none", feedback: undefined, feedbackLabels: [] };
}

export function touch(state: PlanState, task: TaskState): void {
  if (task.touched) return;
  task.touched = true;
  state.touched.push(task);
}

/** An expanded task is a bracket around its items: they are counted, it is not. */
export function setStatus(state: PlanState, task: TaskState, status: TaskStatus): void {
  if (task.items === undefined || task.status !== "running") state.counts[task.status]--;
  if (task.items === undefined || status !== "running") state.counts[status]++;
  task.status = status;
  touch(state, task);
}

export function setReady(state: PlanState, task: TaskState, atMs: number, retryAtMs: number): void {
  setStatus(state, task, "ready");
  task.readyAtMs = atMs;
  task.retryAtMs = retryAtMs;
}

/** Takes the open wait off the task and its plan. */
export function dropWait(state: PlanState, task: TaskState): void {
  if (task.approval?.status === "open") state.waits.delete(task.approval.id);
  if (task.input !== undefined) state.waits.delete(task.input.id);
  task.approval = undefined;
  task.input = undefined;
}

export function outputOf(
  seq: number,
  output: LabelledValue,
  rest: { readonly output_hash: string; readonly output_bytes: number; readonly artifacts?: OutputRef["artifacts"] },
): OutputRef {
  return {
    hash: rest.output_hash,
    bytes: rest.output_bytes,
    labels: output.labels,
    source: output.source,
    seq,
    value: rest.output_bytes <= INLINE_BYTES ? output.value : undefined,
    blob: output.blob,
    artifacts: rest.artifacts ?? NO_ARTIFACTS,
  };
}

/** The task has come to its end; whoever waits for it, its plan or its siblings, is told. */
export function endTask(state: PlanState, task: TaskState, status: "succeeded" | "skipped" | "failed" | "cancelled", atMs: number): void {
  if (task.fireAtMs > 0) {
    task.fireAtMs = 0;
    state.sleeping--;
  }
  dropWait(state, task);
  state.joinable.delete(task);
  setStatus(state, task, status);
  task.lease = undefined;
  task.retryAtMs = 0;
  task.endedAtMs = atMs;
  task.reconciling = false;
  task.checkpoints = undefined;
  if (task.parent !== undefined) {
    endItem(state, task, task.parent, atMs);
    return;
  }
  state.open--;
  if (isDone(status)) {
    releaseDependents(state, task, atMs);
    return;
  }
  state.halted ??= failureOf(task, task.error);
}

function releaseDependents(state: PlanState, task: TaskState, atMs: number): void {
  for (const position of task.shape.dependents) {
    const dependent = state.tasks[position];
    if (dependent === undefined) continue;
    dependent.waiting--;
    if (dependent.waiting === 0 && dependent.status === "pending") setReady(state, dependent, atMs, 0);
  }
}

function endItem(state: PlanState, item: TaskState, parent: TaskState, atMs: number): void {
  const { items } = parent;
  const { forEach } = parent.shape;
  if (items === undefined || forEach === undefined) return;
  items.left--;
  touch(state, parent);
  if (!isDone(item.status) && forEach.onItemError === "fail") {
    items.error ??= failureOf(item, item.error);
    state.halted ??= items.error;
  }
  const next = items.list[items.next];
  if (next !== undefined) {
    items.next++;
    setReady(state, next, atMs, 0);
  }
  if (items.left === 0 && items.error === undefined) state.joinable.add(parent);
}

/** Open items of a task that ends without them. */
export function cancelItems(state: PlanState, task: TaskState, atMs: number): void {
  for (const item of task.items?.list ?? []) {
    if (hasEnded(item.status)) continue;
    cancelQuietly(state, item, atMs);
  }
}

/** At the end of the plan: nothing is released, for nothing will run. */
export function cancelQuietly(state: PlanState, task: TaskState, atMs: number): void {
  if (task.fireAtMs > 0) {
    task.fireAtMs = 0;
    state.sleeping--;
  }
  dropWait(state, task);
  setStatus(state, task, "cancelled");
  task.lease = undefined;
  task.checkpoints = undefined;
  task.retryAtMs = 0;
  task.endedAtMs = atMs;
  if (task.parent === undefined) state.open--;
}

/** The error as the plan's: it names the task it came from. */
function failureOf(task: TaskState, error: WireError | undefined): WireError {
  const cause = error ?? { code: "CANCELLED" as const, message: `Task ${task.id} was cancelled.`, retryable: false };
  return { ...cause, task_id: task.id };
}

const NO_ARTIFACTS: OutputRef["artifacts"] = [];

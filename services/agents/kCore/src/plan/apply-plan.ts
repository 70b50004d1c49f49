// Applies what happens to a plan as a whole: making, editing, starting, pausing, ending, and tasks added to it.

import { KosError } from "@kos/klp";
import type { TaskStatus } from "@kos/plan";
import type { EventContext } from "./event-context.ts";
import { carryShape, extendShape, type GraphShape, shapeOf } from "./graph-shape.ts";
import { timeOf } from "./iso-time.ts";
import type { PlanChanged, PlanCreated, PlanEvent, PlanFinished, SubtasksAdded } from "./plan-event.ts";
import { hasEnded, type PlanState, type TaskState } from "./plan-state.ts";
import { cancelQuietly, newTask, outputOf, setReady, touch } from "./task-change.ts";

export function createPlanState(payload: PlanCreated, context: EventContext): PlanState {
  const shape = shapeOf(payload.graph, payload.hash);
  const state: PlanState = {
    planId: context.planId,
    tenant: context.tenant,
    seq: 1,
    shape,
    hash: payload.hash,
    definition: payload.definition,
    createdBy: payload.created_by,
    createdAtMs: context.atMs,
    grants: payload.grants,
    needsApproval: payload.approval,
    traceId: payload.trace_id,
    forkedFrom: payload.forked_from?.plan_id,
    schedule: payload.schedule,
    reusable: payload.reusable && new Map(payload.reusable.map(({ key, task_id, seq }) => [key, { taskId: task_id, seq }])),
    idempotency: payload.idempotency && {
      scope: payload.idempotency.scope,
      bodyHash: payload.idempotency.body_hash,
      expiresAtMs: timeOf(payload.idempotency.expires_at),
    },
    phase: "draft",
    paused: false,
    approvedHash: undefined,
    approval: undefined,
    cancelling: undefined,
    halted: undefined,
    finished: undefined,
    output: undefined,
    error: undefined,
    review: undefined,
    input: undefined,
    outputAccepted: false,
    startedAtMs: 0,
    endedAtMs: 0,
    tasks: [],
    open: 0,
    counts: emptyCounts(),
    sleeping: 0,
    waits: new Map(),
    joinable: new Set(),
    touched: [],
  };
  for (const taskShape of shape.tasks) addTask(state, newTask(taskShape, undefined, -1));
  return state;
}

export function applyPlanEvent(state: PlanState, event: PlanEvent, atMs: number): void {
  switch (event.type) {
    case "plan.changed":
      return changed(state, event.payload);
    case "plan.started":
      return started(state, atMs);
    case "plan.paused":
      state.paused = true;
      return;
    case "plan.resumed":
      state.paused = false;
      return;
    case "plan.cancel_requested":
      state.cancelling = { by: event.payload.by, reason: event.payload.reason ?? "", atMs };
      for (const task of runningCalls(state)) {
        if (task.lease !== undefined) task.lease.cancelledAtMs = atMs;
        touch(state, task);
      }
      return;
    case "plan.halted":
      state.halted ??= event.payload.error;
      return;
    case "plan.finished":
      return finished(state, event.payload, atMs);
    case "subtasks.added":
      return subtasksAdded(state, event.payload, atMs);
    default:
      throw new KosError("INTERNAL", `The event ${event.type} is not known to this version.`);
  }
}

function started(state: PlanState, atMs: number): void {
  state.phase = "active";
  state.startedAtMs = atMs;
  for (const task of state.tasks) {
    if (task.status !== "ready") continue;
    task.readyAtMs = atMs;
    touch(state, task);
  }
}

/** Tasks that have begun keep their state; their definition is the same, or the change would have been refused. */
function changed(state: PlanState, payload: PlanChanged): void {
  const shape = carryShape(shapeOf(payload.graph, payload.hash), state.shape);
  const before = new Map(state.tasks.map((task) => [task.id, task]));
  state.shape = shape;
  state.hash = payload.hash;
  state.definition = payload.definition;
  state.approvedHash = undefined;
  state.approval = undefined;
  state.review = undefined;
  state.input = undefined;
  state.output = undefined;
  state.outputAccepted = false;
  state.tasks.length = 0;
  state.open = 0;
  state.sleeping = 0;
  state.waits.clear();
  state.joinable.clear();
  state.touched = [];
  Object.assign(state.counts, emptyCounts());
  for (const taskShape of shape.tasks) addTask(state, carryOver(before.get(taskShape.task.task_id), taskShape));
  for (const task of state.tasks) recount(state, task);
}

function carryOver(old: TaskState | undefined, shape: GraphShape["tasks"][number]): TaskState {
  const fresh = newTask(shape, undefined, -1);
  if (old === undefined || !hasBegun(old)) return fresh;
  const kept: TaskState = { ...old, shape, touched: false };
  if (kept.items !== undefined) {
    const list = kept.items.list.map((item) => ({ ...item, shape, parent: kept, touched: false }));
    kept.items = { ...kept.items, list };
  }
  return kept;
}

/** Whether an edit has to leave the task as it is. */
export function hasBegun(task: TaskState): boolean {
  return task.attempt > 0 || task.items !== undefined || hasEnded(task.status) || task.input !== undefined || task.fireAtMs > 0;
}

/** Counters of a carried over or new task, once all tasks are in place. */
function recount(state: PlanState, task: TaskState): void {
  for (const item of task.items?.list ?? []) recountOne(state, item);
  if (task.items?.left === 0 && task.items.error === undefined && task.status === "running") state.joinable.add(task);
  if (task.status === "pending" || task.status === "ready") {
    task.waiting = task.shape.needs.filter((need) => !isDoneAt(state, need)).length;
    const status = task.waiting === 0 ? "ready" : "pending";
    state.counts[task.status]--;
    state.counts[status]++;
    task.status = status;
  }
  recountOne(state, task);
}

function recountOne(state: PlanState, task: TaskState): void {
  if (task.item >= 0) state.counts[task.status]++;
  if (task.fireAtMs > 0) state.sleeping++;
  // Approvals of the old graph are void: the call is looked at anew.
  task.approval = undefined;
  if (task.status === "waiting_approval") {
    state.counts.waiting_approval--;
    state.counts.ready++;
    task.status = "ready";
  }
  if (task.input !== undefined) state.waits.set(task.input.id, task);
  touch(state, task);
}

function isDoneAt(state: PlanState, position: number): boolean {
  const status = state.tasks[position]?.status;
  return status === "succeeded" || status === "skipped";
}

function finished(state: PlanState, payload: PlanFinished, atMs: number): void {
  for (const task of state.tasks) {
    for (const item of task.items?.list ?? []) if (!hasEnded(item.status)) cancelQuietly(state, item, atMs);
    if (!hasEnded(task.status)) cancelQuietly(state, task, atMs);
  }
  state.phase = "finished";
  state.finished = payload.status;
  state.error = payload.error;
  state.endedAtMs = atMs;
  state.approval = undefined;
  state.input = undefined;
  state.waits.clear();
  if (payload.output !== null && payload.output_hash !== undefined) {
    state.output = outputOf(state.seq, payload.output, { output_hash: payload.output_hash, output_bytes: payload.output_bytes ?? 0 });
  }
}

function subtasksAdded(state: PlanState, payload: SubtasksAdded, atMs: number): void {
  const first = state.shape.tasks.length;
  state.shape = extendShape(
    state.shape,
    payload.tasks.map((task) => ({ task: { ...task, parent_id: payload.parent_id }, depth: payload.depth, labels: payload.labels })),
  );
  state.definition = { ...state.definition, capabilities: { ...state.definition.capabilities, ...payload.capabilities } };
  for (const [position, shape] of state.shape.tasks.entries()) {
    const known = state.tasks[position];
    if (known !== undefined) Object.assign(known, { shape });
    else addTask(state, newTask(shape, undefined, -1));
  }
  for (const [position, task] of state.tasks.entries()) {
    if (position >= first) touch(state, task);
    if (task.status === "ready" && position >= first) task.readyAtMs = atMs;
    if (task.status !== "pending") continue;
    task.waiting = task.shape.needs.filter((need) => !isDoneAt(state, need)).length;
    if (task.waiting === 0) setReady(state, task, atMs, 0);
  }
}

function addTask(state: PlanState, task: TaskState): void {
  if (task.status === "pending" && task.waiting === 0) task.status = "ready";
  state.tasks.push(task);
  if (task.items === undefined || task.status !== "running") state.counts[task.status]++;
  if (!hasEnded(task.status)) state.open++;
}

export function* runningCalls(state: PlanState): Generator<TaskState> {
  for (const task of state.tasks) {
    if (task.items === undefined) {
      if (task.status === "running" && task.lease !== undefined) yield task;
      continue;
    }
    for (const item of task.items.list) if (item.status === "running" && item.lease !== undefined) yield item;
  }
}

function emptyCounts(): Record<TaskStatus, number> {
  return {
    pending: 0,
    ready: 0,
    running: 0,
    waiting_approval: 0,
    waiting_input: 0,
    reviewing: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    cancelled: 0,
    in_doubt: 0,
  };
}

// Decides commands that concern a plan as a whole: submit, start, edit, pause, resume, cancel.

import { canonicalJson, KosError } from "@kos/klp";
import type { BlobRef, PlanGraph } from "@kos/plan";
import { hasBegun, runningCalls } from "./apply-plan.ts";
import { finishEvents } from "./decide-advance.ts";
import { type Actor, conflict, type DecideEnv, event, notFound } from "./decide-env.ts";
import { voidWait, voidWaits } from "./decide-void.ts";
import type { Definition, PlanCreated, PlanEvent } from "./plan-event.ts";
import { findTask, hasEnded, type PlanState, type TaskState } from "./plan-state.ts";

export interface Submission extends PlanCreated {
  readonly start: boolean;
}

/** The graph has been checked. */
export function decideSubmit(submission: Submission, env: DecideEnv): PlanEvent[] {
  const { start, ...created } = submission;
  const events = [event("plan.created", created)];
  if (start) events.push(startEvent(created.hash, created.graph.goal, created.approval, created.created_by, env));
  return events;
}

function startEvent(hash: string, goal: string, needsApproval: boolean, by: string, env: DecideEnv): PlanEvent {
  return needsApproval ? planApproval(hash, goal, env) : event("plan.started", { by });
}

function planApproval(hash: string, goal: string, env: DecideEnv): PlanEvent {
  const title = goal.length <= 300 ? goal : `${goal.slice(0, 297)}...`;
  return event("approval.requested", {
    approval_id: env.newId(),
    kind: "plan",
    digest: hash,
    title,
    reason: "the plan is to be approved before it starts",
  });
}

export function decideStart(state: PlanState, actor: Actor, env: DecideEnv): PlanEvent[] {
  if (state.phase !== "draft") throw conflict(state, `Plan ${state.planId} has been started already.`);
  return [startEvent(state.hash, state.shape.graph.goal, state.needsApproval, actor.id, env)];
}

export interface Change {
  readonly graph: PlanGraph;
  readonly hash: string;
  /** Hash of the graph that the author of the change has seen. */
  readonly baseHash: string;
  readonly definition: Definition;
  /** Where the graph is too large for the log. */
  readonly body?: BlobRef;
}

/** The new graph has been checked. What has begun must stand in it unchanged. */
export function decideChange(state: PlanState, change: Change, actor: Actor, env: DecideEnv): PlanEvent[] {
  const isEditable = state.phase === "draft" || state.phase === "approval" || (state.phase === "active" && state.paused);
  if (!isEditable || state.cancelling !== undefined) {
    throw conflict(
      state,
      `A plan can be changed while it is a draft, waits for its approval or is paused. Pause plan ${state.planId} first.`,
    );
  }
  if (change.baseHash !== state.hash) {
    throw conflict(state, `The plan was changed since: its hash is ${state.hash}. Read it again and repeat the change.`, {
      hash: state.hash,
    });
  }
  refuseChangedBeginnings(state, change.graph);
  const events = [
    ...voidWaitsOfEdit(state),
    event("plan.changed", {
      graph: change.graph,
      hash: change.hash,
      definition: change.definition,
      by: actor.id,
      ...(change.body && { body: change.body }),
    }),
  ];
  if (state.phase === "approval") events.push(planApproval(change.hash, change.graph.goal, env));
  return events;
}

/** Approvals of calls and plan, and what was asked about an output that will be another one now. Questions of tasks stand. */
function voidWaitsOfEdit(state: PlanState): PlanEvent[] {
  return voidWaits(state).filter(
    (entry) => entry.type === "approval.expired" || (entry.type === "input.expired" && entry.payload.task_id === undefined),
  );
}

function refuseChangedBeginnings(state: PlanState, graph: PlanGraph): void {
  const changed = new Map(graph.tasks.map((task) => [task.task_id, task]));
  for (const task of state.tasks) {
    if (!hasBegun(task) || task.shape.depth > 0) continue;
    const now = changed.get(task.id);
    if (now !== undefined && canonicalJson(now) === canonicalJson(task.shape.task)) continue;
    throw conflict(
      state,
      `Task ${task.id} has begun; it cannot be ${now === undefined ? "removed" : "changed"}. Fork the plan to run it again.`,
      { task_id: task.id },
    );
  }
  for (const { task, depth } of state.shape.tasks) {
    if (depth > 0 && changed.has(task.task_id))
      throw conflict(state, `There is already a subtask named ${task.task_id}. Choose another id.`, { task_id: task.task_id });
  }
}

export function decidePause(state: PlanState, actor: Actor, reason: string | undefined): PlanEvent[] {
  if (state.phase !== "active" || state.cancelling !== undefined) throw conflict(state, `Only a plan that runs can be paused.`);
  return state.paused ? [] : [event("plan.paused", { by: actor.id, ...(reason !== undefined && { reason }) })];
}

/** After an edit of a plan that needs approval the new hash has to be approved before it goes on. */
export function decideResume(state: PlanState, actor: Actor, reason: string | undefined, env: DecideEnv): PlanEvent[] {
  if (state.phase !== "active" || !state.paused) throw conflict(state, `Only a paused plan can be resumed.`);
  if (state.needsApproval && state.approvedHash !== state.hash) {
    return state.approval?.status === "open" ? [] : [planApproval(state.hash, state.shape.graph.goal, env)];
  }
  return [event("plan.resumed", { by: actor.id, ...(reason !== undefined && { reason }) })];
}

/** Calls that had no effect yet end at once; the others are asked to stop and have the grace period to answer. */
export function decideCancel(state: PlanState, actor: Actor, reason: string | undefined): PlanEvent[] {
  if (state.phase === "finished") throw conflict(state, `Plan ${state.planId} has ended already.`);
  if (state.cancelling !== undefined) return [];
  const why = reason ?? "cancelled on request";
  const events: PlanEvent[] = [event("plan.cancel_requested", { by: actor.id, reason: why })];
  if (state.phase !== "active") return [...events, ...finishEvents(state, "cancelled", cancelError(why))];
  for (const task of runningCalls(state)) if (!mayHaveEffect(task)) events.push(event("task.cancelled", { task_id: task.id, reason: why }));
  return events;
}

function cancelError(reason: string): { readonly code: "CANCELLED"; readonly message: string; readonly retryable: false } {
  return { code: "CANCELLED", message: `The plan was cancelled: ${reason}.`, retryable: false };
}

function mayHaveEffect(task: TaskState): boolean {
  return task.lease !== undefined && task.lease.effectBegun && !task.lease.idempotent;
}

/** One task; whatever needs its output cannot run any more, so the plan fails unless the task is an item that may be skipped. */
export function decideCancelTask(state: PlanState, taskId: string, actor: Actor, reason: string | undefined): PlanEvent[] {
  const task = findTask(state, taskId);
  if (task === undefined) throw notFound(state, `task ${taskId}`);
  if (state.phase !== "active") throw conflict(state, `Only tasks of a plan that runs can be cancelled.`);
  if (hasEnded(task.status)) throw conflict(state, `Task ${taskId} has ended already.`, { status: task.status });
  if (task.status === "in_doubt")
    throw new KosError("IN_DOUBT", `Task ${taskId} is in doubt; settle it with \`kai resolve\`.`, { taskId, planId: state.planId });
  if (task.reconciling)
    throw conflict(state, `The other side is being asked what became of task ${taskId}. Cancel it once that is known.`, {
      task_id: taskId,
    });
  if (task.items?.list.some((item) => !hasEnded(item.status) && (mayHaveEffect(item) || item.status === "in_doubt" || item.reconciling))) {
    throw conflict(state, `Items of ${taskId} may have had effects; cancel the plan, or the items one by one.`, { task_id: taskId });
  }
  const why = reason ?? "cancelled on request";
  if (task.status === "running" && mayHaveEffect(task)) {
    return [event("task.cancel_requested", { task_id: taskId, by: actor.id, reason: why })];
  }
  const items = task.items?.list ?? [];
  const running = items
    .filter((item) => item.status === "running")
    .map((item) => event("task.cancelled", { task_id: item.id, reason: why }));
  return [...[task, ...items].flatMap(voidWait), ...running, event("task.cancelled", { task_id: taskId, reason: why })];
}

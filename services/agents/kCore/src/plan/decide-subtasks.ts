// Decides work that a running task adds to its plan: inside its rights, labels, budget and depth ([R106]).

import { canonicalJson, KosError } from "@kos/klp";
import type { CapabilityCatalogue, Label, Task } from "@kos/plan";
import { checkSubtasks, findingsError, joinLabels } from "@kos/plan";
import { type Actor, conflict, type DecideEnv, event, notFound } from "./decide-env.ts";
import type { PlanEvent } from "./plan-event.ts";
import { findTask, type PlanState } from "./plan-state.ts";
import { labelsOfTask } from "./values.ts";

/** How deep subtasks may lie below a task of the plan. */
const MAX_SUBTASK_DEPTH = 8;

export interface SubtaskWish {
  readonly parentId: string;
  readonly tasks: readonly Task[];
}

/** The same tasks added again are there already. Errors: NOT_FOUND, CONFLICT, FORBIDDEN or BAD_REQUEST with `details.findings`. */
export function decideSubtasks(
  state: PlanState,
  wish: SubtaskWish,
  actor: Actor,
  catalogue: CapabilityCatalogue,
  env: DecideEnv,
): PlanEvent[] {
  const parent = findTask(state, wish.parentId);
  if (parent === undefined) throw notFound(state, `task ${wish.parentId}`);
  if (wish.tasks.length === 0) throw new KosError("BAD_REQUEST", "There are no tasks to add.", { planId: state.planId });
  if (wish.tasks.every((task) => isAddedAlready(state, wish.parentId, task))) return [];
  if (state.phase !== "active" || state.halted !== undefined || state.cancelling !== undefined || parent.status !== "running") {
    throw conflict(state, `Work can be added only below a task that runs; ${wish.parentId} is ${parent.status}.`);
  }
  const labels = new Map<string, readonly Label[]>();
  for (const task of state.tasks) {
    const known = labelsOfTask(task);
    if (known.length > 0) labels.set(task.id, known);
  }
  const parentLabels = joinLabels(parent.labels, env.offer(parent.shape.call.capability)?.description.output_labels ?? []);
  const request = {
    tasks: state.shape.tasks.map((shape) => shape.task),
    parentId: parent.shape.task.task_id,
    added: wish.tasks,
    parentLabels,
    labels,
  };
  const check = checkSubtasks(request, catalogue, {
    limits: { maxSubtaskDepth: MAX_SUBTASK_DEPTH, maxTasks: env.planTasks },
    policy: env.policy,
  });
  const error = findingsError(check.findings);
  if (error !== undefined) throw error;
  const capabilities: Record<string, string> = {};
  for (const { capability, review } of check.tasks) {
    for (const name of [capability, review?.fallback?.capability]) {
      if (name !== undefined) capabilities[name] = env.offer(name)?.version ?? "";
    }
  }
  return [
    event("subtasks.added", {
      parent_id: parent.shape.task.task_id,
      tasks: check.tasks,
      depth: parent.shape.depth + 1,
      labels: parentLabels,
      capabilities,
      by: actor.id,
    }),
  ];
}

function isAddedAlready(state: PlanState, parentId: string, task: Task): boolean {
  const known = findTask(state, task.task_id);
  if (known === undefined || known.shape.task.parent_id !== parentId || known.shape.depth === 0) return false;
  return canonicalJson({ ...task, parent_id: parentId }) === canonicalJson(known.shape.task);
}

// Decides what becomes of another way to a task's result, once the planner has found one: steps below the task, and the call that takes the
// place of its own. Asked for once a task, inside its rights, labels and depth like every subtask ([R106]).

import type { CapabilityCatalogue, Label, Task } from "@kos/plan";
import { checkSubtasks, findingsError, joinLabels, referencesIn } from "@kos/plan";
import { type DecideEnv, event } from "./decide-env.ts";
import type { PlanEvent } from "./plan-event.ts";
import type { PlanState, TaskState } from "./plan-state.ts";
import { labelsOfTask } from "./values.ts";

/** The capability that planners offer. */
export const REPLAN_CAPABILITY = "plan.alternative";
/** As for subtasks. */
const MAX_DEPTH = 8;
const MAX_CHARS = 262_144;

/** What the planner answers: tasks to add, and the call that gives what the task was to give. */
export interface AnotherWay {
  readonly capability: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly steps: readonly Task[];
}

/** Where it has been asked for already, nobody can be asked, or only an item of a task is at stake, a person decides. */
export function mayReplan(task: TaskState | undefined, env: DecideEnv): boolean {
  if (task === undefined || task.parent !== undefined || task.review === undefined) return false;
  return task.review.replan === "none" && env.offer(REPLAN_CAPABILITY) !== undefined;
}

/** Capabilities that were tried for the task. */
function triedCapabilities({ shape, review }: TaskState): readonly string[] {
  return [shape.call.capability, ...(review?.fallback === true && shape.fallback ? [shape.fallback.capability] : [])];
}

/** What `plan.alternative` is asked. */
export function replanParams(state: PlanState, task: TaskState): unknown {
  const { capability, params } = task.shape.call;
  return { capability, params, without: triedCapabilities(task), members: membersRead(state, task), prefix: stepPrefix(task) };
}

/** Members of its output that the rest of the plan refers to. */
function membersRead({ shape }: PlanState, task: TaskState): readonly string[] {
  const references = [
    ...referencesIn(shape.graph.output),
    ...shape.tasks.flatMap(({ call, fallback, alternative, forEach }) => [
      ...(alternative ?? call).references,
      ...(fallback?.references ?? []),
      ...(forEach === undefined ? [] : referencesIn(forEach.items)),
    ]),
  ];
  const own = references.filter(({ name }) => name === task.shape.task.task_id);
  return [...new Set(own.flatMap(({ path: [first] }) => (typeof first === "string" ? first : [])))].sort();
}

/** Ids of steps begin with it. */
function stepPrefix(task: TaskState): string {
  return `${task.shape.task.task_id.slice(0, 30)}_alt_`;
}

/** The events, or the words of why this way cannot be gone. */
export function decideAnotherWay(
  state: PlanState,
  task: TaskState,
  way: AnotherWay,
  catalogue: CapabilityCatalogue,
  env: DecideEnv,
  envelopeHash: string | undefined,
): PlanEvent[] | { readonly refused: string } {
  const { task_id: taskId } = task.shape.task;
  const tried = triedCapabilities(task);
  if (tried.includes(way.capability)) return { refused: `${way.capability} has been tried` };
  if (JSON.stringify(way).length > MAX_CHARS) return { refused: "it is too large" };
  // Looked at like a step, so that its rights, references and types are those of a subtask.
  const call: Task = { task_id: `${stepPrefix(task)}call`, title: taskId, capability: way.capability, params: way.params, depends_on: [] };
  const labels = joinLabels(task.labels, env.offer(task.shape.call.capability)?.description.output_labels ?? []);
  const known = new Map<string, readonly Label[]>(state.tasks.map((other) => [other.id, labelsOfTask(other)]));
  const request = {
    tasks: state.shape.tasks.map((shape) => shape.task),
    parentId: taskId,
    added: [...way.steps, call],
    parentLabels: labels,
    labels: known,
  };
  const check = checkSubtasks(request, catalogue, { limits: { maxSubtaskDepth: MAX_DEPTH, maxTasks: env.planTasks }, policy: env.policy });
  const error = findingsError(check.findings);
  if (error !== undefined) return { refused: error.message };
  const steps = check.tasks.slice(0, -1);
  const version = (name: string) => env.offer(name)?.version ?? "";
  const added = event("subtasks.added", {
    parent_id: taskId,
    tasks: steps,
    depth: task.shape.depth + 1,
    labels,
    capabilities: Object.fromEntries(steps.map(({ capability }) => [capability, version(capability)])),
    by: "kPlanner",
  });
  const replanned = event("task.replanned", {
    task_id: taskId,
    capability: way.capability,
    params: way.params,
    steps: steps.map((step) => step.task_id),
    instead_of: tried,
    version: version(way.capability),
    by: "kPlanner",
    ...(envelopeHash !== undefined && { envelope_hash: envelopeHash }),
  });
  return steps.length === 0 ? [replanned] : [added, replanned];
}

// The first part of the check: size, depth and the shape of the document. Sound tasks go on to the rest even if others are not.

import type { CheckReport } from "./check-report.ts";
import { childPath, ROOT_PATH } from "./json-path.ts";
import { jsonChars, MAX_JSON_DEPTH } from "./json-size.ts";
import type { PlanGraph, Task } from "./plan.ts";
import { PlanGraphSchema, TaskSchema } from "./plan.ts";
import { fitsSchema, schemaProblems } from "./schema-problems.ts";

export interface SoundPlan {
  /** The graph; its `tasks` may hold unsound ones, `tasks` below does not. */
  readonly graph: PlanGraph;
  readonly tasks: readonly { readonly task: Task; readonly at: string }[];
}

interface ShapeLimits {
  readonly maxTasks: number;
  readonly maxDocumentChars: number;
}

const TASKS_AT = childPath(ROOT_PATH, "tasks");
/** Stands for the tasks while the rest of the document is looked at. */
const ANY_TASK: Task = { task_id: "task", title: "", capability: "any.task", params: {}, depends_on: [] };

/** Undefined when so little fits that nothing more can be said. */
export function checkShape(graph: unknown, limits: ShapeLimits, report: CheckReport): SoundPlan | undefined {
  const chars = jsonChars(graph, limits.maxDocumentChars);
  if (chars === Number.POSITIVE_INFINITY) {
    report.add("TOO_LARGE", ROOT_PATH, `the plan is nested deeper than ${MAX_JSON_DEPTH}.`, "Flatten it.");
    return undefined;
  }
  if (chars > limits.maxDocumentChars) {
    report.add(
      "TOO_LARGE",
      ROOT_PATH,
      `the plan has more than ${limits.maxDocumentChars} characters.`,
      "Use for_each, or store large values as artifacts.",
    );
    return undefined;
  }
  const count = taskCount(graph);
  if (count > limits.maxTasks) {
    report.add(
      "TOO_LARGE",
      TASKS_AT,
      `the plan has ${count} tasks; at most ${limits.maxTasks} are allowed.`,
      "Use for_each instead of many like tasks.",
    );
    return undefined;
  }
  if (fitsSchema(PlanGraphSchema, graph)) {
    const sound = graph as PlanGraph;
    return { graph: sound, tasks: sound.tasks.map((task, position) => ({ task, at: childPath(TASKS_AT, position) })) };
  }
  return explainShape(graph, report);
}

function explainShape(graph: unknown, report: CheckReport): SoundPlan | undefined {
  if (typeof graph !== "object" || graph === null || !("tasks" in graph) || !Array.isArray(graph.tasks) || graph.tasks.length === 0) {
    for (const problem of schemaProblems(PlanGraphSchema, graph, ROOT_PATH))
      report.add("SHAPE", problem.path, problem.message, problem.hint);
    return undefined;
  }
  const rest = schemaProblems(PlanGraphSchema, { ...graph, tasks: [ANY_TASK] }, ROOT_PATH);
  for (const problem of rest) report.add("SHAPE", problem.path, problem.message, problem.hint);
  const tasks = graph.tasks.flatMap((task: unknown, position: number) => checkTaskShape(task, childPath(TASKS_AT, position), report));
  return rest.length === 0 ? { graph: graph as unknown as PlanGraph, tasks } : { graph: { ...EMPTY_GRAPH }, tasks };
}

/** Stands for a document whose own fields cannot be read. */
const EMPTY_GRAPH: PlanGraph = { goal: "", strategy: "explicit", tasks: [], output: null };

/** The task when it is sound, nothing and its problems when not. */
export function checkTaskShape(task: unknown, at: string, report: CheckReport): readonly { readonly task: Task; readonly at: string }[] {
  if (fitsSchema(TaskSchema, task)) return [{ task: task as Task, at }];
  const id = typeof task === "object" && task !== null && "task_id" in task && typeof task.task_id === "string" ? task.task_id : undefined;
  for (const problem of schemaProblems(TaskSchema, task, at)) {
    report.add("SHAPE", problem.path, problem.message, problem.hint, id === undefined ? {} : { taskId: id });
  }
  return [];
}

function taskCount(graph: unknown): number {
  return typeof graph === "object" && graph !== null && "tasks" in graph && Array.isArray(graph.tasks) ? graph.tasks.length : 0;
}

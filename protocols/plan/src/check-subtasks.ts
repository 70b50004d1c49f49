// The check of tasks that are added to a running plan below one of its tasks: they stay inside the parent's rights, labels and depth.

import type { CapabilityCatalogue } from "./capability-shape.ts";
import type { CheckOptions, PlanCheck } from "./check-plan.ts";
import { checkTask, nameTasks, reportCycle } from "./check-plan.ts";
import { createCheckReport } from "./check-report.ts";
import type { CheckScope } from "./check-scope.ts";
import { DEFAULT_PLAN_LIMITS } from "./check-scope.ts";
import { checkTaskShape } from "./check-shape.ts";
import { dependenciesOf, orderTasks } from "./dependencies.ts";
import { childPath, ROOT_PATH } from "./json-path.ts";
import { jsonChars } from "./json-size.ts";
import type { Label } from "./label.ts";
import { joinLabels } from "./label.ts";
import { DEFAULT_FLOW_POLICY } from "./label-flow.ts";
import { foreseeFlow } from "./label-forecast.ts";
import type { Task } from "./plan.ts";
import type { TaskReading } from "./task-reading.ts";
import { dependenciesFrom, readTask } from "./task-reading.ts";
import { createViews } from "./value-view.ts";

export interface SubtaskRequest {
  /** The running plan's tasks, earlier subtasks among them. */
  readonly tasks: readonly Task[];
  readonly parentId: string;
  /** As they came in. */
  readonly added: readonly unknown[];
  /** Labels of the parent's inputs and of its agent: everything the added tasks hold literally may stem from there. */
  readonly parentLabels: readonly Label[];
  /** Known labels of outputs of the plan's tasks, by id. */
  readonly labels: ReadonlyMap<string, readonly Label[]>;
}

export interface SubtaskCheck extends PlanCheck {
  /** The sound ones among the added tasks, `parent_id` filled in. */
  readonly tasks: readonly Task[];
}

/** Paths in the findings start at `$.tasks[i]`, the i-th added task. Nothing is thrown for bad tasks. */
export function checkSubtasks(request: SubtaskRequest, catalogue: CapabilityCatalogue, options: CheckOptions = {}): SubtaskCheck {
  const report = createCheckReport();
  const limits = { ...DEFAULT_PLAN_LIMITS, ...options.limits };
  const existing = new Map(request.tasks.map((task) => [task.task_id, task] as const));
  const nothing = (): SubtaskCheck => ({ findings: report.finish(), approvals: {}, tasks: [] });

  const ancestors = ancestorsOf(request.parentId, existing);
  const parent = existing.get(request.parentId);
  if (parent === undefined) {
    report.add(
      "UNKNOWN_TASK",
      ROOT_PATH,
      `there is no task "${request.parentId}" to add to.`,
      "Name a running task of the plan as parent.",
    );
    return nothing();
  }
  if (ancestors.length > limits.maxSubtaskDepth) {
    const message = `"${request.parentId}" is a subtask at depth ${ancestors.length - 1}; at most ${limits.maxSubtaskDepth} are allowed.`;
    report.add("TOO_DEEP", ROOT_PATH, message, "Add the tasks to a task further up.");
    return nothing();
  }
  const chars = jsonChars(request.added, limits.maxDocumentChars);
  if (request.tasks.length + request.added.length > limits.maxTasks || chars > limits.maxDocumentChars) {
    report.add(
      "TOO_LARGE",
      ROOT_PATH,
      `with these the plan has more than ${limits.maxTasks} tasks, or they are too large.`,
      "Use for_each.",
    );
    return nothing();
  }

  const placed = request.added
    .flatMap((task, position) => checkTaskShape(task, childPath(childPath(ROOT_PATH, "tasks"), position), report))
    .map(({ task, at }) => ({ task: { ...task, parent_id: task.parent_id ?? request.parentId }, at }));
  const tasks = nameTasks(placed, report, existing);
  const scope: CheckScope = {
    report,
    catalogue,
    limits,
    policy: options.policy ?? DEFAULT_FLOW_POLICY,
    tasks,
    viewOf: createViews(tasks, catalogue),
  };
  const readings = placed.map(({ task, at }) => readTask(task, at, report));
  for (const reading of readings) {
    checkTask(reading, scope);
    checkRights(reading, parent, scope);
  }
  const order = orderBelow(readings, existing, ancestors, scope);
  const fixed = joinLabels(request.parentLabels);
  const approvals = order === undefined ? {} : foreseeFlow(order, fixed, scope, request.labels);
  return { findings: report.finish(), approvals, tasks: placed.map(({ task }) => task) };
}

/** The parent, its parent and so on. A circle of parents, which the check of the plan refuses, ends the walk. */
function ancestorsOf(parentId: string, tasks: ReadonlyMap<string, Task>): readonly string[] {
  const chain: string[] = [];
  let current: string | undefined = parentId;
  while (current !== undefined && !chain.includes(current)) {
    chain.push(current);
    current = tasks.get(current)?.parent_id;
  }
  return chain;
}

/** An added call can have no effect that the parent's capability does not have ([R106]). */
function checkRights(reading: TaskReading, parent: Task, scope: CheckScope): void {
  const { task, at } = reading;
  const options = { taskId: task.task_id };
  if (task.parent_id !== parent.task_id) {
    report(`its parent is "${task.parent_id ?? ""}", not "${parent.task_id}".`, childPath(at, "parent_id"), "Leave parent_id out.");
  }
  const rights = new Set(scope.catalogue.get(parent.capability)?.effects ?? []);
  for (const name of [task.capability, ...(task.review?.fallback === undefined ? [] : [task.review.fallback.capability])]) {
    const beyond = (scope.catalogue.get(name)?.effects ?? []).filter((effect) => !rights.has(effect));
    if (beyond.length === 0) continue;
    const held = rights.size === 0 ? "has no effects" : `has only ${[...rights].join(", ")}`;
    report(
      `${name} has the effects ${beyond.join(", ")}; the parent's ${parent.capability} ${held}.`,
      childPath(at, "capability"),
      "Put it into the plan itself.",
    );
  }

  function report(message: string, path: string, hint: string): void {
    scope.report.add("RIGHTS_EXCEEDED", path, message, hint, options);
  }
}

/** A parent ends after its subtasks, so nothing below it may wait for it, nor for a task that waits for it. */
function orderBelow(
  readings: readonly TaskReading[],
  existing: ReadonlyMap<string, Task>,
  ancestors: readonly string[],
  scope: CheckScope,
): readonly TaskReading[] | undefined {
  const byName = new Map(readings.map((reading) => [reading.task.task_id, reading] as const));
  const dependencies = new Map([...byName].map(([name, reading]) => [name, dependenciesFrom(reading)] as const));
  const result = orderTasks(dependencies);
  if (!("order" in result)) {
    reportCycle(result.cycle, byName, scope.report);
    return undefined;
  }
  for (const reading of readings) {
    const waitsFor = reachedAncestor(dependencies.get(reading.task.task_id) ?? [], existing, ancestors);
    if (waitsFor === undefined) continue;
    const message = `"${reading.task.task_id}" waits for "${waitsFor}", which itself waits for its subtasks.`;
    scope.report.add("CYCLE", reading.at, message, "Pass the value literally instead.", { taskId: reading.task.task_id });
    return undefined;
  }
  return result.order.flatMap((name) => byName.get(name) ?? []);
}

function reachedAncestor(start: readonly string[], existing: ReadonlyMap<string, Task>, ancestors: readonly string[]): string | undefined {
  const seen = new Set<string>();
  const open = [...start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (ancestors.includes(name)) return name;
    const task = existing.get(name);
    if (task === undefined || seen.has(name)) continue;
    seen.add(name);
    open.push(...dependenciesOf(task));
  }
  return undefined;
}

// THE static check of a plan: everything that can be known before it runs, all findings at once. Pure and linear in the plan's size.

import { isAgentId } from "@kos/klp";
import type { CapabilityCatalogue, CapabilityShape } from "./capability-shape.ts";
import type { CheckReport } from "./check-report.ts";
import { createCheckReport } from "./check-report.ts";
import type { CheckScope, PlanLimits } from "./check-scope.ts";
import { DEFAULT_PLAN_LIMITS, nearTask } from "./check-scope.ts";
import { checkShape } from "./check-shape.ts";
import { isReservedName, orderTasks, RESERVED_NAMES } from "./dependencies.ts";
import type { Finding } from "./finding.ts";
import { childPath, ROOT_PATH } from "./json-path.ts";
import { jsonChars } from "./json-size.ts";
import type { FlowPolicy } from "./label-flow.ts";
import { DEFAULT_FLOW_POLICY } from "./label-flow.ts";
import { foreseeFlow } from "./label-forecast.ts";
import { checkNames } from "./name-check.ts";
import { nearestName } from "./nearest-name.ts";
import { checkParams } from "./params-check.ts";
import type { PlanGraph, Task } from "./plan.ts";
import type { PlacedReference } from "./reference.ts";
import { referencesIn } from "./reference.ts";
import type { TaskReading } from "./task-reading.ts";
import { dependenciesFrom, readCriteria, readTask } from "./task-reading.ts";
import { createViews } from "./value-view.ts";

export interface CheckOptions {
  readonly limits?: Partial<PlanLimits>;
  readonly policy?: FlowPolicy;
}

export interface PlanCheck {
  /** In document order as far as that makes sense; a plan without `error` among them may run. */
  readonly findings: readonly Finding[];
  /** Tasks that need a person's approval for each call because of where labelled values flow: task id to reason. */
  readonly approvals: Readonly<Record<string, string>>;
}

/** Checks a graph as it came in, whatever it is. See SPEC.md for the rules; nothing is thrown for a bad plan. */
export function checkPlan(graph: unknown, catalogue: CapabilityCatalogue, options: CheckOptions = {}): PlanCheck {
  const report = createCheckReport();
  const limits = { ...DEFAULT_PLAN_LIMITS, ...options.limits };
  const sound = checkShape(graph, limits, report);
  if (sound === undefined) return { findings: report.finish(), approvals: {} };

  const tasks = nameTasks(sound.tasks, report);
  const scope: CheckScope = {
    report,
    catalogue,
    limits,
    policy: options.policy ?? DEFAULT_FLOW_POLICY,
    tasks,
    viewOf: createViews(tasks, catalogue),
  };
  const readings = sound.tasks.map(({ task, at }) => readTask(task, at, report));
  for (const reading of readings) checkTask(reading, scope);
  checkEnds(sound.graph, scope);
  const order = checkOrder(readings, scope);
  const approvals = order === undefined ? {} : foreseeFlow(order, sound.graph.labels ?? [], scope);
  return { findings: report.finish(), approvals };
}

interface PlacedTask {
  readonly task: Task;
  readonly at: string;
}

/** Ids are unique and not taken by something else. The first task of a name is the one that references mean. */
export function nameTasks(
  placed: readonly PlacedTask[],
  report: CheckReport,
  known: ReadonlyMap<string, Task> = new Map(),
): ReadonlyMap<string, Task> {
  const tasks = new Map(known);
  for (const { task, at } of placed) {
    const idAt = childPath(at, "task_id");
    const options = { taskId: task.task_id };
    if (isReservedName(task.task_id)) {
      report.add(
        "RESERVED_NAME",
        idAt,
        `"${task.task_id}" is a reserved name (${RESERVED_NAMES.join(", ")}).`,
        "Choose another id.",
        options,
      );
    }
    if (tasks.has(task.task_id))
      report.add("DUPLICATE_ID", idAt, `there is already a task "${task.task_id}".`, "Give every task its own id.", options);
    else tasks.set(task.task_id, task);
  }
  return tasks;
}

/** Everything about one task that does not depend on the order of tasks. */
export function checkTask(reading: TaskReading, scope: CheckScope): void {
  const { task, at } = reading;
  const { report } = scope;
  const options = { taskId: task.task_id };
  if (task.agent !== undefined && !isAgentId(task.agent)) {
    report.add(
      "SHAPE",
      childPath(at, "agent"),
      `"${task.agent}" is not an agent's address.`,
      "Write kClass:name, like kExecutor:main.",
      options,
    );
  }
  if (task.parent_id !== undefined && (task.parent_id === task.task_id || !scope.tasks.has(task.parent_id))) {
    report.add(
      "UNKNOWN_TASK",
      childPath(at, "parent_id"),
      `there is no other task "${task.parent_id}".`,
      nearTask(task.parent_id, scope),
      options,
    );
  }
  if (jsonChars(task.params, scope.limits.maxParamsChars) > scope.limits.maxParamsChars) {
    const hint = "Store the value as an artifact and pass its reference.";
    report.add("TOO_LARGE", childPath(at, "params"), `the params have more than ${scope.limits.maxParamsChars} characters.`, hint, options);
    return;
  }
  checkNames(reading, scope);
  checkCall(task, reading.params, at, reading, scope);
  const fallback = task.review?.fallback;
  if (fallback !== undefined) checkCall(fallback, reading.fallback, childPath(childPath(at, "review"), "fallback"), reading, scope);
}

/** The task's own call, or its fallback's. */
function checkCall(
  { capability: name, params }: Pick<Task, "capability" | "params">,
  references: readonly PlacedReference[],
  at: string,
  reading: TaskReading,
  scope: CheckScope,
): void {
  const taskId = reading.task.task_id;
  const capability = knownCapability(name, at, taskId, scope);
  if (capability === undefined || reading.isMalformed) return;
  const viewOf = (reference: PlacedReference) => scope.viewOf(reference, reading.forEach);
  checkParams({ params, references, at: childPath(at, "params"), taskId, capability, viewOf }, scope.report);
}

function knownCapability(name: string, callAt: string, taskId: string, scope: CheckScope): CapabilityShape | undefined {
  const capability = scope.catalogue.get(name);
  if (capability !== undefined) return capability;
  const at = childPath(callAt, "capability");
  const near = nearestName(name, scope.catalogue.keys());
  const hint = near === undefined ? "See what there is with: kai capabilities." : `Did you mean "${near}"?`;
  scope.report.add("UNKNOWN_CAPABILITY", at, `no agent offers "${name}".`, hint, { taskId });
  return undefined;
}

/** What the plan gives back, and what is said about it. */
function checkEnds(graph: PlanGraph, scope: CheckScope): void {
  const { report } = scope;
  const outputAt = childPath(ROOT_PATH, "output");
  const hint = "Write ${task_id.field}, or $${ for a literal ${.";
  const references = report.attempt("BAD_REFERENCE", outputAt, hint, undefined, () => referencesIn(graph.output, outputAt)) ?? [];
  const expressions = readCriteria(graph.criteria ?? [], childPath(ROOT_PATH, "criteria"), report);
  checkNames({ output: references, expressions }, scope);
}

/** The readings in an order that respects dependencies; undefined, with a finding, when they go round in a circle. */
function checkOrder(readings: readonly TaskReading[], scope: CheckScope): readonly TaskReading[] | undefined {
  const byName = new Map<string, TaskReading>();
  for (const reading of readings) if (!byName.has(reading.task.task_id)) byName.set(reading.task.task_id, reading);
  const dependencies = new Map<string, readonly string[]>();
  for (const [name, reading] of byName) dependencies.set(name, dependenciesFrom(reading));
  const result = orderTasks(dependencies);
  if ("order" in result) return result.order.flatMap((name) => byName.get(name) ?? []);
  reportCycle(result.cycle, byName, scope.report);
  return undefined;
}

export function reportCycle(cycle: readonly string[], byName: ReadonlyMap<string, TaskReading>, report: CheckReport): void {
  const [first = ""] = cycle;
  const options = { taskId: first };
  const at = byName.get(first)?.at ?? ROOT_PATH;
  if (cycle.length === 1) {
    report.add("CYCLE", at, `"${first}" waits for itself.`, 'In a criterion the task\'s own result is called "output".', options);
    return;
  }
  const shown = cycle.length > 8 ? [...cycle.slice(0, 7), "…"] : cycle;
  report.add(
    "CYCLE",
    at,
    `tasks wait for each other in a circle: ${[...shown, first].join(" → ")}.`,
    "Remove one of these dependencies.",
    options,
  );
}

// Which names a reference or an expression may use where, and whether the path behind a name can exist.

import type { CheckScope } from "./check-scope.ts";
import { nearTask } from "./check-scope.ts";
import { forEachItems } from "./dependencies.ts";
import { childPath } from "./json-path.ts";
import { nearestName } from "./nearest-name.ts";
import type { Task } from "./plan.ts";
import type { PlacedReference } from "./reference.ts";
import type { SchemaView } from "./schema-view.ts";
import { stepInto, typesAt } from "./schema-view.ts";
import type { PlacedExpression, TaskReading } from "./task-reading.ts";
import { forEachPath } from "./task-reading.ts";

/** The plan's own output and criteria: no task is around them. */
export interface EndReading {
  readonly output: readonly PlacedReference[];
  readonly expressions: readonly PlacedExpression[];
}

const ITEM_NAMES = ["item", "index"] as const;

export function checkNames(reading: TaskReading | EndReading, scope: CheckScope): void {
  if ("output" in reading) {
    for (const reference of reading.output) checkReference(reference, [], undefined, scope);
    for (const placed of reading.expressions) checkExpression(placed, ["output"], undefined, scope);
    return;
  }
  const { task } = reading;
  const items = task.for_each === undefined ? [] : ITEM_NAMES;
  for (const name of task.depends_on) {
    if (!scope.tasks.has(name))
      unknownName(name, childPath(childPath(reading.at, "depends_on"), task.depends_on.indexOf(name)), task, scope);
  }
  for (const reference of reading.params) checkReference(reference, items, reading, scope);
  for (const reference of reading.fallback) checkReference(reference, items, reading, scope);
  for (const placed of reading.expressions)
    checkExpression(placed, placed.kind === "when" ? [] : ["output", "params", ...items], task, scope);
  checkForEach(reading, scope);
}

function checkForEach(reading: TaskReading, scope: CheckScope): void {
  const { task } = reading;
  for (const reference of reading.forEach) checkReference(reference, [], { ...reading, forEach: [] }, scope);
  if (task.for_each === undefined || typeof forEachItems(task.for_each) !== "string") return;
  const at = forEachPath(task, reading.at);
  const options = { taskId: task.task_id };
  const [reference] = reading.forEach;
  if (reference === undefined || !reference.whole) {
    scope.report.add(
      "TYPE_MISMATCH",
      at,
      "for_each takes a list, or a string that is one whole reference to one.",
      "Write ${task.list}.",
      options,
    );
    return;
  }
  const types = typesAt(scope.viewOf(reference, []));
  if (types !== undefined && types.size > 0 && !types.has("array")) {
    scope.report.add(
      "TYPE_MISMATCH",
      at,
      `for_each needs a list, but ${reference.text} gives ${[...types].join(" or ")}.`,
      "Refer to a list.",
      options,
    );
  }
}

function checkReference(reference: PlacedReference, extra: readonly string[], reader: TaskReading | undefined, scope: CheckScope): void {
  if (isKnown(reference.name, extra, scope)) checkPath(reference, reader, scope);
  else unknownName(reference.name, reference.at, reader?.task, scope, reference.text);
}

function checkPath(reference: PlacedReference, reader: TaskReading | undefined, scope: CheckScope): void {
  if (reference.path.length === 0) return;
  let view = scope.viewOf({ name: reference.name, path: [] }, reader?.forEach ?? []);
  let position = -1;
  for (const step of reference.path) {
    position++;
    view = stepInto(view, step);
    if (view.kind !== "impossible" && view.kind !== "undeclared") continue;
    const parent = reference.path.slice(0, position).reduce<string>(childPath, reference.name);
    reportPath(reference, parent, step, view, reader?.task, scope);
    return;
  }
}

function reportPath(
  reference: PlacedReference,
  parent: string,
  step: string | number,
  view: Extract<SchemaView, { kind: "impossible" | "undeclared" }>,
  reader: Task | undefined,
  scope: CheckScope,
): void {
  const near = typeof step === "string" ? nearestName(step, view.names) : undefined;
  const known =
    view.names.length > 0 ? `It has: ${view.names.slice(0, 12).join(", ")}.` : "See the capability's output with: kai capabilities.";
  const hint = near === undefined ? known : `Did you mean "${near}"?`;
  const options = reader === undefined ? {} : { taskId: reader.task_id };
  const named = JSON.stringify(step);
  if (view.kind === "impossible") {
    scope.report.add(
      "NO_SUCH_OUTPUT",
      reference.at,
      `${reference.text} cannot resolve: "${parent}" has no ${named}; ${view.why}.`,
      hint,
      options,
    );
  } else {
    const message = `${reference.text} may not resolve: "${parent}" does not declare ${named}.`;
    scope.report.add("UNDECLARED_OUTPUT", reference.at, message, hint, { ...options, severity: "warning" });
  }
}

function checkExpression(placed: PlacedExpression, extra: readonly string[], reader: Task | undefined, scope: CheckScope): void {
  for (const name of placed.expression.variables) {
    if (!isKnown(name, extra, scope)) unknownName(name, placed.at, reader, scope);
  }
}

function isKnown(name: string, extra: readonly string[], scope: CheckScope): boolean {
  return scope.tasks.has(name) || extra.includes(name);
}

function unknownName(name: string, at: string, reader: Task | undefined, scope: CheckScope, text = `"${name}"`): void {
  const options = reader === undefined ? {} : { taskId: reader.task_id };
  scope.report.add("UNKNOWN_TASK", at, `${text} names nothing here: there is no task "${name}".`, hintFor(name, scope), options);
}

function hintFor(name: string, scope: CheckScope): string {
  switch (name) {
    case "item":
    case "index":
      return '"item" and "index" exist only in the params and criteria of a task with for_each.';
    case "output":
      return '"output" exists only in criteria; elsewhere name the task.';
    case "params":
      return '"params" exists in playbooks and in criteria; in a plan write the value itself.';
    case "feedback":
      return "Feedback reaches the capability by itself.";
    default: {
      const dashed = [...scope.tasks.keys()].find((known) => known.startsWith(`${name}-`));
      return dashed === undefined
        ? nearTask(name, scope)
        : `In expressions "-" is minus: rename the task "${dashed}" to "${dashed.replaceAll("-", "_")}".`;
    }
  }
}

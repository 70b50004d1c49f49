// Reads one task for the check: every reference and expression in it, with its place and the names it may use there.

import type { CheckReport } from "./check-report.ts";
import { forEachItems, isReservedName } from "./dependencies.ts";
import type { Expression } from "./expression.ts";
import { compileExpression } from "./expression.ts";
import { childPath } from "./json-path.ts";
import type { Criterion, Task } from "./plan.ts";
import type { PlacedReference } from "./reference.ts";
import { referencesIn } from "./reference.ts";

export interface PlacedExpression {
  readonly expression: Expression;
  readonly at: string;
  readonly kind: "when" | "criterion";
}

export interface TaskReading {
  readonly task: Task;
  /** JSON path of the task. */
  readonly at: string;
  readonly params: readonly PlacedReference[];
  readonly forEach: readonly PlacedReference[];
  readonly fallback: readonly PlacedReference[];
  readonly expressions: readonly PlacedExpression[];
  /** True when a reference could not be read; the lists above are then not complete. */
  readonly isMalformed: boolean;
}

const REFERENCE_HINT = "Write ${task_id.field}, or $${ for a literal ${.";
const EXPRESSION_HINT = "Expressions are CEL over JSON values; see protocols/plan/SPEC.md.";

/** Malformed references and expressions become findings; what can be read is returned. */
export function readTask(task: Task, at: string, report: CheckReport): TaskReading {
  const id = task.task_id;
  let isMalformed = false;

  function references(value: unknown, path: string): readonly PlacedReference[] {
    const found = report.attempt("BAD_REFERENCE", path, REFERENCE_HINT, id, () => referencesIn(value, path));
    isMalformed ||= found === undefined;
    return found ?? [];
  }

  const review = childPath(at, "review");
  const expressions = readCriteria(task.review?.criteria ?? [], childPath(review, "criteria"), report, id);
  if (task.when !== undefined) {
    const whenAt = childPath(at, "when");
    const expression = readExpression(task.when, whenAt, report, id);
    if (expression !== undefined) expressions.push({ expression, at: whenAt, kind: "when" });
  }
  const fallback = task.review?.fallback;
  const lists = {
    params: references(task.params, childPath(at, "params")),
    forEach: task.for_each === undefined ? [] : references(forEachItems(task.for_each), forEachPath(task, at)),
    fallback: fallback === undefined ? [] : references(fallback.params, childPath(childPath(review, "fallback"), "params")),
  };
  return { task, at, ...lists, expressions, isMalformed };
}

/** As `dependenciesOf`, for a task that has been read already; in document order and as often as they are named. */
export function dependenciesFrom(reading: TaskReading): readonly string[] {
  const { params, forEach, fallback, expressions } = reading;
  const names = [...reading.task.depends_on];
  for (const { name } of params) names.push(name);
  for (const { name } of forEach) names.push(name);
  for (const { name } of fallback) names.push(name);
  for (const { expression } of expressions) names.push(...expression.variables);
  return names.some(isReservedName) ? names.filter((name) => !isReservedName(name)) : names;
}

/** Where the items of a `for_each` stand. */
export function forEachPath(task: Task, at: string): string {
  const path = childPath(at, "for_each");
  return typeof task.for_each === "object" && !Array.isArray(task.for_each) ? childPath(path, "items") : path;
}

/** The assertions among criteria, compiled; other criteria are checked for what can be known before they run. */
export function readCriteria(criteria: readonly Criterion[], at: string, report: CheckReport, taskId?: string): PlacedExpression[] {
  const expressions: PlacedExpression[] = [];
  for (const [position, criterion] of criteria.entries()) {
    const path = childPath(at, position);
    if (criterion.kind !== "assert" && criterion.schema !== undefined)
      checkCriterionSchema(criterion.schema, childPath(path, "schema"), report, taskId);
    if (criterion.kind !== "assert") continue;
    const expressionAt = childPath(path, "expression");
    const expression = readExpression(criterion.expression, expressionAt, report, taskId);
    if (expression !== undefined) expressions.push({ expression, at: expressionAt, kind: "criterion" });
  }
  return expressions;
}

function readExpression(text: string, at: string, report: CheckReport, taskId: string | undefined): Expression | undefined {
  return report.attempt("BAD_EXPRESSION", at, EXPRESSION_HINT, taskId, () => compileExpression(text));
}

/** A schema criterion must be a schema that stands on its own: nothing is ever fetched. */
function checkCriterionSchema(schema: unknown, at: string, report: CheckReport, taskId: string | undefined): void {
  const options = taskId === undefined ? {} : { taskId };
  if (typeof schema !== "boolean" && (typeof schema !== "object" || schema === null || Array.isArray(schema))) {
    report.add("BAD_CRITERION", at, "expected a JSON Schema: an object, true or false.", 'Write {"type": "object", …}.', options);
    return;
  }
  const remote = findRemoteReference(schema, at);
  if (remote === undefined) return;
  report.add(
    "BAD_CRITERION",
    remote.at,
    `the schema refers to ${remote.reference}, which is not fetched.`,
    "Put it under $defs and refer to #/$defs/….",
    options,
  );
}

function findRemoteReference(value: unknown, at: string): { readonly at: string; readonly reference: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const path = childPath(at, Array.isArray(value) ? Number(key) : key);
    if ((key === "$ref" || key === "$dynamicRef") && typeof part === "string" && !part.startsWith("#")) {
      return { at: path, reference: JSON.stringify(part.slice(0, 80)) };
    }
    const found = findRemoteReference(part, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

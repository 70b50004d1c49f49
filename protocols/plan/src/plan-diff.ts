// What differs between two plans, task by task and field by field: for people who compare a fork, an edit or a newer playbook.

import { canonicalJson } from "@kos/klp";
import { childPath, ROOT_PATH } from "./json-path.ts";
import type { PlanGraph, Task } from "./plan.ts";
import { graphOf } from "./plan-hash.ts";

export interface FieldChange {
  /** JSON path below the task, or below the plan. */
  readonly path: string;
  /** Absent: the field was not there. */
  readonly before?: unknown;
  /** Absent: the field is gone. */
  readonly after?: unknown;
}

export interface PlanDiff {
  readonly added: readonly Task[];
  readonly removed: readonly Task[];
  readonly changed: readonly { readonly task_id: string; readonly fields: readonly FieldChange[] }[];
  /** Changes outside the tasks: goal, output, criteria, budget, labels, playbook. */
  readonly plan: readonly FieldChange[];
}

/** Tasks are matched by id; their order does not count. Ids and times of the plans are left out. Lists are compared as a whole. */
export function diffPlans(before: PlanGraph, after: PlanGraph): PlanDiff {
  const old = new Map(before.tasks.map((task) => [task.task_id, task] as const));
  const current = new Map(after.tasks.map((task) => [task.task_id, task] as const));
  const { tasks: _before, ...restBefore } = graphOf(before);
  const { tasks: _after, ...restAfter } = graphOf(after);
  return {
    added: after.tasks.filter((task) => !old.has(task.task_id)),
    removed: before.tasks.filter((task) => !current.has(task.task_id)),
    changed: after.tasks.flatMap((task) => {
      const earlier = old.get(task.task_id);
      const fields = earlier === undefined ? [] : changes(earlier, task, ROOT_PATH);
      return fields.length === 0 ? [] : [{ task_id: task.task_id, fields }];
    }),
    plan: changes(restBefore, restAfter, ROOT_PATH),
  };
}

function changes(before: unknown, after: unknown, path: string): readonly FieldChange[] {
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => changes(own(before, name), own(after, name), childPath(path, name)));
  }
  if (before === undefined) return after === undefined ? [] : [{ path, after }];
  if (after === undefined) return [{ path, before }];
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ path, before, after }];
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Which task waits for which: declared in `depends_on`, or implied by a reference or an expression that reads another task's output.

import { compileExpression } from "./expression.ts";
import type { Criterion, ForEach, Task } from "./plan.ts";
import { referencesIn } from "./reference.ts";

/** Names that stand for something other than a task and so cannot be task ids. */
export const RESERVED_NAMES = ["item", "index", "output", "params", "feedback"] as const;
export type ReservedName = (typeof RESERVED_NAMES)[number];

export function isReservedName(name: string): name is ReservedName {
  return (RESERVED_NAMES as readonly string[]).includes(name);
}

/** What a `for_each` goes through: a whole reference to a list, or the list. */
export function forEachItems(forEach: ForEach): unknown {
  return typeof forEach === "object" && !Array.isArray(forEach) ? forEach.items : forEach;
}

/** Names that the assertions among these criteria read, reserved ones included. Errors: BAD_REQUEST for a malformed expression. */
export function criteriaNames(criteria: readonly Criterion[]): readonly string[] {
  return criteria.flatMap((criterion) => (criterion.kind === "assert" ? compileExpression(criterion.expression).variables : []));
}

/**
 * The tasks that must have ended before this one starts, sorted, without repeats. Review criteria and fallback params count as well,
 * since a review may compare this output with another task's. Errors: BAD_REQUEST for a malformed reference or expression.
 */
export function dependenciesOf(task: Task): readonly string[] {
  const values = [task.params, task.for_each === undefined ? undefined : forEachItems(task.for_each), task.review?.fallback?.params];
  const references = values.flatMap((value) => referencesIn(value).map((reference) => reference.name));
  const condition = task.when === undefined ? [] : compileExpression(task.when).variables;
  return taskNames([...task.depends_on, ...references, ...condition, ...criteriaNames(task.review?.criteria ?? [])]);
}

/** Sorted, without repeats and without names that are no tasks. */
export function taskNames(names: readonly string[]): readonly string[] {
  if (names.length === 0) return names;
  return [...new Set(names)].filter((name) => !isReservedName(name)).sort();
}

export type TaskOrder =
  | { readonly order: readonly string[] }
  /** Names along one cycle; each waits for the next, the last for the first. */
  | { readonly cycle: readonly string[] };

/**
 * An order in which every task comes after those it waits for; among tasks that are ready together the given order is kept.
 * Names that are not keys of the map are ignored. Kahn's algorithm: linear in tasks and dependencies, no recursion.
 */
export function orderTasks(dependencies: ReadonlyMap<string, readonly string[]>): TaskOrder {
  const waiting = new Map<string, number>();
  const followers = new Map<string, string[]>();
  for (const [name, needs] of dependencies) {
    const known = new Set(needs.filter((need) => dependencies.has(need)));
    waiting.set(name, known.size);
    for (const need of known) {
      const list = followers.get(need);
      if (list === undefined) followers.set(need, [name]);
      else list.push(name);
    }
  }
  const order = [...dependencies.keys()].filter((name) => waiting.get(name) === 0);
  for (let position = 0; position < order.length; position += 1) {
    for (const follower of followers.get(order[position] ?? "") ?? []) {
      const left = (waiting.get(follower) ?? 0) - 1;
      waiting.set(follower, left);
      if (left === 0) order.push(follower);
    }
  }
  return order.length === dependencies.size ? { order } : { cycle: findCycle(dependencies, new Set(order)) };
}

/** Every task outside `ordered` waits for another such task, so walking along must come back to one already seen. */
function findCycle(dependencies: ReadonlyMap<string, readonly string[]>, ordered: ReadonlySet<string>): readonly string[] {
  const path: string[] = [];
  const seen = new Map<string, number>();
  let current = [...dependencies.keys()].find((name) => !ordered.has(name));
  while (current !== undefined && !seen.has(current)) {
    seen.set(current, path.length);
    path.push(current);
    current = dependencies.get(current)?.find((need) => dependencies.has(need) && !ordered.has(need));
  }
  return current === undefined ? path : path.slice(seen.get(current));
}

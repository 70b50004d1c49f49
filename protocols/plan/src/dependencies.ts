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
function taskNames(names: readonly string[]): readonly string[] {
  const [first] = names;
  if (first === undefined) return names;
  if (names.length === 1) return isReservedName(first) ? NO_NAMES : names;
  return [...new Set(names)].filter((name) => !isReservedName(name)).sort();
}

const NO_NAMES: readonly string[] = [];

export type TaskOrder =
  | { readonly order: readonly string[] }
  /** Names along one cycle; each waits for the next, the last for the first. */
  | { readonly cycle: readonly string[] };

/**
 * An order in which every task comes after those it waits for; among tasks that are ready together the given order is kept.
 * Names that are not keys of the map are ignored. Kahn's algorithm: linear in tasks and dependencies, no recursion.
 */
export function orderTasks(dependencies: ReadonlyMap<string, readonly string[]>): TaskOrder {
  const names = [...dependencies.keys()];
  const places = new Map<string, number>();
  for (const name of names) places.set(name, places.size);
  // A need that is named twice is counted twice and met twice.
  const waiting = new Uint32Array(names.length);
  const followers: (number[] | undefined)[] = new Array(names.length);
  for (const [place, name] of names.entries()) {
    for (const need of dependencies.get(name) ?? []) {
      const needed = places.get(need);
      if (needed === undefined) continue;
      waiting[place] = (waiting[place] ?? 0) + 1;
      const list = followers[needed];
      if (list === undefined) followers[needed] = [place];
      else list.push(place);
    }
  }
  const ready: number[] = [];
  for (let place = 0; place < names.length; place++) if (waiting[place] === 0) ready.push(place);
  for (let position = 0; position < ready.length; position++) {
    for (const follower of followers[ready[position] ?? 0] ?? []) {
      const left = (waiting[follower] ?? 0) - 1;
      waiting[follower] = left;
      if (left === 0) ready.push(follower);
    }
  }
  const order = ready.map((place) => names[place] ?? "");
  return order.length === names.length ? { order } : { cycle: findCycle(dependencies, new Set(order)) };
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

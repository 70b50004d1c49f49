// What never changes while a graph runs, worked out once and shared by all plans of the same hash: dependencies, references, expressions.

import type { Criterion, Expression, Label, PlacedReference, PlanGraph, Task } from "@kos/plan";
import { compileExpression, criteriaNames, dependenciesOf, forEachItems, referencesIn } from "@kos/plan";

/** A call as written: the task's own, or its fallback's. */
export interface CallShape {
  readonly capability: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly references: readonly PlacedReference[];
  /** Names the references read, `item` and `index` included. */
  readonly names: readonly string[];
}

interface ForEachShape {
  /** A literal list, or undefined when `name` says whose output holds it. */
  readonly literal: readonly unknown[] | undefined;
  /** The written reference. */
  readonly items: unknown;
  readonly names: readonly string[];
  readonly concurrency: number;
  readonly onItemError: "fail" | "skip";
}

export interface TaskShape {
  readonly index: number;
  readonly task: Task;
  /** Indexes of the tasks that must be done before. */
  readonly needs: readonly number[];
  /** Indexes of the tasks that wait for this one. */
  readonly dependents: readonly number[];
  readonly call: CallShape;
  readonly fallback: CallShape | undefined;
  /** What the planner found in place of both, once it was asked. */
  readonly alternative: CallShape | undefined;
  readonly when: Expression | undefined;
  readonly forEach: ForEachShape | undefined;
  /** Everything the review criteria read beside the output: other tasks, `params`, `item`, `index`. */
  readonly reviewNames: readonly string[];
  /** 0 for the plan's own tasks. */
  readonly depth: number;
  /** Labels that all params carry beside those of what they refer to. */
  readonly labels: readonly Label[];
}

export interface GraphShape {
  readonly graph: PlanGraph;
  readonly tasks: readonly TaskShape[];
  readonly index: ReadonlyMap<string, number>;
  readonly outputNames: readonly string[];
  readonly reviewNames: readonly string[];
}

interface Subtask {
  readonly task: Task;
  readonly depth: number;
  readonly labels: readonly Label[];
  readonly alternative?: CallShape | undefined;
}

/** Tasks of all shapes that are remembered; a shape that a plan uses lives on with it. */
const MAX_CACHED_TASKS = 30_000;
const cache = new Map<string, GraphShape>();
let cachedTasks = 0;

/** The shape of a checked graph. The hash is the cache's key: equal hash, equal graph. Errors: BAD_REQUEST for what no check would pass. */
export function shapeOf(graph: PlanGraph, hash: string): GraphShape {
  const known = cache.get(hash);
  if (known !== undefined) return known;
  const labels = graph.labels ?? [];
  const made = buildShape(
    graph,
    graph.tasks.map((task) => ({ task, depth: 0, labels })),
  );
  cache.set(hash, made);
  cachedTasks += made.tasks.length;
  for (const [oldest, shape] of cache) {
    if (cachedTasks <= MAX_CACHED_TASKS) break;
    cache.delete(oldest);
    cachedTasks -= shape.tasks.length;
  }
  return made;
}

/** The shape with subtasks added behind the tasks there are; indexes stay. */
export function extendShape(shape: GraphShape, subtasks: readonly Subtask[]): GraphShape {
  return buildShape(shape.graph, [...shape.tasks, ...subtasks]);
}

/** The shape with another call in the place of a task's own. */
export function replaceCall(shape: GraphShape, taskId: string, capability: string, params: CallShape["params"]): GraphShape {
  const entries = shape.tasks.map((entry) =>
    entry.task.task_id === taskId ? { ...entry, alternative: callShape(capability, params) } : entry,
  );
  return buildShape(shape.graph, entries);
}

/** The edited graph's shape with everything that came into the old one while it ran. */
export function carryShape(base: GraphShape, old: GraphShape): GraphShape {
  const subtasks = old.tasks.filter(({ depth }) => depth > 0);
  const alternatives = new Map(
    old.tasks.flatMap(({ task, depth, alternative }) => (depth === 0 && alternative ? [[task.task_id, alternative]] : [])),
  );
  if (subtasks.length === 0 && alternatives.size === 0) return base;
  const own = base.tasks.map((entry) => ({ ...entry, alternative: alternatives.get(entry.task.task_id) }));
  return buildShape(base.graph, [...own, ...subtasks]);
}

function buildShape(graph: PlanGraph, entries: readonly Subtask[]): GraphShape {
  const index = new Map<string, number>();
  for (const [position, { task }] of entries.entries()) index.set(task.task_id, position);
  const needs = entries.map(({ task, alternative }) =>
    positions(alternative === undefined ? dependenciesOf(task) : [...new Set([...dependenciesOf(task), ...alternative.names])], index),
  );
  const dependents: number[][] = entries.map(() => []);
  for (const [position, list] of needs.entries()) {
    for (const need of list) dependents[need]?.push(position);
  }
  waitForSubtasks(entries, index, needs, dependents);
  const tasks = entries.map(({ task, depth, labels, alternative }, position): TaskShape => {
    const fallback = task.review?.fallback;
    return {
      index: position,
      task,
      needs: needs[position] ?? [],
      dependents: dependents[position] ?? [],
      call: callShape(task.capability, task.params),
      fallback: fallback && callShape(fallback.capability, fallback.params),
      alternative,
      when: task.when === undefined ? undefined : compileExpression(task.when),
      forEach: forEachShape(task),
      reviewNames: reviewNamesOf(task.review?.criteria ?? []),
      depth,
      labels,
    };
  });
  return {
    graph,
    tasks,
    index,
    outputNames: distinct(referencesIn(graph.output)),
    reviewNames: reviewNamesOf(graph.criteria ?? []),
  };
}

/** What waits for a task waits for its subtasks as well. Parents come before their subtasks, so this reaches every depth. */
function waitForSubtasks(entries: readonly Subtask[], index: ReadonlyMap<string, number>, needs: number[][], dependents: number[][]): void {
  for (const [position, { task, depth }] of entries.entries()) {
    const parent = depth === 0 || task.parent_id === undefined ? undefined : index.get(task.parent_id);
    if (parent === undefined) continue;
    for (const dependent of dependents[parent] ?? []) {
      if (needs[dependent]?.includes(position)) continue;
      needs[dependent]?.push(position);
      dependents[position]?.push(dependent);
    }
  }
}

function callShape(capability: string, params: Readonly<Record<string, unknown>>): CallShape {
  const references = referencesIn(params);
  return { capability, params, references, names: distinct(references) };
}

function forEachShape(task: Task): ForEachShape | undefined {
  const { for_each: forEach } = task;
  if (forEach === undefined) return undefined;
  const items = forEachItems(forEach);
  const options = typeof forEach === "object" && !Array.isArray(forEach) ? forEach : undefined;
  return {
    // References inside the items of a literal list are filled in like any other.
    literal: Array.isArray(items) && referencesIn(items).length === 0 ? items : undefined,
    items,
    names: distinct(referencesIn(items)),
    concurrency: options?.concurrency ?? Number.POSITIVE_INFINITY,
    onItemError: options?.on_item_error ?? "fail",
  };
}

function distinct(references: readonly PlacedReference[]): readonly string[] {
  return references.length === 0 ? NONE : [...new Set(references.map((reference) => reference.name))];
}

function positions(names: readonly string[], index: ReadonlyMap<string, number>): number[] {
  return names.flatMap((name) => index.get(name) ?? []);
}

function reviewNamesOf(criteria: readonly Criterion[]): readonly string[] {
  return criteria.length === 0 ? NONE : [...new Set(criteriaNames(criteria))].filter((name) => name !== "output");
}

const NONE: readonly string[] = [];

// What a plan may take, before it runs: upper bounds from the capabilities' own figures. Nothing here is a promise of time.

import type { CapabilityCatalogue, PlanGraph, Task } from "@kos/plan";
import { forEachItems } from "@kos/plan";
import Type from "typebox";

const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const EstimateSchema = Type.Object(
  {
    tasks: Count("Tasks in the plan."),
    effects: Type.Array(Type.String(), { description: "Everything its calls can touch." }),
    attempts_max: Count("Dispatches at most, retries and review rounds included."),
    calls_max: Count("Of these, dispatches with an effect outside: net.*, exec or model."),
    time_ms_once: Count("Sum of the limits of all work when every call succeeds at once; most runs take a small part of it."),
    time_ms_max: Count("The same with every retry and review round that there can be."),
    wait_ms_max: Count("Sum of the limits of what only waits, for a time or for a person."),
    waits: Type.Array(Type.String(), { description: "Tasks that only wait." }),
    units_max: Count("Budget units at most."),
    open_ended: Type.Array(Type.String(), {
      description: "Tasks that run once for each item of a list nobody knows yet; counted here as one item.",
    }),
  },
  { additionalProperties: false, title: "Estimate" },
);
export type Estimate = Type.Static<typeof EstimateSchema>;

const DEFAULT_ROUNDS = 2;

export function estimatePlan(graph: PlanGraph, catalogue: CapabilityCatalogue): Estimate {
  const parts = graph.tasks.map((task) => estimateTask(task, catalogue));
  const sum = (pick: (part: TaskEstimate) => number) =>
    Math.min(
      Number.MAX_SAFE_INTEGER,
      parts.reduce((total, part) => total + pick(part), 0),
    );
  return {
    tasks: graph.tasks.length,
    effects: [...new Set(parts.flatMap((part) => part.effects))].sort(),
    attempts_max: sum((part) => part.attempts),
    calls_max: sum((part) => part.calls),
    time_ms_once: sum((part) => part.onceMs),
    time_ms_max: sum((part) => part.timeMs),
    wait_ms_max: sum((part) => part.waitMs),
    waits: graph.tasks.filter((task) => catalogue.get(task.capability)?.placement === "engine").map((task) => task.task_id),
    units_max: sum((part) => part.units),
    open_ended: graph.tasks.filter((task) => itemsOf(task) === undefined).map((task) => task.task_id),
  };
}

interface TaskEstimate {
  readonly attempts: number;
  readonly calls: number;
  readonly onceMs: number;
  readonly timeMs: number;
  readonly waitMs: number;
  readonly units: number;
  readonly effects: readonly string[];
}

function estimateTask(task: Task, catalogue: CapabilityCatalogue): TaskEstimate {
  const items = itemsOf(task) ?? 1;
  const rounds = task.review === undefined ? 1 : (task.review.max_rounds ?? DEFAULT_ROUNDS);
  const own = estimateCalls({ name: task.capability, params: task.params, rounds, items }, task, catalogue);
  const fallback = task.review?.fallback;
  if (fallback === undefined) return own;
  const second = estimateCalls({ name: fallback.capability, params: fallback.params, rounds: 1, items }, task, catalogue);
  return {
    attempts: own.attempts + second.attempts,
    calls: own.calls + second.calls,
    // A call that succeeds at once needs no fallback.
    onceMs: own.onceMs,
    timeMs: own.timeMs + second.timeMs,
    waitMs: own.waitMs + second.waitMs,
    units: own.units + second.units,
    effects: [...own.effects, ...second.effects],
  };
}

interface Calls {
  readonly name: string;
  readonly params: Task["params"];
  readonly rounds: number;
  readonly items: number;
}

const NOTHING: TaskEstimate = { attempts: 0, calls: 0, onceMs: 0, timeMs: 0, waitMs: 0, units: 0, effects: [] };

function estimateCalls({ name, params, rounds, items }: Calls, task: Task, catalogue: CapabilityCatalogue): TaskEstimate {
  const capability = catalogue.get(name);
  if (capability === undefined) return NOTHING;
  const attempts = rounds * items * (task.retry?.max_attempts ?? capability.retry.max_attempts);
  const limitMs = task.timeout_ms ?? capability.timeout_ms;
  const isOutside = capability.effects.some((effect) => effect.startsWith("net.") || effect === "exec" || effect === "model");
  const common = { attempts, calls: isOutside ? attempts : 0, units: attempts * capability.cost, effects: capability.effects };
  // What the engine carries out itself is not tried again: it waits once.
  if (capability.placement === "engine") return { ...common, onceMs: 0, timeMs: 0, waitMs: items * waitOf(params, limitMs) };
  return { ...common, onceMs: items * limitMs, timeMs: attempts * limitMs, waitMs: 0 };
}

/** flow.sleep says how long; a person takes as long as the limit allows. */
function waitOf({ ms }: Task["params"], limitMs: number): number {
  return typeof ms === "number" && ms >= 0 ? Math.min(ms, limitMs) : limitMs;
}

/** How often the task runs; undefined when that depends on a result. */
function itemsOf(task: Task): number | undefined {
  if (task.for_each === undefined) return 1;
  const items = forEachItems(task.for_each);
  return Array.isArray(items) ? items.length : undefined;
}

// Works out one call before it is dispatched: which capability, resolved params, their labels, what the label policy says of them.

import type { Effect } from "@kos/agent";
import { hashText } from "@kos/klp";
import type { FlowConcern, Label, LabelledValue, PlacedReference } from "@kos/plan";
import { flowConcerns, joinLabels, resolveReferences } from "@kos/plan";
import type { DecideEnv, Offer } from "./decide-env.ts";
import { declassifiedLabels } from "./declassify.ts";
import type { CallShape } from "./graph-shape.ts";
import type { PlanState, TaskState } from "./plan-state.ts";
import { labelsNamed, NO_LABELS, outputNamed, type PreparedValue, prepareValue, type ReadOutput } from "./values.ts";

/** What the shell has at hand for one step. */
export interface Supply {
  readonly read: ReadOutput;
  /** The list an item comes from. */
  readonly list: (parent: TaskState) => readonly unknown[];
}

interface Declassified {
  readonly reference: string;
  readonly labels: readonly Label[];
}

export interface PreparedCall {
  readonly capability: string;
  readonly offer: Offer;
  readonly params: PreparedValue;
  /** Whether the params differ from those in the graph. */
  readonly resolved: boolean;
  readonly inputHash: string;
  readonly labels: readonly Label[];
  readonly effects: readonly Effect[];
  readonly idempotent: boolean;
  /** From the first effect of the generation on; undefined: for ever, or not at all. */
  readonly idempotentForMs: number | undefined;
  readonly concerns: readonly FlowConcern[];
  readonly declassified: readonly Declassified[];
}

/** The call that comes next for a task: its own, its fallback's, or the one that was found in their place. */
export function callOf(task: TaskState): CallShape {
  if (task.shape.alternative !== undefined) return task.shape.alternative;
  return task.review?.fallback === true && task.shape.fallback !== undefined ? task.shape.fallback : task.shape.call;
}

/** Names whose values the next step of the task reads. */
export function namesForStep(task: TaskState): readonly string[] {
  const { shape } = task;
  const call = callOf(task).names;
  if (task.item >= 0) return shape.forEach?.literal === undefined ? [...call, ...(shape.forEach?.names ?? [])] : call;
  if (shape.when === undefined && shape.forEach === undefined) return call;
  return [...call, ...(shape.when?.variables ?? []), ...(shape.forEach?.names ?? [])];
}

/** hash(capability, version, resolved params): equal where the same call would be made again. */
export function inputHash(capability: string, version: string, paramsText: string): string {
  return hashText(`${capability}\u0000${version}\u0000${paramsText}`);
}

const constants = new WeakMap<CallShape, PreparedValue>();

/** Errors: BAD_REQUEST for a reference that does not resolve or params JSON cannot carry; TOO_LARGE. */
export function prepareCall(state: PlanState, task: TaskState, offer: Offer, supply: Supply, env: DecideEnv): PreparedCall {
  const shape = callOf(task);
  const base = baseLabels(state, task);
  const values: Values = new Map();
  const params = resolveParams(state, task, shape, supply, values);
  const { labels, declassified, references, labelsOf } = flow(state, shape, base, values, env);
  const effects = effectsOf(offer, params.value);
  const idempotent = isIdempotent(offer, params.value);
  return {
    capability: shape.capability,
    offer,
    params,
    resolved: shape.references.length > 0,
    inputHash: inputHash(shape.capability, offer.version, params.text),
    labels,
    effects,
    idempotent,
    idempotentForMs: idempotent ? idempotentForMs(offer, params.value) : undefined,
    concerns: flowConcerns({
      capability: { ...offer.description, effects },
      params: shape.params,
      references,
      labelsOf,
      fixed: base,
    }),
    declassified,
  };
}

/** A capability that cannot say what this call does is taken at its widest. */
function effectsOf(offer: Offer, params: unknown): readonly Effect[] {
  if (offer.effectsOf === undefined) return offer.description.effects;
  try {
    return offer.effectsOf(params as never).filter((effect) => offer.description.effects.includes(effect));
  } catch {
    return offer.description.effects;
  }
}

function isIdempotent(offer: Offer, params: unknown): boolean {
  if (offer.description.idempotent) return true;
  try {
    return offer.isIdempotent?.(params as never) === true;
  } catch {
    return false;
  }
}

/** A capability that cannot say for how long is taken at its shortest. */
function idempotentForMs(offer: Offer, params: unknown): number | undefined {
  try {
    return offer.idempotentForMs?.(params as never);
  } catch {
    return 0;
  }
}

/** Resolved params and all labels that flowed into them, for tasks the engine carries out itself. Errors: as `prepareCall`. */
export function prepareParams(
  state: PlanState,
  task: TaskState,
  supply: Supply,
): { readonly params: PreparedValue; readonly labels: readonly Label[] } {
  const values: Values = new Map();
  const params = resolveParams(state, task, callOf(task), supply, values);
  return { params, labels: joinLabels(baseLabels(state, task), ...[...values.values()].map((value) => value.labels)) };
}

type Values = Map<string, LabelledValue>;

function resolveParams(state: PlanState, task: TaskState, shape: CallShape, supply: Supply, values: Values): PreparedValue {
  if (shape.references.length === 0) return constantParams(shape);
  const lookup = (name: string): LabelledValue | undefined => {
    const found = readName(state, task, name, supply);
    if (found !== undefined) values.set(name, found);
    return found;
  };
  return prepareValue(resolveReferences(shape.params, lookup).value);
}

/** Labels that flow in whatever the params are: who wrote the plan, what decided that the task runs, what it is to do better. */
export function baseLabels(state: PlanState, task: TaskState): readonly Label[] {
  const own = task.parent === undefined ? task.shape.labels : task.parent.labels;
  const when = task.item < 0 && task.shape.when !== undefined ? labelsNamed(state, task.shape.when.variables) : NO_LABELS;
  return joinLabels(own, when, task.review?.feedbackLabels ?? NO_LABELS);
}

function constantParams(shape: CallShape): PreparedValue {
  let params = constants.get(shape);
  // Params without references may still hold `$${`, which stands for a literal `${`.
  if (params === undefined) constants.set(shape, (params = prepareValue(resolveReferences(shape.params, () => undefined).value)));
  return params;
}

function readName(state: PlanState, task: TaskState, name: string, supply: Supply): LabelledValue | undefined {
  if (task.parent !== undefined && name === "index") return { value: task.item, labels: NO_LABELS, source: "params" };
  if (task.parent !== undefined && name === "item") {
    const { labels, id } = task.parent;
    return { value: supply.list(task.parent)[task.item] ?? null, labels, source: `task:${id}` };
  }
  return outputNamed(state, name, supply.read);
}

interface Flow {
  readonly labels: readonly Label[];
  readonly declassified: readonly Declassified[];
  readonly references: readonly PlacedReference[];
  readonly labelsOf: (name: string) => readonly Label[];
}

/** Labels of the whole call, less what a checked number, boolean or enum member cannot carry. */
function flow(
  state: PlanState,
  shape: CallShape,
  base: readonly Label[],
  values: ReadonlyMap<string, LabelledValue>,
  env: DecideEnv,
): Flow {
  const plain = (name: string): readonly Label[] => values.get(name)?.labels ?? NO_LABELS;
  if (!shape.references.some((reference) => plain(reference.name).length > 0)) {
    return { labels: base, declassified: [], references: shape.references, labelsOf: plain };
  }
  const declassified: Declassified[] = [];
  const left = new Map<string, readonly Label[]>();
  const sets: (readonly Label[])[] = [base];
  const references = shape.references.map((reference) => {
    const labels = plain(reference.name);
    const off = labels.length === 0 ? NO_LABELS : declassifiedLabels(state, reference, values.get(reference.name), env);
    const kept = off.length === 0 ? labels : labels.filter((label) => !off.includes(label));
    sets.push(kept);
    if (off.length === 0) return reference;
    declassified.push({ reference: reference.text, labels: off });
    left.set(reference.text, kept);
    return { ...reference, name: reference.text };
  });
  return { labels: joinLabels(...sets), declassified, references, labelsOf: (name) => left.get(name) ?? plain(name) };
}

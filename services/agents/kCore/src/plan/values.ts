// Values of finished tasks: which of them a step needs, where they lie, and how a name in the graph reads one.

import { canonicalJson, hashText } from "@kos/klp";
import type { BlobRef, Label, LabelledValue } from "@kos/plan";
import { joinLabels } from "@kos/plan";
import { findTask, isDone, MAX_VALUE_BYTES, type OutputRef, type PlanState, type TaskState } from "./plan-state.ts";

/** A JSON value with the form that is hashed and stored. The hash is worked out when it is first wanted. */
export class PreparedValue {
  readonly value: unknown;
  /** Canonical JSON. */
  readonly text: string;
  readonly bytes: number;
  #hash: string | undefined;

  constructor(value: unknown) {
    this.value = value;
    this.text = canonicalJson(value);
    this.bytes = Buffer.byteLength(this.text);
  }

  get hash(): string {
    this.#hash ??= hashText(this.text);
    return this.#hash;
  }
}

const BLOB_MEDIA_TYPE = "application/json";

/** Errors: BAD_REQUEST for what JSON cannot carry. */
export function prepareValue(value: unknown): PreparedValue {
  return new PreparedValue(value);
}

export function needsBlob(prepared: PreparedValue): boolean {
  return prepared.bytes > MAX_VALUE_BYTES;
}

/** Blobs go by the hash of their bytes, which are the canonical JSON: the reference is known before they are stored. */
function blobOf(prepared: PreparedValue): BlobRef {
  return { hash: prepared.hash, bytes: prepared.bytes, media_type: BLOB_MEDIA_TYPE };
}

export function labelled(prepared: PreparedValue, labels: readonly Label[], source: string): LabelledValue {
  return needsBlob(prepared) ? { blob: blobOf(prepared), labels, source } : { value: prepared.value, labels, source };
}

/** Reads a stored output. Only asked for what `neededOutputs` named and the shell has loaded. */
export type ReadOutput = (output: OutputRef) => unknown;

/** Stored outputs behind these names that are not in memory. */
export function neededOutputs(state: PlanState, names: readonly string[]): readonly OutputRef[] {
  const needed: OutputRef[] = [];
  for (const name of names) {
    const task = findTask(state, name);
    if (task === undefined) continue;
    if (task.items === undefined) addNeeded(task, needed);
    else for (const item of task.items.list) addNeeded(item, needed);
  }
  return needed;
}

function addNeeded(task: TaskState, needed: OutputRef[]): void {
  if (task.output !== undefined && task.output.value === undefined) needed.push(task.output);
}

/** The output a name stands for; undefined for an unknown name. A skipped task's is null. */
export function outputNamed(state: PlanState, name: string, read: ReadOutput): LabelledValue | undefined {
  const task = findTask(state, name);
  return task === undefined ? undefined : outputValue(task, read);
}

export function outputValue(task: TaskState, read: ReadOutput): LabelledValue {
  const source = `task:${task.id}`;
  if (task.items !== undefined && isDone(task.status)) {
    const value = task.items.list.map((item) => (item.output === undefined ? null : valueOf(item.output, read)));
    return { value, labels: task.output?.labels ?? task.labels, source };
  }
  if (task.output === undefined) return { value: null, labels: task.labels, source };
  return { value: valueOf(task.output, read), labels: task.output.labels, source: task.output.source };
}

function valueOf(output: OutputRef, read: ReadOutput): unknown {
  return output.value === undefined ? read(output) : output.value;
}

export function labelsNamed(state: PlanState, names: readonly string[]): readonly Label[] {
  if (names.length === 0) return NO_LABELS;
  return joinLabels(...names.map((name) => labelsOfTask(findTask(state, name))));
}

export function labelsOfTask(task: TaskState | undefined): readonly Label[] {
  return task?.output?.labels ?? task?.labels ?? NO_LABELS;
}

export const NO_LABELS: readonly Label[] = [];

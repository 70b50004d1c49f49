// What a schema takes off a value's labels: a number, a boolean or a member of a closed set cannot carry instructions, so it is no longer
// `untrusted` once checked. `confidential` stays: a number can be a secret. Only plain schemas are followed; in doubt nothing is taken off.

import type { Label, LabelledValue, PlacedReference } from "@kos/plan";
import type { DecideEnv } from "./decide-env.ts";
import { findTask, type PlanState } from "./plan-state.ts";

const UNTRUSTED: readonly Label[] = ["untrusted"];
const NONE: readonly Label[] = [];

/** Labels that fall away because this reference takes only a checked scalar of the value. */
export function declassifiedLabels(
  state: PlanState,
  reference: PlacedReference,
  value: LabelledValue | undefined,
  env: DecideEnv,
): readonly Label[] {
  if (!value?.labels.includes("untrusted")) return NONE;
  const task = findTask(state, reference.name);
  if (task === undefined || task.output === undefined || !task.output.source.startsWith("task:")) return NONE;
  // With a fallback, or another way, either capability may have made it.
  if (task.shape.alternative !== undefined) return NONE;
  if (task.shape.fallback !== undefined && task.shape.fallback.capability !== task.shape.call.capability) return NONE;
  const output: unknown = env.offer(task.shape.call.capability)?.description.output;
  const path = task.items === undefined ? reference.path : reference.path.slice(1);
  if (task.items !== undefined && typeof reference.path[0] !== "number") return NONE;
  const schema = path.reduce<unknown>(step, output);
  const leaf = reference.path.reduce<unknown>(take, value.value);
  return isClosed(schema, leaf) ? UNTRUSTED : NONE;
}

function step(schema: unknown, key: string | number): unknown {
  if (!isRecord(schema)) return undefined;
  if (typeof key === "number") return schema["items"];
  const properties = schema["properties"];
  return isRecord(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function take(value: unknown, key: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string | number, unknown>>)[key];
}

function isClosed(schema: unknown, leaf: unknown): boolean {
  if (!isRecord(schema)) return false;
  const { type, enum: members } = schema;
  if (type === "number" || type === "integer") return typeof leaf === "number";
  if (type === "boolean") return typeof leaf === "boolean";
  if (Array.isArray(members)) return members.includes(leaf);
  if ("const" in schema) return schema["const"] === leaf;
  const union = schema["anyOf"] ?? schema["oneOf"];
  return (
    Array.isArray(union) &&
    union.length > 0 &&
    union.every((branch) => isRecord(branch) && "const" in branch) &&
    union.some((branch) => isClosed(branch, leaf))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

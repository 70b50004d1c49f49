// Checks values against the schemas of the contract, and says for every misfit where it is and what was expected.

import { KosError } from "@kos/klp";
import type { TSchema } from "typebox";
import { Compile } from "typebox/schema";

const MAX_PROBLEMS = 20;

/** Throws BAD_REQUEST with `details.problems`, each `{path, message}`; `part` is what the paths begin with. */
export type ShapeCheck = (value: unknown) => void;

/** Compiled with the first value: most routes are never asked in the life of a node. */
export function shapeCheck(schema: TSchema, part: string): ShapeCheck {
  let compiled: ReturnType<typeof Compile> | undefined;
  return (value) => {
    compiled ??= Compile(schema);
    if (compiled.Check(value)) return;
    const [, errors] = compiled.Errors(value);
    const problems = errors.slice(0, MAX_PROBLEMS).map((error) => ({ path: part + error.instancePath, message: messageOf(error) }));
    const [first] = problems;
    throw new KosError("BAD_REQUEST", `The ${part} does not fit the contract: ${first?.path ?? part} ${first?.message ?? "is wrong"}.`, {
      details: { problems },
    });
  };
}

/** The validator's words, with the names that are too many or the values that would fit. */
function messageOf({ message, params }: { readonly message: string; readonly params?: unknown }): string {
  const { additionalProperties, allowedValues } = (params ?? {}) as Readonly<Record<string, unknown>>;
  const extra = Array.isArray(additionalProperties) ? additionalProperties : Array.isArray(allowedValues) ? allowedValues : [];
  return extra.length === 0 ? message : `${message}: ${extra.slice(0, 10).map(String).join(", ").slice(0, 200)}`;
}

/** Query values are text; the schema says which are numbers and which truths. */
export function readQuery(query: Readonly<Record<string, unknown>>, schema: TSchema | undefined): Readonly<Record<string, unknown>> {
  const entries = Object.entries(query);
  if (entries.length === 0) return query;
  const { properties = {} } = (schema ?? {}) as { readonly properties?: Readonly<Record<string, { readonly type?: string }>> };
  return Object.fromEntries(
    entries.map(([name, value]) => [name, readValue(value, Object.hasOwn(properties, name) ? properties[name]?.type : undefined)]),
  );
}

function readValue(value: unknown, type: string | undefined): unknown {
  if (type === "integer" && typeof value === "string" && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}

// Reads what a client of `/ws` sends: strict JSON, then the schema of its type, so that an error names the field.

import { type ClientFrame, ClientFrameSchema } from "@kos/api";
import { KosError } from "@kos/klp";
import { parseJson } from "./json-body.ts";
import { type ShapeCheck, shapeCheck } from "./shape-check.ts";

const CHECKS: ReadonlyMap<unknown, ShapeCheck> = new Map(
  ClientFrameSchema.anyOf.map((schema) => [schema.properties.type.const, shapeCheck(schema, "frame")]),
);

/** Errors: BAD_REQUEST, UNKNOWN_TYPE. */
export function readClientFrame(bytes: Uint8Array): ClientFrame {
  const value = parseJson(bytes);
  const type = typeof value === "object" && value !== null ? (value as { readonly type?: unknown }).type : undefined;
  if (typeof type !== "string") throw new KosError("BAD_REQUEST", "A frame is a JSON object with a type.");
  const check = CHECKS.get(type);
  if (!check) throw new KosError("UNKNOWN_TYPE", `Clients send ${[...CHECKS.keys()].join(", ")}; not "${type.slice(0, 40)}".`);
  check(value);
  return value as ClientFrame;
}

/** The `id` of a frame that does not fit, where it has one: so that the error finds its call. */
export function idOf(bytes: Uint8Array): string | undefined {
  try {
    const { id } = parseJson(bytes) as { readonly id?: unknown };
    return typeof id === "string" && id.length <= 100 ? id : undefined;
  } catch {
    return undefined; // Not even JSON.
  }
}

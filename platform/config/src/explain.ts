// Where a value came from: the layer that set it and those it overrode.

import { KosError } from "@kos/klp";
import { formatConfigPath, isWithin, parseConfigPath, valueAt } from "./config-path.ts";
import { SECRET_KEYWORD } from "./config-schema.ts";
import type { Layer, LayerName, Locks } from "./layer.ts";
import { isJsonObject } from "./merge.ts";
import { nearestName } from "./nearest-name.ts";
import { findSchema, isObjectSchema, type SchemaNode } from "./schema-node.ts";
import { SecretRef } from "./secret-ref.ts";

/** One layer's word on a key. `value` undefined: the layer deleted it, or something above it. */
interface Setting {
  readonly value: unknown;
  readonly layer: LayerName;
  /** File, variable (`KOS_LISTEN__PORT`) or flag (`--listen.port`). Absent for the built-in layer. */
  readonly file?: string;
  readonly line?: number;
}

/** For a key that holds others, `layer` and `file` are those of the topmost layer that set any of them, and `parts` explains each. */
export interface Explanation extends Setting {
  readonly key: string;
  readonly description?: string;
  /** Lower layers that set it too, nearest first. */
  readonly overridden: readonly Setting[];
  /** The file whose `@locked` holds it fast. */
  readonly locked_by?: string;
  readonly parts?: readonly Explanation[];
}

export function explainKey(
  key: string,
  layers: readonly Layer[],
  locks: readonly Locks[],
  schema: SchemaNode,
  config: unknown,
): Explanation {
  const path = parseConfigPath(key);
  const found = findSchema(schema, path);
  if ("unknownAt" in found) {
    const near = nearestName(path[found.unknownAt] ?? "", found.known);
    const hint =
      near === undefined ? `Known here: ${found.known.join(", ")}.` : `Did you mean ${formatConfigPath(path.with(found.unknownAt, near))}?`;
    throw new KosError("NOT_FOUND", `There is no configuration key ${key}. ${hint}`);
  }
  return explainPath(path, found.node, layers, locks, config);
}

function explainPath(
  path: readonly string[],
  schema: SchemaNode,
  layers: readonly Layer[],
  locks: readonly Locks[],
  config: unknown,
): Explanation {
  const value = valueAt(config, path);
  const settings = layers.flatMap((layer) => settingOf(layer, path, schema)).reverse();
  const [winner = { value: undefined, layer: "built-in" as const }, ...overridden] = settings;
  const lock = locks.find(({ paths }) => paths.some((locked) => isWithin(path, locked)));
  const parts = isObjectSchema(schema) && isJsonObject(value) ? explainParts(path, schema, layers, locks, config, value) : undefined;
  return {
    key: formatConfigPath(path),
    ...(schema.description !== undefined && { description: schema.description }),
    ...winner,
    value,
    overridden: parts === undefined ? overridden : [],
    ...(lock !== undefined && { locked_by: lock.source }),
    ...(parts !== undefined && { parts }),
  };
}

function explainParts(
  path: readonly string[],
  schema: SchemaNode,
  layers: readonly Layer[],
  locks: readonly Locks[],
  config: unknown,
  value: Readonly<Record<string, unknown>>,
): readonly Explanation[] {
  return Object.keys(value).flatMap((key) => {
    const found = findSchema(schema, [key]);
    return "node" in found ? [explainPath([...path, key], found.node, layers, locks, config)] : [];
  });
}

/** What a layer says of a path: nothing, a value, or that it or something above it is gone. */
function settingOf(layer: Layer, path: readonly string[], schema: SchemaNode): readonly Setting[] {
  let here = layer.document;
  for (const step of path) {
    if (here === null) break;
    if (!isJsonObject(here) || !Object.hasOwn(here, step)) return [];
    here = here[step];
  }
  const line = layer.lineOf?.(path);
  const shown = here === null ? undefined : schema[SECRET_KEYWORD] === true ? new SecretRef(typeof here === "string" ? here : "") : here;
  return [{ value: shown, layer: layer.name, ...(layer.source !== "" && { file: layer.source }), ...(line !== undefined && { line }) }];
}

// Checks one layer against the schema: every unknown key, wrong type and locked path, all at once, each with its place.

import Value from "typebox/value";
import { type ConfigPath, formatConfigPath } from "./config-path.ts";
import { SECRET_KEYWORD } from "./config-schema.ts";
import type { ConfigProblem, Layer, Locks } from "./layer.ts";
import { isJsonObject } from "./merge.ts";
import { nearestName } from "./nearest-name.ts";
import { childSchema, isObjectSchema, knownKeys, type SchemaNode } from "./schema-node.ts";

/** `null` is right for every key: it deletes. Nothing is required of a layer. Secret values are never repeated in a message. */
export function checkLayer(layer: Layer, schema: SchemaNode): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  checkNode(layer, schema, layer.document, [], problems);
  return problems;
}

/** Problems for every locked path that the layer touches, or whose parent it replaces or deletes. */
export function checkLocks(layer: Layer, locks: readonly Locks[]): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const { source, paths } of locks) {
    for (const path of paths) {
      const touched = touchedBy(layer.document, path);
      if (touched !== undefined) {
        problems.push(
          problemAt(
            layer,
            touched,
            `${formatConfigPath(path)} is locked by ${source} and cannot be set here. Remove it, or ask who runs this node.`,
          ),
        );
      }
    }
  }
  return problems;
}

/** Makes a problem, with the line where the layer is a file. */
export function problemAt(layer: Layer, path: readonly (string | number)[], message: string): ConfigProblem {
  const line = lineNear(layer, path);
  return { layer: layer.name, source: layer.source, path: formatConfigPath(path), ...(line !== undefined && { line }), message };
}

function checkNode(layer: Layer, schema: SchemaNode, value: unknown, path: ConfigPath, problems: ConfigProblem[]): void {
  if (value === null && path.length > 0) return;
  if (!isObjectSchema(schema)) {
    checkLeaf(layer, schema, value, path, problems);
    return;
  }
  if (!isJsonObject(value)) {
    problems.push(problemAt(layer, path, `expected an object, found ${describe(value)}`));
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const child = childSchema(schema, key);
    if (child === undefined) problems.push(problemAt(layer, [...path, key], unknownKey(schema, key)));
    else checkNode(layer, child, item, [...path, key], problems);
  }
}

function checkLeaf(layer: Layer, schema: SchemaNode, value: unknown, path: ConfigPath, problems: ConfigProblem[]): void {
  if (schema[SECRET_KEYWORD] === true) {
    const fits = typeof value === "string" && new RegExp(String(schema["pattern"])).test(value);
    if (!fits)
      problems.push(
        problemAt(layer, path, "expected a reference vault:<id>; a secret is never written in clear. Put it into the vault first."),
      );
    return;
  }
  if (schema.enum !== undefined) {
    if (schema.enum.includes(value)) return;
    const near = typeof value === "string" ? nearestName(value, schema.enum.map(String)) : undefined;
    problems.push(problemAt(layer, path, `expected one of ${schema.enum.join(", ")}, found ${describe(value)}${didYouMean(near)}`));
    return;
  }
  if (schema.type !== undefined && !hasType(schema.type, value)) {
    problems.push(problemAt(layer, path, `expected ${TYPE_NAMES[schema.type] ?? schema.type}, found ${describe(value)}`));
    return;
  }
  if (schema.type === "array" && Array.isArray(value) && schema.items !== undefined) {
    for (const [index, item] of value.entries()) checkItem(layer, schema.items, item, [...path, index], problems);
  }
  for (const error of Value.Errors({ ...schema, items: {} }, value))
    problems.push(problemAt(layer, path, `${error.message}, found ${describe(value)}`));
}

function checkItem(layer: Layer, schema: SchemaNode, value: unknown, path: readonly (string | number)[], problems: ConfigProblem[]): void {
  for (const error of Value.Errors({ ...schema }, value))
    problems.push(problemAt(layer, path, `${error.message}, found ${describe(value)}`));
}

function unknownKey(schema: SchemaNode, key: string): string {
  const known = knownKeys(schema);
  const near = nearestName(key, known);
  if (near !== undefined) return `unknown key${didYouMean(near)}`;
  return known.length > 0 ? `unknown key; known here: ${known.join(", ")}` : "this name is not allowed here";
}

function didYouMean(name: string | undefined): string {
  return name === undefined ? "" : `; did you mean ${name}?`;
}

/** The part of a layer that sets a locked path: the path itself, something below it, or a parent that is not an object. */
function touchedBy(document: unknown, locked: ConfigPath): ConfigPath | undefined {
  let here = document;
  for (const [index, step] of locked.entries()) {
    if (!isJsonObject(here)) return locked.slice(0, index);
    if (!Object.hasOwn(here, step)) return undefined;
    here = here[step];
  }
  return isJsonObject(here) && Object.keys(here).length > 0 ? firstLeaf(here, locked) : locked;
}

function firstLeaf(value: unknown, path: ConfigPath): ConfigPath {
  if (!isJsonObject(value)) return path;
  const [key] = Object.keys(value);
  return key === undefined ? path : firstLeaf(value[key], [...path, key]);
}

function lineNear(layer: Layer, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const line = layer.lineOf?.(path.slice(0, length));
    if (line !== undefined) return line;
  }
  return undefined;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  integer: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isSafeInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    default:
      return typeof value === type;
  }
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

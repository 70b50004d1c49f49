// Reads the parts of a JSON Schema that configuration uses: which keys an object knows and what lies beneath them.

import type { TSchema } from "typebox";

/** The loosely typed face of a schema node. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

export function schemaNode(schema: TSchema): SchemaNode {
  return schema as unknown as SchemaNode;
}

/** The schema of one key of an object: a named property, or the pattern it fits. */
export function childSchema(schema: SchemaNode, key: string): SchemaNode | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  for (const [pattern, child] of Object.entries(schema.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return child;
  }
  return undefined;
}

/** Names to suggest for an unknown key. */
export function knownKeys(schema: SchemaNode): readonly string[] {
  return Object.keys(schema.properties ?? {});
}

export function isObjectSchema(schema: SchemaNode): boolean {
  return schema.properties !== undefined || schema.patternProperties !== undefined;
}

/** The schema at a path, or where it ends: the longest known part and the keys known there. */
export function findSchema(
  schema: SchemaNode,
  path: readonly string[],
): { readonly node: SchemaNode } | { readonly unknownAt: number; readonly known: readonly string[] } {
  let node = schema;
  for (const [index, step] of path.entries()) {
    const child = childSchema(node, step);
    if (child === undefined) return { unknownAt: index, known: knownKeys(node) };
    node = child;
  }
  return { node };
}

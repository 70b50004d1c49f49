// JSON Schemas of the configuration files, derived from the one schema, for editors and for people.

import { AgentConfigSchema, ConfigSchema } from "./config-schema.ts";
import { isObjectSchema, type SchemaNode, schemaNode } from "./schema-node.ts";

/** Schema files by name, as they lie in the repository's `config/schemas/`. */
export function configFileSchemas(): Readonly<Record<string, SchemaNode>> {
  const { properties = {}, ...root } = partial(schemaNode(ConfigSchema));
  const { anyOf: _, ...agents } = properties["agents"] ?? {};
  const classes = schemaNode(ConfigSchema.properties.agents).properties ?? {};
  const [ofClass = {}] = Object.values(classes);
  const document = (title: string, more: Readonly<Record<string, SchemaNode>>): SchemaNode => ({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...root,
    properties: {
      $schema: { type: "string" },
      ...more,
      ...properties,
      agents: {
        ...agents,
        type: "object",
        additionalProperties: false,
        properties: mapValues(classes, () => ({ $ref: "#/$defs/agents_of_class" })),
      },
    },
    $defs: { agents_of_class: partial(ofClass) },
  });
  const locked: SchemaNode = { type: "array", items: { type: "string" }, description: "Key paths that no later layer may set." };
  return {
    "system_config.schema.json": document("system_config.json", { "@locked": locked }),
    "user_config.schema.json": document("user_config.json", {}),
    "agent_config.schema.json": {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "agents/<kClass>/<name>.json",
      ...withSchemaKey(partial(schemaNode(AgentConfigSchema))),
    },
  };
}

function withSchemaKey(schema: SchemaNode): SchemaNode {
  return { ...schema, properties: { $schema: { type: "string" }, ...schema.properties } };
}

/** A file says only what it changes: nothing is required, and null deletes. */
function partial(schema: SchemaNode): SchemaNode {
  if (!isObjectSchema(schema)) return schema;
  const { required: _, properties, patternProperties, ...rest } = schema;
  return {
    ...rest,
    ...(properties !== undefined && { properties: mapValues(properties, nullable) }),
    ...(patternProperties !== undefined && { patternProperties: mapValues(patternProperties, nullable) }),
  };
}

function nullable(schema: SchemaNode): SchemaNode {
  const { description, default: fallback, ...rest } = partial(schema);
  const described = { ...(description !== undefined && { description }), ...(fallback !== undefined && { default: fallback }) };
  return { ...described, anyOf: [rest, { type: "null" }] };
}

function mapValues(object: Readonly<Record<string, SchemaNode>>, change: (value: SchemaNode) => SchemaNode): Record<string, SchemaNode> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

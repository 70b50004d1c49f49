// Layers written as text: KOS_* variables and command-line flags. Texts become what the schema says at their path.

import { problemAt } from "./check-layer.ts";
import { type ConfigPath, documentAt, parseConfigPath } from "./config-path.ts";
import type { ConfigProblem, Layer, LayerName } from "./layer.ts";
import { nearestName } from "./nearest-name.ts";
import { findSchema, isObjectSchema, knownKeys, type SchemaNode } from "./schema-node.ts";

const PREFIX = "KOS_";
/** KOS_* variables that are not configuration: where the data is, and what tests read. */
const RESERVED = /^KOS_(DATA|TOKEN|TEST_[A-Z0-9_]+)$/;

export interface TextLayers {
  readonly layers: readonly Layer[];
  readonly problems: readonly ConfigProblem[];
}

/** One layer per variable, in the order of their names. `__` separates levels; letter case does not matter; lists are comma-separated. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, schema: SchemaNode): TextLayers {
  const entries = Object.entries(env)
    .filter((entry): entry is [string, string] => entry[0].startsWith(PREFIX) && entry[1] !== undefined && !RESERVED.test(entry[0]))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return collect(
    "environment",
    entries.map(([name, text]) => ({ source: name, path: spell(name.slice(PREFIX.length).split("__"), schema), value: text })),
    schema,
  );
}

/** Flags by key path, `{"listen.port": "3001"}`; values that are not texts are taken as they are. */
export function readFlags(flags: Readonly<Record<string, unknown>>, schema: SchemaNode): TextLayers {
  const entries = Object.entries(flags).filter(([, value]) => value !== undefined);
  return collect(
    "flag",
    entries.map(([name, value]) => ({ source: `--${name}`, path: parseConfigPath(name), value })),
    schema,
  );
}

function collect(
  name: LayerName,
  settings: readonly { readonly source: string; readonly path: ConfigPath; readonly value: unknown }[],
  schema: SchemaNode,
): TextLayers {
  const layers: Layer[] = [];
  const problems: ConfigProblem[] = [];
  for (const { source, path, value } of settings) {
    const found = findSchema(schema, path);
    if ("unknownAt" in found) {
      const near = nearestName(path[found.unknownAt] ?? "", found.known);
      const hint =
        near === undefined ? `; known here: ${found.known.join(", ")}` : `; did you mean ${suggestion(name, path, found.unknownAt, near)}?`;
      problems.push(problemAt({ name, source, document: {} }, path, `unknown key${hint}`));
    } else if (isObjectSchema(found.node) && typeof value === "string") {
      const first = knownKeys(found.node)[0] ?? "name";
      problems.push(
        problemAt(
          { name, source, document: {} },
          path,
          `holds several keys; set one of them, such as ${suggestion(name, [...path, ""], path.length, first)}`,
        ),
      );
    } else {
      layers.push({ name, source, document: documentAt(path, typeof value === "string" ? typed(value, found.node) : value) });
    }
  }
  return { layers, problems };
}

function suggestion(layer: LayerName, path: ConfigPath, index: number, replacement: string): string {
  const corrected = path.with(index, replacement);
  return layer === "environment" ? `${PREFIX}${corrected.map((step) => step.toUpperCase()).join("__")}` : `--${corrected.join(".")}`;
}

/** Finds the spelling that the schema uses for upper-case names; names it does not know stay in lower case. */
function spell(names: readonly string[], schema: SchemaNode): ConfigPath {
  const path: string[] = [];
  let here: SchemaNode | undefined = schema;
  for (const name of names) {
    const lower = name.toLowerCase();
    const known: string = (here === undefined ? undefined : knownKeys(here).find((key) => key.toLowerCase() === lower)) ?? lower;
    path.push(known);
    const found: ReturnType<typeof findSchema> | undefined = here === undefined ? undefined : findSchema(here, [known]);
    here = found !== undefined && "node" in found ? found.node : undefined;
  }
  return path;
}

/** A text as the schema's type; one that does not read as it stays a text, which the check then refuses with its place. */
function typed(text: string, schema: SchemaNode): unknown {
  switch (schema.type) {
    case "boolean":
      return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
    case "integer":
    case "number":
      return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case "array":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    default:
      return text;
  }
}

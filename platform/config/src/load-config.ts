// Reads all layers, checks each, merges them and remembers where every value came from. Reads nothing but what it is given.

import { join } from "node:path";
import { KosError } from "@kos/klp";
import Value from "typebox/value";
import { checkLayer, checkLocks, problemAt } from "./check-layer.ts";
import { checkResolved } from "./check-resolved.ts";
import type { ConfigFiles } from "./config-files.ts";
import { documentAt, parseConfigPath } from "./config-path.ts";
import { ConfigSchema, isAgentClassName, type KosConfig, SECRET_KEYWORD } from "./config-schema.ts";
import { type Explanation, explainKey } from "./explain.ts";
import { readJsonSource } from "./json-source.ts";
import type { ConfigProblem, Layer, LayerName, Locks } from "./layer.ts";
import { isJsonObject, mergeConfig } from "./merge.ts";
import { childSchema, findSchema, type SchemaNode, schemaNode } from "./schema-node.ts";
import { SecretRef } from "./secret-ref.ts";
import { readEnvironment, readFlags } from "./text-layer.ts";

export interface ConfigInput {
  /** Folder of the shipped `system_config.json`, the repository's `config/`. Absent: no such layer. */
  readonly shippedDir?: string;
  /** The data folder; its `config/` holds the owner's files. */
  readonly dataDir: string;
  /** Variables; only KOS_* are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values by key path, `{"listen.port": "3001"}`. Texts are read as the schema says. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly files: ConfigFiles;
}

export interface LoadedConfig {
  /** Every default filled in; frozen; secrets are SecretRefs. */
  readonly value: KosConfig;
  /** Where a key's value came from. @throws KosError BAD_REQUEST for text that is no path, NOT_FOUND for a key the schema does not know. */
  explain(key: string): Explanation;
}

const SCHEMA = schemaNode(ConfigSchema);
const LOCKED = "@locked";
/** Layers that locks bind: all above the system files. */
const BOUND: readonly LayerName[] = ["user", "agent", "environment", "flag"];

/**
 * @throws KosError BAD_REQUEST with every problem in `details.problems`, each with layer, source, path and line; FORBIDDEN, in the same form,
 * when files of the data folder are open to others; UNAVAILABLE and TOO_LARGE as ConfigFiles does.
 */
export async function loadConfig(input: ConfigInput): Promise<LoadedConfig> {
  const reader = new LayerReader(input.files);
  if (input.shippedDir !== undefined) await reader.system("shipped", join(input.shippedDir, "system_config.json"));
  const dataConfig = join(input.dataDir, "config");
  await reader.system("system", join(dataConfig, "system_config.json"));
  await reader.file("user", join(dataConfig, "user_config.json"));
  await reader.agents(join(dataConfig, "agents"));
  reader.text(readEnvironment(input.env, SCHEMA));
  reader.text(readFlags(input.flags, SCHEMA));

  const builtIn: Layer = { name: "built-in", source: "", document: Value.Create(ConfigSchema) };
  const layers = [builtIn, ...reader.layers];
  const problems = [
    ...reader.problems,
    ...reader.layers.flatMap((layer) => checkLayer(layer, SCHEMA)),
    ...reader.layers.filter((layer) => BOUND.includes(layer.name)).flatMap((layer) => checkLocks(layer, reader.locks)),
  ];
  refuse(problems, reader.exposed);
  const merged = layers.reduce<unknown>((under, layer) => mergeConfig(under, layer.document), {});
  refuse(missingKeys(SCHEMA, merged, [], layers), false);
  const value = resolve(SCHEMA, merged) as KosConfig;
  refuse(
    checkResolved(value).map(({ path, message }) => problemAt(setterOf(layers, path), path, message)),
    false,
  );
  return { value, explain: (key) => explainKey(key, layers, reader.locks, SCHEMA, value) };
}

class LayerReader {
  readonly layers: Layer[] = [];
  readonly problems: ConfigProblem[] = [];
  readonly locks: Locks[] = [];
  exposed = false;
  readonly #files: ConfigFiles;

  constructor(files: ConfigFiles) {
    this.#files = files;
  }

  /** A system file may also lock paths. */
  async system(name: "shipped" | "system", path: string): Promise<void> {
    const layer = await this.#read(name, path);
    if (layer === undefined) return;
    if (!isJsonObject(layer.document) || !Object.hasOwn(layer.document, LOCKED)) {
      this.layers.push(layer);
      return;
    }
    const { [LOCKED]: locked, ...document } = layer.document;
    this.layers.push({ ...layer, document });
    this.#lock(layer, locked);
  }

  async file(name: LayerName, path: string, place: readonly string[] = []): Promise<void> {
    const layer = await this.#read(name, path);
    if (layer === undefined) return;
    if (place.length === 0) {
      this.layers.push(layer);
      return;
    }
    const lineOf = (keys: readonly (string | number)[]) => layer.lineOf?.(keys.slice(place.length));
    this.layers.push({ ...layer, document: documentAt(place, layer.document), lineOf });
  }

  /** `<folder>/<kClass>/<name>.json`, in the order of their names. */
  async agents(folder: string): Promise<void> {
    for (const agentClass of await this.#files.list(folder)) {
      const classFolder = join(folder, agentClass);
      if (!isAgentClassName(agentClass)) {
        this.#problem(
          "agent",
          classFolder,
          `agents.${agentClass}`,
          "is not an agent class. Name the folder kExecutor, kBridge or another class.",
        );
        continue;
      }
      for (const fileName of await this.#files.list(classFolder)) {
        const path = join(classFolder, fileName);
        const name = fileName.endsWith(".json") ? fileName.slice(0, -".json".length) : "";
        const classSchema = childSchema(childSchema(SCHEMA, "agents") ?? {}, agentClass) ?? {};
        if (childSchema(classSchema, name) === undefined) {
          this.#problem("agent", path, `agents.${agentClass}`, "is not an agent's file. Name it <agent name>.json, or move it away.");
        } else await this.file("agent", path, ["agents", agentClass, name]);
      }
    }
  }

  text(read: ReturnType<typeof readFlags>): void {
    this.layers.push(...read.layers);
    this.problems.push(...read.problems);
  }

  async #read(name: LayerName, path: string): Promise<Layer | undefined> {
    const file = await this.#files.read(path);
    if (file === undefined) return undefined;
    if (name !== "shipped" && file.mode !== undefined && (file.mode & 0o077) !== 0) {
      this.exposed = true;
      this.#problem(name, path, "", `is open to other users (mode ${file.mode.toString(8).padStart(4, "0")}). Run: chmod 600 ${path}`);
    }
    const source = readJsonSource(file.text);
    if (!source.ok) {
      const { line, column, message } = source.problem;
      this.problems.push({ layer: name, source: path, path: "", line, message: `is not JSON: ${message} (column ${column})` });
      return undefined;
    }
    return { name, source: path, document: withoutSchemaKey(source.value), lineOf: source.lineOf };
  }

  #lock(layer: Layer, locked: unknown): void {
    const paths = [];
    for (const [index, text] of (Array.isArray(locked) ? locked : [locked]).entries()) {
      try {
        const path = parseConfigPath(typeof text === "string" ? text : "");
        if ("unknownAt" in findSchema(SCHEMA, path)) throw new KosError("NOT_FOUND", `there is no key ${String(text)} to lock`);
        paths.push(path);
      } catch (error) {
        if (!(error instanceof KosError)) throw error;
        this.problems.push(problemAt(layer, [LOCKED, index], error.message));
      }
    }
    this.locks.push({ source: layer.source, paths });
  }

  #problem(layer: LayerName, source: string, path: string, message: string): void {
    this.problems.push({ layer, source, path, message });
  }
}

/** Editors need `$schema`; it is not configuration. */
function withoutSchemaKey(document: unknown): unknown {
  if (!isJsonObject(document)) return document;
  const { $schema: _, ...rest } = document;
  return rest;
}

function refuse(problems: readonly ConfigProblem[], exposed: boolean): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ source, line, path, message }) => {
    const place = [source, line].filter((part) => part !== undefined && part !== "").join(":");
    return `  ${[place, path, message].filter((part) => part !== "").join(": ")}`;
  });
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  throw new KosError(exposed ? "FORBIDDEN" : "BAD_REQUEST", `The configuration has ${count}:\n${lines.join("\n")}`, {
    details: { problems },
  });
}

/** Keys that must be there but were deleted by a layer. */
function missingKeys(schema: SchemaNode, value: unknown, path: readonly string[], layers: readonly Layer[]): readonly ConfigProblem[] {
  if (!isJsonObject(value)) return [];
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  const here = missing.map((key) =>
    problemAt(setterOf(layers, [...path, key]), [...path, key], "is needed; null deletes it and nothing stands below"),
  );
  const below = Object.entries(value).flatMap(([key, item]) => missingKeys(childSchema(schema, key) ?? {}, item, [...path, key], layers));
  return [...here, ...below];
}

/** The topmost layer that says anything at or above a path. */
function setterOf(layers: readonly Layer[], path: readonly string[]): Layer {
  const speaks = (layer: Layer) => {
    let here = layer.document;
    for (const step of path) {
      if (!isJsonObject(here)) return true;
      if (!Object.hasOwn(here, step)) return false;
      here = here[step];
    }
    return true;
  };
  return layers.findLast(speaks) ?? { name: "built-in", source: "", document: {} };
}

/** A frozen copy in which texts of secret keys are SecretRefs. */
function resolve(schema: SchemaNode, value: unknown): unknown {
  if (schema[SECRET_KEYWORD] === true && typeof value === "string") return new SecretRef(value);
  if (Array.isArray(value)) return Object.freeze(value.map((item) => resolve(schema.items ?? {}, item)));
  if (!isJsonObject(value)) return value;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(childSchema(schema, key) ?? {}, item)])),
  );
}

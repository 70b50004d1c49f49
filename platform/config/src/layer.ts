// A layer: one source of configuration with its place in the order and the way to name a place in it.

import type { ConfigPath } from "./config-path.ts";

/** From lowest to highest. `shipped` is the repository's config/system_config.json, `system` the one in the data folder. */
const LAYERS = ["built-in", "shipped", "system", "user", "agent", "environment", "flag"] as const;
export type LayerName = (typeof LAYERS)[number];

export interface Layer {
  readonly name: LayerName;
  /** A file's path, a variable's name or a flag. Empty for the built-in layer. */
  readonly source: string;
  /** A partial document; `null` deletes. */
  readonly document: unknown;
  /** Line of a key in its file, from 1. */
  lineOf?(path: readonly (string | number)[]): number | undefined;
}

/** One thing that is wrong, with its place. */
export interface ConfigProblem {
  readonly layer: LayerName;
  readonly source: string;
  /** Key path, `listen.port`. */
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

/** A list of paths from the `@locked` key of a system layer. */
export interface Locks {
  readonly source: string;
  readonly paths: readonly ConfigPath[];
}

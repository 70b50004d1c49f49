// Paths of keys: `listen.port`, and `limits.capabilities["web.fetch"].max_concurrent` where a key has a dot.

import { KosError } from "@kos/klp";
import { isJsonObject } from "./merge.ts";

export type ConfigPath = readonly string[];

const PLAIN = /^[A-Za-z0-9_$@-]+$/;
const STEP = /\.?([A-Za-z0-9_$@-]+)|\[("(?:[^"\\]|\\.)*")\]/y;

/** @throws KosError BAD_REQUEST when the text is not a path. */
export function parseConfigPath(text: string): ConfigPath {
  const path: string[] = [];
  STEP.lastIndex = 0;
  let end = 0;
  for (let match = STEP.exec(text); match !== null && end < text.length; match = STEP.exec(text)) {
    path.push(match[1] ?? (JSON.parse(match[2] ?? '""') as string));
    end = STEP.lastIndex;
  }
  if (end !== text.length || text === "" || text.startsWith(".")) {
    throw new KosError(
      "BAD_REQUEST",
      `"${text}" is not a configuration key. Write it like listen.port or limits.capabilities["web.fetch"].`,
    );
  }
  return path;
}

export function formatConfigPath(path: readonly (string | number)[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (PLAIN.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text === "" ? "the document" : text;
}

/** What lies at a path, or undefined. Looks at own keys only. */
export function valueAt(value: unknown, path: ConfigPath): unknown {
  let here = value;
  for (const step of path) {
    if (!isJsonObject(here) || !Object.hasOwn(here, step)) return undefined;
    here = here[step];
  }
  return here;
}

/** A document that holds one value at one path. */
export function documentAt(path: ConfigPath, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, step) => Object.fromEntries([[step, inner]]), value);
}

/** Whether `path` is `prefix` or lies below it. */
export function isWithin(path: ConfigPath, prefix: ConfigPath): boolean {
  return prefix.every((step, index) => path[index] === step);
}

// What the node found wrong with a form, by field. What it says of no field stays with the error as a whole.

import { isKosError } from "@kos/klp";
import type { Field } from "./field.ts";

interface Found {
  readonly path: string;
  readonly message: string;
}

export function serverProblems(error: unknown, fields: readonly Field[]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  if (!isKosError(error)) return problems;
  const known = new Set(fields.map(({ name }) => name));
  for (const { path, message } of [...found(error.details?.["problems"]), ...found(error.details?.["findings"])]) {
    const name = fieldAt(path);
    if (name !== undefined && known.has(name) && !problems.has(name)) problems.set(name, sentence(message));
  }
  return problems;
}

/** `$.params.max_files`, `$.params["max-files"]`, `/params/max_files`: the field and whatever is below it. */
function fieldAt(path: string): string | undefined {
  const match = /^\$?[./]?(?:body[./])?params(?:\.|\/|\[")([A-Za-z_][\w-]*)/.exec(path);
  return match?.[1];
}

function found(list: unknown): readonly Found[] {
  if (!Array.isArray(list)) return [];
  return list.filter(
    (item): item is Found =>
      typeof item === "object" && item !== null && typeof (item as Found).path === "string" && typeof (item as Found).message === "string",
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// A playbook's parameters: their JSON Schema (for forms, tools and the check) and the values of a run, defaults filled in.

import type { SchemaProblem } from "@kos/plan";
import { schemaProblems } from "@kos/plan";
import type { Playbook, PlaybookParam } from "./playbook.ts";

export type ParamValues = Readonly<Record<string, unknown>>;

type JsonSchema = Readonly<Record<string, unknown>>;

/** Absolute on POSIX or Windows: a node does not know in which folder the caller stands. */
const ABSOLUTE_PATH = "^(/|[A-Za-z]:[\\\\/])";
const PATH: JsonSchema = { type: "string", minLength: 1, maxLength: 4096, pattern: ABSOLUTE_PATH, "x-kos-type": "fs.path" };

/** A 2020-12 schema of the `params` object that a caller sends. */
export function paramsSchema(playbook: Pick<Playbook, "params">): JsonSchema {
  const entries = Object.entries(playbook.params);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, param]) => [name, paramSchema(param)])),
    required: entries.filter(([, param]) => param.required === true).map(([name]) => name),
    additionalProperties: false,
  };
}

function paramSchema(param: PlaybookParam): JsonSchema {
  const { type, required: _required, items, ...rest } = param;
  const note = type === "path" ? `${param.description} An absolute path.` : param.description;
  return { ...typeSchema(type, items), ...rest, description: note };
}

function typeSchema(type: PlaybookParam["type"], items: PlaybookParam["items"]): JsonSchema {
  if (type === "path") return PATH;
  return type === "list" ? { type: "array", items: typeSchema(items ?? "string", undefined) } : { type };
}

/** What contradicts itself in the definitions; paths start at `$.params`. */
export function definitionProblems(playbook: Playbook): readonly SchemaProblem[] {
  return Object.entries(playbook.params).flatMap(([name, param]) => {
    if (param.default === undefined) return [];
    const at = `$.params.${name}.default`;
    if (param.required === true) {
      const message = "a required parameter has no default.";
      return [{ steps: [], path: at, keyword: "default", message, hint: "Remove one of required and default." }];
    }
    return param.default === null ? [] : schemaProblems(paramSchema(param), param.default, at);
  });
}

/** The values of a run, or what is wrong with those given; paths start at `$.params`. A parameter without value and default is null. */
export function paramValues(
  playbook: Pick<Playbook, "params">,
  given: ParamValues,
): { readonly values: ParamValues } | { readonly problems: readonly SchemaProblem[] } {
  const problems = schemaProblems(paramsSchema(playbook), given, "$.params");
  if (problems.length > 0) return { problems };
  const values = Object.entries(playbook.params).map(([name, param]): [string, unknown] => [
    name,
    Object.hasOwn(given, name) ? given[name] : (param.default ?? null),
  ]);
  return { values: Object.fromEntries(values) };
}

// Checks a value against a JSON Schema (2020-12) that came with a plan. Nothing is fetched, patterns run in linear time, and a schema
// that is not understood completely is an error rather than a weaker check.

import { childPath, compilePattern, ROOT_PATH } from "@kos/plan";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { clip, shownValue } from "./json-text.ts";

interface SchemaViolation {
  /** JSON path in the value, below `$`. */
  readonly path: string;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
}

export type SchemaOutcome =
  | { readonly outcome: "checked"; readonly violations: readonly SchemaViolation[] }
  /** The schema itself is at fault: nothing can be said of the value. */
  | { readonly outcome: "broken"; readonly why: string };

const MAX_VIOLATIONS = 20;
const OWN_KEYWORDS = ["x-kos-type", "x-kos-sink", "x-kos-unit"] as const;

/**
 * `pattern` and `patternProperties` run on RE2, so that no schema can make them backtrack. Ajv tells patterns apart by `toString`:
 * without one of its own, every pattern would be taken for the first.
 */
const linearRegExp = Object.assign((source: string) => ({ test: compilePattern(source).test, toString: () => source }), {
  code: "linearRegExp",
});

export function checkSchema(schema: unknown, value: unknown): SchemaOutcome {
  if (typeof schema !== "boolean" && (typeof schema !== "object" || schema === null || Array.isArray(schema))) {
    return { outcome: "broken", why: "a schema is an object, true or false" };
  }
  try {
    const validate = compile(schema);
    return { outcome: "checked", violations: validate(value) === true ? [] : describe(validate.errors ?? [], value) };
  } catch (error) {
    return { outcome: "broken", why: clip(error instanceof Error ? error.message : String(error)) };
  }
}

/** One instance a schema: they name each other by `$id`, and schemas of different plans must never meet. */
function compile(schema: boolean | object): ValidateFunction {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allErrors: true,
    logger: false,
    code: { regExp: linearRegExp },
  });
  addFormats.default(ajv);
  ajv.addVocabulary([...OWN_KEYWORDS]);
  return ajv.compile(schema);
}

function describe(errors: readonly ErrorObject[], value: unknown): readonly SchemaViolation[] {
  // Errors of the branches of a union repeat what the union's own error says.
  const outer = errors.filter((error) => !/\/(anyOf|oneOf)\/\d+\//.test(error.schemaPath));
  return (outer.length > 0 ? outer : errors).slice(0, MAX_VIOLATIONS).map((error) => {
    const steps = pointerSteps(error.instancePath);
    const path = steps.reduce<string>((parent, step) => childPath(parent, /^\d+$/.test(step) ? Number(step) : step), ROOT_PATH);
    const expected = clip(`${error.message ?? error.keyword}${paramWords(error)}`);
    return { path, message: `${path} ${expected}`, expected, actual: shownValue(valueAt(value, steps)) };
  });
}

function paramWords(error: ErrorObject): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  if (error.keyword === "additionalProperties") return ` (${String(params["additionalProperty"])})`;
  if (error.keyword === "enum") return ` (${shownValue(params["allowedValues"])})`;
  return error.keyword === "const" ? ` (${shownValue(params["allowedValue"])})` : "";
}

function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  let current = value;
  for (const step of steps) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[step];
  }
  return current;
}

// Says in plain words why a value does not fit a JSON Schema: one problem a cause, at its place, with what was expected.

import Schema from "typebox/schema";
import { childPath } from "./json-path.ts";
import { nearestName } from "./nearest-name.ts";
import { COMBINATORS, clip, describeLiteral, describeSchema, describeValue, typesIn } from "./schema-words.ts";

export interface SchemaProblem {
  /** Steps from the value's root to the place. */
  readonly steps: readonly (string | number)[];
  /** JSON path of the place. */
  readonly path: string;
  /** The schema keyword that failed. */
  readonly keyword: string;
  readonly message: string;
  readonly hint: string;
}

type SchemaObject = Readonly<Record<string, unknown>>;
type Steps = readonly (string | number)[];
type SchemaError = ReturnType<typeof Schema.Errors>[1][number];

const MAX_NESTING = 8;

interface Validator {
  Check(value: unknown): boolean;
}
const validators = new WeakMap<object, Validator>();

/** Quick yes or no; the schema is compiled once. A schema that cannot be compiled throws whatever the library throws. */
export function fitsSchema(schema: object, value: unknown): boolean {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = Schema.Compile(schema as Schema.XSchema) as Validator;
    validators.set(schema, validator);
  }
  return validator.Check(value);
}

/** Why the value does not fit; empty when it does. At most a handful of causes a call. `at` is the JSON path of the value. */
export function schemaProblems(schema: object, value: unknown, at: string): readonly SchemaProblem[] {
  if (fitsSchema(schema, value)) return [];
  const problems = explain(schema as SchemaObject, value, [], 0);
  return unique(problems).map((problem) => ({ ...problem, path: problem.steps.reduce<string>(childPath, at) }));
}

type Unplaced = Omit<SchemaProblem, "path">;

function explain(schema: SchemaObject, value: unknown, prefix: Steps, nesting: number): readonly Unplaced[] {
  const [, errors] = Schema.Errors(schema as Schema.XSchema, value);
  const problems: Unplaced[] = [];
  const unions = new Set<string>();
  for (const error of errors) {
    const union = unionOf(error);
    if (union === undefined) problems.push(...explainOne(schema, value, error, prefix));
    else if (!unions.has(union.pointer)) {
      unions.add(union.pointer);
      problems.push(...explainUnion(schema, value, union, prefix, nesting));
    }
  }
  return problems.length > 0
    ? problems
    : [{ steps: prefix, keyword: "schema", message: "does not fit its schema.", hint: "Compare it with the schema." }];
}

interface Union {
  /** Pointer of the schema that holds `anyOf` or `oneOf`. */
  readonly pointer: string;
  readonly keyword: string;
  readonly steps: Steps;
}

/** The outermost union an error lies in or is about. Its branches' own errors mean little: most are of branches that were not meant. */
function unionOf(error: SchemaError): Union | undefined {
  const segments = error.schemaPath.split("/").slice(1);
  const instance = error.instancePath.split("/").slice(1).map(unescapePointer);
  let used = 0;
  for (let position = 0; position < segments.length; position += 1) {
    const segment = segments[position] ?? "";
    if ((COMBINATORS as readonly string[]).includes(segment)) {
      return { pointer: segments.slice(0, position).join("/"), keyword: segment, steps: toSteps(instance.slice(0, used)) };
    }
    if (segment === "properties" || segment === "patternProperties" || segment === "prefixItems") {
      position += 1;
      used += 1;
    } else if (segment === "items" || segment === "additionalProperties") used += 1;
    else if (segment === "allOf" || segment === "$defs") position += 1;
  }
  if (error.keyword !== "anyOf" && error.keyword !== "oneOf") return undefined;
  return { pointer: segments.join("/"), keyword: error.keyword, steps: toSteps(instance) };
}

function explainUnion(schema: SchemaObject, value: unknown, union: Union, prefix: Steps, nesting: number): readonly Unplaced[] {
  const holder = schemaAt(schema, union.pointer);
  const branches = Array.isArray(holder?.[union.keyword]) ? (holder[union.keyword] as readonly unknown[]).filter(isSchemaObject) : [];
  const inner = valueAt(value, union.steps);
  const steps = [...prefix, ...union.steps];
  const meant = nesting < MAX_NESTING && !("$defs" in schema) ? meantBranch(branches, inner) : undefined;
  if (meant !== undefined && !fitsSchema(meant, inner)) return explain(meant, inner, steps, nesting + 1);
  const expected = [...new Set(branches.map(describeSchema))].join(" or ");
  return [
    { steps, keyword: union.keyword, message: `expected ${expected}, found ${describeValue(inner)}.`, hint: "Give it one of these forms." },
  ];
}

/** The branch the author had in mind: the one whose fixed members agree, else the only one of the value's type. */
function meantBranch(branches: readonly SchemaObject[], value: unknown): SchemaObject | undefined {
  const sameType = branches.filter((branch) => typesIn(branch).some((type) => hasType(value, type)));
  if (sameType.length <= 1) return sameType[0];
  const agreeing = sameType.filter((branch) => {
    const constants = Object.entries(propertiesOf(branch)).filter(([, property]) => isSchemaObject(property) && "const" in property);
    return (
      constants.length > 0 && constants.every(([name, property]) => isRecord(value) && value[name] === (property as SchemaObject)["const"])
    );
  });
  return agreeing.length === 1 ? agreeing[0] : undefined;
}

function explainOne(schema: SchemaObject, value: unknown, error: SchemaError, prefix: Steps): readonly Unplaced[] {
  const own = toSteps(error.instancePath.split("/").slice(1).map(unescapePointer));
  const steps = [...prefix, ...own];
  const place = schemaAt(schema, error.schemaPath.split("/").slice(1).join("/")) ?? {};
  const { keyword } = error;
  switch (error.keyword) {
    case "boolean":
      // Reported once more, with names, as additionalProperties.
      return error.schemaPath.endsWith("/additionalProperties")
        ? []
        : [{ steps, keyword, message: "nothing is allowed here.", hint: "Remove it." }];
    case "additionalProperties":
      return error.params.additionalProperties.map((name) => unknownMember(steps, name, propertiesOf(place)));
    case "required":
      return error.params.requiredProperties.map((name) => missingMember(steps, name, propertiesOf(place)));
    default:
      return [
        {
          steps,
          keyword,
          message: `expected ${expectation(place, error)}, found ${describeValue(valueAt(value, own))}.`,
          hint: hintOf(place) ?? "Change the value.",
        },
      ];
  }
}

function unknownMember(steps: Steps, name: string, properties: Readonly<Record<string, unknown>>): Unplaced {
  const known = Object.keys(properties);
  const near = nearestName(name, known);
  return {
    steps: [...steps, name],
    keyword: "additionalProperties",
    message: `there is no "${clip(name)}" here.`,
    hint: near === undefined ? (known.length > 0 ? `Known: ${known.slice(0, 12).join(", ")}.` : "Remove it.") : `Did you mean "${near}"?`,
  };
}

function missingMember(steps: Steps, name: string, properties: Readonly<Record<string, unknown>>): Unplaced {
  const property = properties[name];
  const expected = isSchemaObject(property) ? `: expected ${describeSchema(property)}` : "";
  return {
    steps,
    keyword: "required",
    message: `"${name}" is missing${expected}.`,
    hint: (isSchemaObject(property) ? hintOf(property) : undefined) ?? `Add "${name}".`,
  };
}

function expectation(place: SchemaObject, error: SchemaError): string {
  switch (error.keyword) {
    case "type":
      return describeSchema(place);
    case "enum":
      return `one of ${error.params.allowedValues.slice(0, 12).map(describeLiteral).join(", ")}`;
    case "const":
      return describeLiteral(error.params.allowedValue);
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `a number ${error.params.comparison} ${String(error.params.limit)}`;
    case "minLength":
      return error.params.limit === 1 ? "text that is not empty" : `at least ${error.params.limit} characters`;
    case "maxLength":
      return `at most ${error.params.limit} characters`;
    case "minItems":
      return `at least ${error.params.limit} in the list`;
    case "maxItems":
      return `at most ${error.params.limit} in the list`;
    case "pattern":
      return `text like ${String(error.params.pattern)}`;
    case "format":
      return `text in the format ${error.params.format}`;
    default:
      return `a value for which ${error.keyword} holds`;
  }
}

function hintOf(schema: SchemaObject): string | undefined {
  const description = schema["description"];
  return typeof description === "string" && description !== "" ? description : undefined;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    case "integer":
    case "number":
      return typeof value === "number";
    default:
      return typeof value === type;
  }
}

function propertiesOf(schema: SchemaObject): Readonly<Record<string, unknown>> {
  return isRecord(schema["properties"]) ? schema["properties"] : {};
}

function schemaAt(schema: SchemaObject, pointer: string): SchemaObject | undefined {
  const found = valueAt(schema, pointer === "" ? [] : pointer.split("/").map(unescapePointer));
  return isSchemaObject(found) ? found : undefined;
}

function valueAt(value: unknown, steps: Steps): unknown {
  let current = value;
  for (const step of steps) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

function isSchemaObject(value: unknown): value is SchemaObject {
  return isRecord(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unescapePointer(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Digits may be positions or names; for display they read as positions. */
function toSteps(segments: readonly string[]): Steps {
  return segments.map((segment) => (/^(0|[1-9][0-9]*)$/.test(segment) ? Number(segment) : segment));
}

function unique(problems: readonly Unplaced[]): readonly Unplaced[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.steps, problem.message]);
    return !seen.has(key) && seen.add(key);
  });
}

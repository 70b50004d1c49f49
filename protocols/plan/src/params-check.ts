// Checks params against a capability's input schema before anything runs: literals strictly, references as far as their types are known.

import type { CapabilityShape } from "./capability-shape.ts";
import type { CheckReport } from "./check-report.ts";
import { ROOT_PATH } from "./json-path.ts";
import type { PlacedReference } from "./reference.ts";
import { fitsSchema, schemaProblems } from "./schema-problems.ts";
import type { SchemaView } from "./schema-view.ts";
import { stepInto, typesAt, viewSchema } from "./schema-view.ts";
import { mayHoldReference, parseTemplate } from "./template.ts";

export interface ParamsToCheck {
  readonly params: Readonly<Record<string, unknown>>;
  /** The references in them, placed under `at`. */
  readonly references: readonly PlacedReference[];
  readonly at: string;
  readonly taskId: string;
  readonly capability: Pick<CapabilityShape, "name" | "input">;
  /** What is known of the value behind a reference. */
  readonly viewOf: (reference: PlacedReference) => SchemaView;
}

type Steps = readonly (string | number)[];

/** Failures that the unknown text of an interpolated string, or anything around a reference, may still turn into a success. */
const DEPENDS_ON_TEXT = new Set(["pattern", "format", "enum", "const", "minLength", "maxLength"]);
const TEXT: ReadonlySet<string> = new Set(["string"]);
const DEPENDS_ON_INSIDE = new Set([
  "anyOf",
  "oneOf",
  "not",
  "if",
  "contains",
  "uniqueItems",
  "const",
  "enum",
  "schema",
  "dependentSchemas",
]);

export function checkParams(check: ParamsToCheck, report: CheckReport): void {
  const { input } = check.capability;
  if (typeof input !== "object" || input === null) return;
  if (check.references.length === 0) {
    reportProblems(check, input, check.params, report, () => true);
    return;
  }
  checkReferenceTypes(check, report);
  const filled = new SampleFiller(check.references).fill(check.params, viewSchema(input));
  if (fitsSchema(input, filled)) return;
  reportProblems(check, input, filled, report, (steps, keyword) => !mayBeFilledRight(steps, keyword, check.references));
}

function reportProblems(
  check: ParamsToCheck,
  schema: object,
  value: unknown,
  report: CheckReport,
  isReal: (steps: Steps, keyword: string) => boolean,
): void {
  for (const problem of schemaProblems(schema, value, check.at)) {
    if (!isReal(problem.steps, problem.keyword)) continue;
    report.add("BAD_PARAM", problem.path, `${check.capability.name}: ${problem.message}`, problem.hint, { taskId: check.taskId });
  }
}

/** A whole reference whose known types cannot meet the input's, or text where the input takes none. */
function checkReferenceTypes(check: ParamsToCheck, report: CheckReport): void {
  const input = viewSchema(check.capability.input);
  let reported: string | undefined;
  for (const reference of check.references) {
    const expected = typesAt(reference.steps.reduce<SchemaView>(stepInto, input));
    const actual = reference.whole ? typesAt(check.viewOf(reference)) : TEXT;
    if (expected === undefined || actual === undefined || actual.size === 0 || reported === reference.at) continue;
    if (actual === expected || meet(actual, expected)) continue;
    // The references of one text follow each other.
    reported = reference.at;
    report.add(
      "TYPE_MISMATCH",
      reference.at,
      `${check.capability.name} takes ${[...expected].join(" or ")} here, but ${reference.whole ? reference.text : "a text with references"} gives ${[...actual].join(" or ")}.`,
      reference.whole ? "Refer to a field of the right type." : "Make the string one whole reference to keep the type of the value.",
      { taskId: check.taskId },
    );
  }
}

function meet(actual: ReadonlySet<string>, expected: ReadonlySet<string>): boolean {
  for (const type of actual) if (expected.has(type)) return true;
  return false;
}

/** The value with every reference standing as a value that fits its place, as far as one is easily found. Shares what holds none. */
class SampleFiller {
  /** In the order in which the value is gone through. */
  readonly #references: readonly PlacedReference[];
  readonly #steps: (string | number)[] = [];
  #next = 0;

  constructor(references: readonly PlacedReference[]) {
    this.#references = references;
  }

  fill(value: unknown, view: SchemaView): unknown {
    if (typeof value === "string") return mayHoldReference(value) ? this.#text(value, view) : value;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return this.#list(value, view);
    let filled: [string, unknown][] | undefined;
    for (const key of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[key];
      const sample = this.#member(member, key, view);
      if (sample !== member) (filled ??= []).push([key, sample]);
    }
    // fromEntries defines own members, so one named __proto__ stays data.
    return filled === undefined ? value : Object.fromEntries([...Object.entries(value), ...filled]);
  }

  #list(list: readonly unknown[], view: SchemaView): unknown {
    let copy: unknown[] | undefined;
    for (let index = 0; index < list.length; index++) {
      const sample = this.#member(list[index], index, view);
      if (sample !== list[index]) (copy ??= [...list])[index] = sample;
    }
    return copy ?? list;
  }

  #member(member: unknown, step: string | number, view: SchemaView): unknown {
    if (typeof member !== "object" && typeof member !== "string") return member;
    this.#steps.push(step);
    const filled = this.fill(member, stepInto(view, step));
    this.#steps.pop();
    return filled;
  }

  #text(text: string, view: SchemaView): unknown {
    const reference = this.#references[this.#next];
    // What holds none holds something that only looks like one: its text is what is left when it has been read.
    if (reference === undefined || !this.#isHere(reference)) return literalText(text);
    while (this.#references[this.#next]?.steps === reference.steps) this.#next++;
    return reference.whole ? sampleOf(view) : text;
  }

  #isHere({ steps }: PlacedReference): boolean {
    return steps.length === this.#steps.length && steps.every((step, depth) => step === this.#steps[depth]);
  }
}

function literalText(text: string): string {
  return parseTemplate(text, ROOT_PATH)
    .map((part) => (typeof part === "string" ? part : part.text))
    .join("");
}

const samples = new WeakMap<object, unknown>();

function sampleOf(view: SchemaView): unknown {
  if (view.kind !== "known") return "";
  const [schema] = view.alternatives;
  if (schema === undefined) return null;
  if (!samples.has(schema)) samples.set(schema, makeSample(schema));
  return samples.get(schema);
}

function makeSample(schema: Readonly<Record<string, unknown>>): unknown {
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  const { type, minimum, minLength } = schema;
  switch (Array.isArray(type) ? type[0] : type) {
    case "integer":
    case "number":
      return typeof minimum === "number" ? minimum : 1;
    case "boolean":
      return true;
    case "array":
      return [];
    case "object":
      return {};
    case "null":
      return null;
    default:
      return "x".repeat(typeof minLength === "number" ? Math.min(minLength, 1000) : 1);
  }
}

/** Whether the failure may be owed to the sample that stands for a reference, rather than to something literal. */
function mayBeFilledRight(steps: Steps, keyword: string, holes: readonly PlacedReference[]): boolean {
  return holes.some((hole) => {
    if (startsWith(steps, hole.steps)) return hole.whole || DEPENDS_ON_TEXT.has(keyword);
    return startsWith(hole.steps, steps) && DEPENDS_ON_INSIDE.has(keyword);
  });
}

function startsWith(path: Steps, start: Steps): boolean {
  return start.length <= path.length && start.every((step, index) => String(step) === String(path[index]));
}

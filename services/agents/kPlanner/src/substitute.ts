// Puts parameter values into a playbook's tasks. Values arrive with their type, are never expanded again and cannot become code:
// in params they are escaped, in expressions they become literals.

import { isKosError, KosError } from "@kos/klp";
import type { LabelledValue, Reference, Template } from "@kos/plan";
import { childPath, compileExpression, mayHoldReference, parseTemplate, resolveReferences, writeTemplate } from "@kos/plan";
import type { ParamValues } from "./playbook-params.ts";

/** Something that cannot be substituted, at its JSON path in the playbook. */
interface SubstitutionProblem {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** How strings are treated, which depends on where they stand: see SPEC.md [K5]. */
type Mode = "template" | "text" | "expression" | "as_is";

const PARAMS = "params";
type ParamReference = Reference & { readonly name: typeof PARAMS };
const TASK_MODES: Readonly<Record<string, Mode>> = { params: "template", for_each: "template", when: "expression" };
const CRITERION_MODES: Readonly<Record<string, Mode>> = { expression: "expression", schema: "as_is" };

export interface Substitutor {
  readonly problems: readonly SubstitutionProblem[];
  /** One task, criterion or other part at its JSON path. */
  task(task: Readonly<Record<string, unknown>>, at: string): Readonly<Record<string, unknown>>;
  criterion(criterion: Readonly<Record<string, unknown>>, at: string): Readonly<Record<string, unknown>>;
  template(value: unknown, at: string): unknown;
  text(value: unknown, at: string): unknown;
}

export function createSubstitutor(values: ParamValues): Substitutor {
  const problems: SubstitutionProblem[] = [];
  const root: LabelledValue = { value: values, labels: [], source: "params" };

  /** The value of `${params.…}`; a problem and null when there is none. */
  function valueOf(reference: ParamReference, at: string): unknown {
    return attempt(at, () => resolveReferences(reference.text, () => root, { at }).value);
  }

  function attempt<Result>(at: string, work: () => Result): Result | null {
    try {
      return work();
    } catch (error) {
      if (!isKosError(error)) throw error;
      problems.push({ path: at, message: error.message, hint: "Declare the parameter under params, or correct its name." });
      return null;
    }
  }

  function walk(value: unknown, at: string, mode: Mode): unknown {
    if (mode === "as_is") return value;
    if (typeof value === "string") return mayHoldReference(value) ? fill(value, at, mode) : value;
    if (Array.isArray(value)) return value.map((element, index) => walk(element, childPath(at, index), mode));
    if (!isRecord(value)) return value;
    return members(value, at, {}, mode);
  }

  function fill(text: string, at: string, mode: Exclude<Mode, "as_is">): unknown {
    const template = attempt(at, () => parseTemplate(text, at));
    if (template === null) return text;
    if (mode === "expression") return fillExpression(template, at);
    const [first] = template;
    if (template.length === 1 && isParam(first)) {
      const value = valueOf(first, at);
      return mode === "template" ? escaped(value) : value;
    }
    const parts = template.map((part) => (isParam(part) ? asText(valueOf(part, at)) : part));
    if (mode === "template") return writeTemplate(parts);
    for (const part of parts) if (typeof part !== "string") refuseTask(part.text, at);
    return parts.filter((part) => typeof part === "string").join("");
  }

  /**
   * First every `${params.x}` is made a name, to see that it stands where a name can stand; only then it becomes a literal there. So a
   * value can neither break out of quotes nor become part of another word.
   */
  function fillExpression(template: Template, at: string): string {
    const prefix = freePrefix(template);
    const names: string[] = [];
    const named = template.map((part) => {
      if (!isParam(part)) return part;
      names.push(`${prefix}${names.length}_`);
      return names.at(-1) ?? "";
    });
    for (const part of named) if (typeof part !== "string") refuseTask(part.text, at);
    const text = named.map((part) => (typeof part === "string" ? part : "null")).join("");
    const variables = attempt(at, () => compileExpression(text).variables) ?? names;
    if (names.some((name) => !variables.includes(name))) {
      const hint = "Write ${params.x} without quotes: it becomes a literal.";
      problems.push({ path: at, message: "a parameter cannot stand inside quotes, in a word or as a loop variable.", hint });
    }
    return template.map((part) => (isParam(part) ? literalOf(valueOf(part, at)) : typeof part === "string" ? part : "null")).join("");
  }

  function refuseTask(text: string, at: string): void {
    problems.push({
      path: at,
      message: `${text} cannot stand here: only parameters can.`,
      hint: "In expressions write the name without ${}; elsewhere use params or output.",
    });
  }

  /** A member that is one whole parameter without a value is left out, as if the author had not written it. */
  function members(
    value: Readonly<Record<string, unknown>>,
    at: string,
    modes: Readonly<Record<string, Mode>>,
    otherwise: Mode = "text",
  ): Readonly<Record<string, unknown>> {
    const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
      const mode = modes[key] ?? otherwise;
      const filled = walk(member, childPath(at, key), mode);
      return filled === null && member !== null && mode !== "expression" ? [] : [[key, filled]];
    });
    return Object.fromEntries(entries);
  }

  function criterion(value: Readonly<Record<string, unknown>>, at: string): Readonly<Record<string, unknown>> {
    return members(value, at, CRITERION_MODES);
  }

  function review(value: unknown, at: string): unknown {
    if (!isRecord(value)) return walk(value, at, "text");
    const { criteria, fallback, ...rest } = value;
    return {
      ...members(rest, at, {}),
      ...(criteria !== undefined && { criteria: each(criteria, childPath(at, "criteria"), criterion) }),
      ...(fallback !== undefined && {
        fallback: isRecord(fallback) ? members(fallback, childPath(at, "fallback"), { params: "template" }) : fallback,
      }),
    };
  }

  return {
    problems,
    task(value, at) {
      const { review: reviewed, ...rest } = value;
      return { ...members(rest, at, TASK_MODES), ...(reviewed !== undefined && { review: review(reviewed, childPath(at, "review")) }) };
    },
    criterion,
    template: (value, at) => walk(value, at, "template"),
    text: (value, at) => walk(value, at, "text"),
  };
}

function each(value: unknown, at: string, one: (entry: Readonly<Record<string, unknown>>, at: string) => unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((entry: unknown, index) => (isRecord(entry) ? one(entry, childPath(at, index)) : entry));
}

function isParam(part: Template[number] | undefined): part is ParamReference {
  return part !== undefined && typeof part !== "string" && part.name === PARAMS;
}

/** The same value, its texts written so that the plan will not expand them. */
export function escaped(value: unknown): unknown {
  if (typeof value === "string") return writeTemplate([value]);
  if (Array.isArray(value)) return value.map(escaped);
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, escaped(member)])) : value;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** JSON is CEL, but for the sign of numbers, which binds looser than member access. */
function literalOf(value: unknown): string {
  return `(${JSON.stringify(value)})`;
}

function freePrefix(template: Template): string {
  const text = template.filter((part) => typeof part === "string").join(" ");
  let prefix = "param_";
  while (text.includes(prefix)) prefix = `p${prefix}`;
  return prefix;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** For values that a caller gives literally: `{capability, params}`. Errors: BAD_REQUEST when they are no object. */
export function literalParams(params: unknown): Readonly<Record<string, unknown>> {
  const value = escaped(params ?? {});
  if (isRecord(value)) return value;
  throw new KosError("BAD_REQUEST", "params must be an object.");
}

// References between tasks: where they stand in a value, and what the value becomes once they are filled in. Pure.

import { canonicalJson, KosError } from "@kos/klp";
import { childPath, jsonPath, ROOT_PATH } from "./json-path.ts";
import { jsonChars, MAX_JSON_DEPTH } from "./json-size.ts";
import type { Label, LabelledValue } from "./label.ts";
import { joinLabels } from "./label.ts";
import type { Reference, Template } from "./template.ts";
import { mayHoldReference, parseTemplate } from "./template.ts";

/** A reference and where it stands. */
export interface PlacedReference extends Reference {
  /** JSON path of the string that holds it. */
  readonly at: string;
  /** The same place as steps from the value that was searched. */
  readonly steps: readonly (string | number)[];
  /** True when the string is nothing but this reference, so that the value's type is kept. */
  readonly whole: boolean;
}

export interface ResolveOptions {
  /** JSON path of `value`, for messages. Default `$`. */
  readonly at?: string;
  /** Labels of the fixed part: who wrote the params. */
  readonly labels?: readonly Label[];
  /** Upper bound for everything inserted, in characters of JSON. Default 16 Mi. */
  readonly maxChars?: number;
}

export interface Resolved {
  /** Shares structure with the inputs: never change it in place. */
  readonly value: unknown;
  readonly labels: readonly Label[];
}

const DEFAULT_MAX_CHARS = 16 * 1024 * 1024;

/**
 * Every reference in the strings of a JSON value, in document order. Member names are never expanded.
 * Errors: BAD_REQUEST for a malformed `${…}` or a value nested deeper than 200.
 */
export function referencesIn(value: unknown, at: string = ROOT_PATH): readonly PlacedReference[] {
  const found: PlacedReference[] = [];
  collect(value, at, [], found);
  return found;
}

/** `steps` is one stack, pushed and popped: most values hold no reference, so paths are only written out for those that do. */
function collect(value: unknown, root: string, steps: (string | number)[], found: PlacedReference[]): void {
  if (typeof value === "string") {
    if (mayHoldReference(value)) place(value, root, [...steps], found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (steps.length >= MAX_JSON_DEPTH) throw tooDeep(jsonPath(steps, root));
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) collectMember(value[index], index, root, steps, found);
    return;
  }
  for (const key of Object.keys(value)) collectMember((value as Record<string, unknown>)[key], key, root, steps, found);
}

function collectMember(member: unknown, step: string | number, root: string, steps: (string | number)[], found: PlacedReference[]): void {
  if (typeof member !== "string" && typeof member !== "object") return;
  steps.push(step);
  collect(member, root, steps, found);
  steps.pop();
}

/** The references of one string share one list of steps. */
function place(text: string, root: string, steps: readonly (string | number)[], found: PlacedReference[]): void {
  const at = jsonPath(steps, root);
  const template = parseTemplate(text, at);
  const whole = template.length === 1;
  for (const part of template) {
    if (typeof part !== "string") found.push({ name: part.name, path: part.path, text: part.text, at, steps, whole });
  }
}

/**
 * Fills in every reference of a JSON value. A string that is one whole reference becomes the value itself; inside a longer string a
 * string is inserted as it is and anything else as canonical JSON. What was inserted is never looked at again.
 * `lookup` gives the value of a task (null for a skipped one), `item` or `index`; stepping into null gives null.
 * Labels: the fixed part's and those of every value used.
 * Errors: BAD_REQUEST for an unknown name or a path that does not exist (`details: {reference, at}`); TOO_LARGE past `maxChars`.
 */
export function resolveReferences(
  value: unknown,
  lookup: (name: string) => LabelledValue | undefined,
  options: ResolveOptions = {},
): Resolved {
  const used = new Map<string, LabelledValue>();
  const maxChars = options.maxChars ?? DEFAULT_MAX_CHARS;
  let chars = 0;

  function spend(amount: number, at: string): void {
    chars += amount;
    if (chars > maxChars) {
      throw new KosError(
        "TOO_LARGE",
        `${at}: filling in the references gives more than ${maxChars} characters. Pass an artifact instead.`,
        {
          details: { at, max_chars: maxChars },
        },
      );
    }
  }

  function valueOf(reference: Reference, at: string): unknown {
    let root = used.get(reference.name);
    if (root === undefined) {
      root = lookup(reference.name);
      if (root === undefined) throw unresolved(reference, at, `nothing is named "${reference.name}" here`);
      if (!Object.hasOwn(root, "value"))
        throw new KosError("INTERNAL", `${at}: the value of "${reference.name}" was not loaded from its blob`);
      used.set(reference.name, root);
    }
    return followPath(root.value, reference, at);
  }

  function fill(template: Template, at: string): unknown {
    const [first] = template;
    if (template.length === 1 && first !== undefined && typeof first !== "string") {
      const inserted = valueOf(first, at);
      spend(jsonChars(inserted, maxChars - chars), at);
      return inserted;
    }
    let text = "";
    for (const part of template) {
      const piece = typeof part === "string" ? part : asText(valueOf(part, at));
      spend(piece.length, at);
      text += piece;
    }
    return text;
  }

  function walk(node: unknown, at: string, depth: number): unknown {
    if (typeof node === "string") return mayHoldReference(node) ? fill(parseTemplate(node, at), at) : node;
    if (typeof node !== "object" || node === null) return node;
    if (depth >= MAX_JSON_DEPTH) throw tooDeep(at);
    if (Array.isArray(node)) {
      const list = node.map((element, index) => walkMember(element, at, index, depth));
      return list.every((element, index) => element === node[index]) ? node : list;
    }
    return walkObject(node as Readonly<Record<string, unknown>>, at, depth);
  }

  /** Most members hold no reference: their paths are not written out. */
  function walkMember(member: unknown, at: string, step: string | number, depth: number): unknown {
    const isPlain = typeof member === "string" ? !mayHoldReference(member) : typeof member !== "object" || member === null;
    return isPlain ? member : walk(member, childPath(at, step), depth + 1);
  }

  function walkObject(node: Readonly<Record<string, unknown>>, at: string, depth: number): unknown {
    let changed = false;
    const entries = Object.keys(node).map((key): [string, unknown] => {
      const result = walkMember(node[key], at, key, depth);
      changed ||= result !== node[key];
      return [key, result];
    });
    // fromEntries defines own properties, so a member named __proto__ stays data.
    return changed ? Object.fromEntries(entries) : node;
  }

  const resolved = walk(value, options.at ?? ROOT_PATH, 0);
  return { value: resolved, labels: joinLabels(options.labels ?? [], ...[...used.values()].map((entry) => entry.labels)) };
}

/** Only own members of plain objects and positions of arrays are reached: `constructor`, `length` and the like are not ([R75]). */
function followPath(root: unknown, reference: Reference, at: string): unknown {
  let current = root;
  for (const [position, step] of reference.path.entries()) {
    if (current === null) return null;
    if (typeof step === "number" && Array.isArray(current) && step < current.length) current = current[step];
    else if (typeof step === "string" && isRecord(current) && Object.hasOwn(current, step)) current = current[step];
    else throw unresolved(reference, at, missing(reference, position, current));
  }
  return current;
}

function missing(reference: Reference, position: number, current: unknown): string {
  const step = reference.path[position];
  const parent = reference.path.slice(0, position).reduce<string>(childPath, reference.name);
  if (Array.isArray(current)) return `"${parent}" is a list of ${current.length}, it has no ${JSON.stringify(step)}`;
  if (!isRecord(current)) return `"${parent}" is a ${typeof current}, it has no members`;
  const names = Object.keys(current).slice(0, 8);
  return `"${parent}" has no ${JSON.stringify(step)}${names.length > 0 ? `; it has ${names.join(", ")}` : ""}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : canonicalJson(value);
}

function unresolved(reference: Reference, at: string, why: string): KosError {
  return new KosError("BAD_REQUEST", `${at}: ${reference.text} does not resolve: ${why}.`, { details: { reference: reference.text, at } });
}

function tooDeep(at: string): KosError {
  return new KosError("BAD_REQUEST", `${at.slice(0, 200)}: nested deeper than ${MAX_JSON_DEPTH}. Flatten the value or pass an artifact.`, {
    details: { max_depth: MAX_JSON_DEPTH },
  });
}

// What stands in the controls of a form, and the value it means. Checks what can be known here; the node checks everything again.

import type { Field, FieldKind } from "./field.ts";

/** A text or a tick for each field, as the control holds it. */
export type FormValues = Readonly<Record<string, string | boolean>>;

export interface ReadForm {
  readonly params: Readonly<Record<string, unknown>>;
  /** What is wrong, by field. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The defaults, and over them what was typed before. */
export function initialValues(fields: readonly Field[], before: FormValues = {}): FormValues {
  return Object.fromEntries(
    fields.map((field): [string, string | boolean] => {
      const kept = Object.hasOwn(before, field.name) ? before[field.name] : undefined;
      const fresh = controlValue(field);
      return [field.name, typeof kept === typeof fresh && kept !== undefined ? kept : fresh];
    }),
  );
}

/** Empty fields are left out: the node then takes the default. */
export function readForm(fields: readonly Field[], values: FormValues): ReadForm {
  const problems = new Map<string, string>();
  const params: Record<string, unknown> = {};
  for (const field of fields) {
    const read = readField(field, values[field.name] ?? controlValue(field));
    if ("problem" in read) problems.set(field.name, read.problem);
    else if (read.value !== undefined) params[field.name] = read.value;
  }
  return { params, problems };
}

type Read = { readonly value: unknown } | { readonly problem: string };

function controlValue(field: Field): string | boolean {
  const { kind, initial } = field;
  if (kind === "boolean") return initial === true;
  if (initial === undefined) return "";
  if (kind === "list" && Array.isArray(initial)) return initial.map(String).join("\n");
  if (kind === "choice") return JSON.stringify(initial);
  return typeof initial === "string" ? initial : JSON.stringify(initial, undefined, kind === "json" ? 2 : undefined);
}

function readField(field: Field, control: string | boolean): Read {
  if (typeof control === "boolean") return { value: control };
  const isText = field.kind === "text";
  const entered = isText ? control : control.trim();
  if (entered === "") return field.isRequired ? { problem: `${field.title} is needed.` } : { value: undefined };
  if (field.kind === "choice") return { value: JSON.parse(entered) as unknown };
  if (field.kind === "list") return readList(field, entered);
  const read = readPlain(field.kind, entered);
  return "problem" in read ? read : withinBounds(field, read.value);
}

function readList(field: Field, entered: string): Read {
  const lines = entered
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const items: unknown[] = [];
  for (const [place, line] of lines.entries()) {
    const read = readPlain(field.itemKind ?? "text", line);
    if ("problem" in read) return { problem: `Line ${place + 1}: ${read.problem}` };
    items.push(read.value);
  }
  if (field.minItems !== undefined && items.length < field.minItems) return { problem: `At least ${field.minItems} lines are needed.` };
  if (field.maxItems !== undefined && items.length > field.maxItems) return { problem: `At most ${field.maxItems} lines are taken.` };
  return { value: items };
}

function readPlain(kind: FieldKind, entered: string): Read {
  switch (kind) {
    case "integer":
      return /^[+-]?\d{1,15}$/.test(entered) ? { value: Number(entered) } : { problem: "Write a whole number, such as 12." };
    case "number": {
      const value = Number(entered);
      return Number.isFinite(value) ? { value } : { problem: "Write a number, such as 0.5." };
    }
    case "boolean":
      return entered === "true" || entered === "false" ? { value: entered === "true" } : { problem: "Write true or false." };
    case "path":
      return /^(\/|[A-Za-z]:[\\/])/.test(entered)
        ? { value: entered }
        : { problem: "Write the whole path, from / on: the node does not know in which folder you stand." };
    case "json":
      try {
        return { value: JSON.parse(entered) as unknown };
      } catch {
        return { problem: 'This is not JSON. Texts and names stand in double quotes: {"name": "value"}.' };
      }
    case "text":
    case "choice":
    case "list":
      return { value: entered };
  }
}

function withinBounds(field: Field, value: unknown): Read {
  const { minimum, maximum, minLength, maxLength } = field;
  if (typeof value === "number") {
    if (minimum !== undefined && value < minimum) return { problem: `The least is ${minimum}.` };
    if (maximum !== undefined && value > maximum) return { problem: `The most is ${maximum}.` };
  }
  if (typeof value === "string") {
    if (minLength !== undefined && value.length < minLength) return { problem: `At least ${minLength} characters are needed.` };
    if (maxLength !== undefined && value.length > maxLength) return { problem: `At most ${maxLength} characters are taken.` };
  }
  return { value };
}

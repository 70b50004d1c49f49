// Parses strings with `${name.path[0]}` in them into text and references. It knows nothing of values; see reference.ts.

import { KosError } from "@kos/klp";

/** One `${…}`: a task id (or `item`, `index`, `params`) and the steps into its value. */
export interface Reference {
  readonly name: string;
  readonly path: readonly (string | number)[];
  /** As written, with `${` and `}`. */
  readonly text: string;
}

/** A parsed string: literal text (escapes undone) and references, in order. Empty text is left out. */
export type Template = readonly (string | Reference)[];

const OPEN = "${";
const ESCAPED_OPEN = "$${";
const MAX_STEPS = 32;
const MAX_INDEX = 10_000_000;
/** Sticky, so that each is tried at one place only and never backtracks. */
const NAME = /[A-Za-z_][A-Za-z0-9_-]{0,127}/y;
const INDEX = /\[(0|[1-9][0-9]{0,7})\]/y;
const LITERAL = /\$\{("(?:[^"\\]|\\.){0,4096}")\}/y;
const QUOTED = /\[("(?:[^"\\]|\\.){0,256}")\]/y;

/** True when the text needs parsing at all: most strings do not. */
export function mayHoldReference(text: string): boolean {
  return text.includes(OPEN);
}

/**
 * Splits a text. `$${` stands for a literal `${`; `${"…"}`, a JSON string in place of a name, for its own text.
 * Errors: BAD_REQUEST for a `${` that is not closed or not a reference; `details` say where (`at`, `column` from 1).
 */
export function parseTemplate(text: string, at: string): Template {
  const parts: (string | Reference)[] = [];
  let literal = "";
  let position = 0;
  for (;;) {
    const open = text.indexOf(OPEN, position);
    if (open === -1) break;
    if (open > position && text.startsWith(ESCAPED_OPEN, open - 1)) {
      literal += text.slice(position, open - 1) + OPEN;
      position = open + OPEN.length;
      continue;
    }
    literal += text.slice(position, open);
    const fixed = readLiteral(text, open);
    if (fixed !== undefined) {
      literal += fixed.value;
      position = fixed.end;
      continue;
    }
    if (literal !== "") parts.push(literal);
    literal = "";
    const reference = readReference(text, open, at);
    parts.push(reference);
    position = open + reference.text.length;
  }
  literal += text.slice(position);
  if (literal !== "" || parts.length === 0) parts.push(literal);
  return parts;
}

/**
 * The text that `parseTemplate` reads as these parts (neighbouring texts joined): how values that are not to be expanded get into a plan.
 */
export function writeTemplate(parts: Template): string {
  let written = "";
  let literal = "";
  for (const part of parts) {
    if (typeof part === "string") {
      literal += part;
      continue;
    }
    // Dollars right before a reference would escape it, so they are quoted.
    let end = literal.length;
    while (literal[end - 1] === "$") end -= 1;
    const [text, dollars] = [literal.slice(0, end), literal.slice(end)];
    written += escapeText(text) + (dollars === "" ? "" : `${OPEN}"${dollars}"}`) + part.text;
    literal = "";
  }
  return written + escapeText(literal);
}

function escapeText(text: string): string {
  return text.replaceAll(OPEN, () => ESCAPED_OPEN);
}

function readLiteral(text: string, open: number): { readonly value: string; readonly end: number } | undefined {
  if (text[open + OPEN.length] !== '"') return undefined;
  const match = matchAt(LITERAL, text, open);
  const value = match?.[1] === undefined ? undefined : parseJsonText(match[1]);
  return match === null || value === undefined ? undefined : { value, end: open + match[0].length };
}

function readReference(text: string, open: number, at: string): Reference {
  let position = open + OPEN.length;
  const name = nameAt(text, position);
  if (name === undefined) throw malformed(text, open, position, at, "a task name");
  position += name.length;
  const path: (string | number)[] = [];
  while (text[position] !== "}") {
    const step = readStep(text, position);
    if (step === undefined) throw malformed(text, open, position, at, '"." and a name, "[0]", \'["name"]\' or "}"');
    if (step.value === "__proto__") throw malformed(text, open, position, at, "a name other than __proto__");
    path.push(step.value);
    if (path.length > MAX_STEPS) throw malformed(text, open, position, at, `at most ${MAX_STEPS} steps`);
    position = step.end;
  }
  return { name, path, text: text.slice(open, position + 1) };
}

function readStep(text: string, position: number): { readonly value: string | number; readonly end: number } | undefined {
  if (text[position] === ".") {
    const name = nameAt(text, position + 1);
    return name === undefined ? undefined : { value: name, end: position + 1 + name.length };
  }
  const index = matchAt(INDEX, text, position);
  if (index?.[1] !== undefined && Number(index[1]) <= MAX_INDEX) return { value: Number(index[1]), end: position + index[0].length };
  const quoted = matchAt(QUOTED, text, position);
  const name = quoted?.[1] === undefined ? undefined : parseJsonText(quoted[1]);
  return quoted === null || name === undefined ? undefined : { value: name, end: position + quoted[0].length };
}

/** A quoted name has the escapes of JSON; undefined when it is not one. */
function parseJsonText(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

/** Without a match object: there is one for every step of every reference of a plan. */
function nameAt(text: string, position: number): string | undefined {
  NAME.lastIndex = position;
  return NAME.test(text) ? text.slice(position, NAME.lastIndex) : undefined;
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function malformed(text: string, open: number, position: number, at: string, expected: string): KosError {
  const shown = text.slice(open, open + 40);
  return new KosError(
    "BAD_REQUEST",
    `${at}: "${shown}" is not a reference: expected ${expected} at column ${position + 1}. Write \${task.field}, or $\${ for a literal \${.`,
    { details: { at, column: position + 1, expected } },
  );
}

// The functions of the expression language: a closed table, each deterministic and paid for by what it reads and makes.

import { CHARS_PER_STEP, isJsonMap, kindOf } from "./expression-value.ts";
import { compilePattern } from "./pattern.ts";

/** Spends from the evaluation's budget; throws when it is used up. */
export type Charge = (amount: number) => void;

/** Thrown for wrong arguments; the evaluator adds the place, as it does to a BAD_REQUEST. */
export class FunctionProblem extends Error {}

export interface ExpressionFunction {
  /** Arguments it takes; a method's receiver counts as the first. */
  readonly arity: readonly [minimum: number, maximum: number];
  readonly call: (args: readonly unknown[], charge: Charge) => unknown;
}

/** `name(x)` */
export const GLOBAL_FUNCTIONS: ReadonlyMap<string, ExpressionFunction> = new Map([
  ["size", { arity: [1, 1], call: ([value], charge) => sizeOf(value, charge) }],
  ["int", { arity: [1, 1], call: ([value]) => toInteger(value) }],
  ["double", { arity: [1, 1], call: ([value]) => toNumber(value) }],
  ["string", { arity: [1, 1], call: ([value]) => toText(value) }],
  ["bool", { arity: [1, 1], call: ([value]) => toBoolean(value) }],
  ["dyn", { arity: [1, 1], call: ([value]) => value }],
] satisfies [string, ExpressionFunction][]);

/** `receiver.name(x)` */
export const METHODS: ReadonlyMap<string, ExpressionFunction> = new Map([
  ["size", { arity: [1, 1], call: ([value], charge) => sizeOf(value, charge) }],
  ["contains", textTest((text, part) => text.includes(part))],
  ["startsWith", textTest((text, part) => text.startsWith(part))],
  ["endsWith", textTest((text, part) => text.endsWith(part))],
  ["matches", { arity: [2, 2], call: ([value, pattern], charge) => matches(textOf(value), textOf(pattern), charge) }],
  ["lowerAscii", textChange((text) => text.replace(/[A-Z]+/g, (run) => run.toLowerCase()))],
  ["upperAscii", textChange((text) => text.replace(/[a-z]+/g, (run) => run.toUpperCase()))],
  ["trim", textChange((text) => text.trim())],
  ["split", { arity: [2, 2], call: ([value, separator], charge) => split(textOf(value), textOf(separator), charge) }],
  ["sum", { arity: [1, 1], call: ([value], charge) => sum(value, charge) }],
  ["join", { arity: [1, 2], call: ([value, separator], charge) => join(value, separator ?? "", charge) }],
] satisfies [string, ExpressionFunction][]);

function textTest(test: (text: string, part: string) => boolean): ExpressionFunction {
  return {
    arity: [2, 2],
    call: ([value, part], charge) => {
      const text = textOf(value);
      charge(1 + text.length / CHARS_PER_STEP);
      return test(text, textOf(part));
    },
  };
}

function textChange(change: (text: string) => string): ExpressionFunction {
  return {
    arity: [1, 1],
    call: ([value], charge) => {
      const text = textOf(value);
      charge(1 + text.length / CHARS_PER_STEP);
      return change(text);
    },
  };
}

function sizeOf(value: unknown, charge: Charge): number {
  if (Array.isArray(value)) return value.length;
  if (isJsonMap(value)) {
    const count = Object.keys(value).length;
    charge(count);
    return count;
  }
  const text = textOf(value, "a list, map or string");
  charge(1 + text.length / CHARS_PER_STEP);
  let codePoints = 0;
  for (const _ of text) codePoints += 1;
  return codePoints;
}

function toInteger(value: unknown): number {
  const number = typeof value === "string" && /^[+-]?[0-9]{1,16}$/.test(value) ? Number(value) : value;
  const whole = typeof number === "number" ? Math.trunc(number) : Number.NaN;
  if (Number.isSafeInteger(whole)) return whole;
  throw new FunctionProblem(`int() takes a number or a string of digits, not ${describe(value)}`);
}

function toNumber(value: unknown): number {
  const isNumeral = typeof value === "string" && /^[+-]?[0-9]{1,64}(\.[0-9]{1,64})?([eE][+-]?[0-9]{1,4})?$/.test(value);
  const number = isNumeral ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new FunctionProblem(`double() takes a number or a numeral, not ${describe(value)}`);
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new FunctionProblem(`string() takes a string, number or bool, not ${describe(value)}`);
}

function toBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw new FunctionProblem(`bool() takes a bool, "true" or "false", not ${describe(value)}`);
}

function matches(text: string, pattern: string, charge: Charge): boolean {
  const compiled = compilePattern(pattern);
  charge(1 + (text.length * compiled.size) / CHARS_PER_STEP);
  return compiled.test(text);
}

function split(text: string, separator: string, charge: Charge): readonly string[] {
  charge(1 + text.length);
  return text.split(separator);
}

/** Not of CEL: totals are what criteria compare most. */
function sum(value: unknown, charge: Charge): number {
  if (!Array.isArray(value)) throw new FunctionProblem(`sum() takes a list of numbers, not ${describe(value)}`);
  charge(value.length);
  const total = value.reduce<number>((left, element) => left + toNumber(element), 0);
  if (Number.isFinite(total)) return total;
  throw new FunctionProblem("the sum is too large");
}

function join(value: unknown, separator: unknown, charge: Charge): string {
  if (!Array.isArray(value)) throw new FunctionProblem(`join() takes a list of strings, not ${describe(value)}`);
  const between = textOf(separator);
  for (const element of value) charge(1 + (textOf(element).length + between.length) / CHARS_PER_STEP);
  return value.join(between);
}

function textOf(value: unknown, expected = "a string"): string {
  if (typeof value === "string") return value;
  throw new FunctionProblem(`expected ${expected}, found ${describe(value)}`);
}

function describe(value: unknown): string {
  const shown = typeof value === "string" || typeof value === "number" ? ` ${JSON.stringify(value).slice(0, 40)}` : "";
  return `a ${kindOf(value)}${shown}`;
}

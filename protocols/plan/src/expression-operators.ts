// The operators of the expression language over already compiled operands: literals, access, logic, comparison and arithmetic.

import type { BoolStep, Step } from "./expression-frame.ts";
import { absorbable, ExpressionProblem } from "./expression-frame.ts";
import { CHARS_PER_STEP, compareJson, equalJson, isJsonMap, kindOf } from "./expression-value.ts";

export function compileLiteral(literal: unknown, offset: number): Step {
  const value = typeof literal === "bigint" ? Number(literal) : literal;
  if (typeof literal === "bigint" && !Number.isSafeInteger(value)) {
    throw new ExpressionProblem("numbers beyond 2^53 have no exact JSON form", offset);
  }
  if (typeof value === "object" && value !== null) throw new ExpressionProblem("bytes and unsigned numbers have no JSON form", offset);
  return () => value;
}

export function compileMember(parent: Step, name: string, offset: number): Step {
  return (frame) => member(parent(frame), name, offset);
}

function member(parent: unknown, name: string, offset: number): unknown {
  if (isJsonMap(parent) && Object.hasOwn(parent, name)) return parent[name] ?? null;
  throw new ExpressionProblem(
    isJsonMap(parent) ? `has no member ${JSON.stringify(name)}` : `a ${kindOf(parent)} has no member ${JSON.stringify(name)}`,
    offset,
  );
}

export function compileIndex(parent: Step, position: Step, offset: number): Step {
  return (frame) => {
    const container = parent(frame);
    const key = position(frame);
    if (!Array.isArray(container)) {
      if (typeof key === "string") return member(container, key, offset);
      throw new ExpressionProblem(`a ${kindOf(container)} has no element ${String(key)}`, offset);
    }
    if (typeof key === "number" && Number.isInteger(key) && key >= 0 && key < container.length) return container[key] ?? null;
    throw new ExpressionProblem(`a list of ${container.length} has no element ${String(key)}`, offset);
  };
}

export function compileList(elements: readonly Step[]): Step {
  return (frame) => elements.map((element) => element(frame));
}

export function compileMap(entries: readonly (readonly [Step, Step])[], offset: number): Step {
  return (frame) => {
    const pairs = entries.map(([key, value]): [string, unknown] => {
      const name = key(frame);
      if (typeof name !== "string") throw new ExpressionProblem(`map keys are strings, not a ${kindOf(name)}`, offset);
      return [name, value(frame)];
    });
    return Object.fromEntries(pairs);
  };
}

/** As in CEL, the side that decides wins over a side that fails. */
export function compileLogic(decisive: boolean, left: BoolStep, right: BoolStep): Step {
  return (frame) => {
    let problem: ExpressionProblem | undefined;
    try {
      if (left(frame) === decisive) return decisive;
    } catch (error) {
      problem = absorbable(error);
    }
    if (right(frame) === decisive) return decisive;
    if (problem !== undefined) throw problem;
    return !decisive;
  };
}

export function compileNot(operand: BoolStep): Step {
  return (frame) => !operand(frame);
}

export function compileMinus(operand: Step, offset: number): Step {
  return (frame) => {
    const value = operand(frame);
    if (typeof value !== "number") throw new ExpressionProblem(`cannot negate a ${kindOf(value)}`, offset);
    return -value;
  };
}

export function compileEquality(wanted: boolean, left: Step, right: Step): Step {
  return (frame) => equalJson(left(frame), right(frame), frame.charge) === wanted;
}

export function compileMembership(element: Step, container: Step, offset: number): Step {
  return (frame) => {
    const wanted = element(frame);
    const where = container(frame);
    if (Array.isArray(where)) {
      frame.charge(where.length);
      return where.some((candidate) => equalJson(candidate, wanted, frame.charge));
    }
    if (isJsonMap(where)) return typeof wanted === "string" && Object.hasOwn(where, wanted);
    throw new ExpressionProblem(`"in" needs a list or map, found a ${kindOf(where)}`, offset);
  };
}

export function compileOrder(operator: "<" | "<=" | ">" | ">=", left: Step, right: Step, offset: number): Step {
  return (frame) => {
    const first = left(frame);
    const second = right(frame);
    if (typeof first === "string") frame.charge(first.length / CHARS_PER_STEP);
    const order = compareJson(first, second);
    if (order === undefined) throw new ExpressionProblem(`cannot order a ${kindOf(first)} and a ${kindOf(second)}`, offset);
    switch (operator) {
      case "<":
        return order < 0;
      case "<=":
        return order <= 0;
      case ">":
        return order > 0;
      case ">=":
        return order >= 0;
    }
  };
}

type Arithmetic = "+" | "-" | "*" | "/" | "%";

export function compileArithmetic(operator: Arithmetic, left: Step, right: Step, offset: number): Step {
  return (frame) => {
    const first = left(frame);
    const second = right(frame);
    if (typeof first === "number" && typeof second === "number") return calculate(operator, first, second, offset);
    if (operator === "+" && typeof first === "string" && typeof second === "string") {
      frame.charge(1 + (first.length + second.length) / CHARS_PER_STEP);
      return first + second;
    }
    if (operator === "+" && Array.isArray(first) && Array.isArray(second)) {
      frame.charge(first.length + second.length);
      return [...first, ...second];
    }
    throw new ExpressionProblem(`cannot compute a ${kindOf(first)} ${operator} a ${kindOf(second)}`, offset);
  };
}

function calculate(operator: Arithmetic, first: number, second: number, offset: number): number {
  if (second === 0 && (operator === "/" || operator === "%")) throw new ExpressionProblem("division by zero", offset);
  const result = arithmetic(operator, first, second);
  if (Number.isFinite(result)) return result;
  throw new ExpressionProblem("the number is too large", offset);
}

function arithmetic(operator: Arithmetic, first: number, second: number): number {
  switch (operator) {
    case "+":
      return first + second;
    case "-":
      return first - second;
    case "*":
      return first * second;
    case "/":
      return first / second;
    case "%":
      return first % second;
  }
}

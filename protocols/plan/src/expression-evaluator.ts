// Turns the syntax tree of an expression into a function over JSON values. It owns the meaning of the language and its bounds:
// every loop, comparison and text is paid for from a budget, so that no expression runs for long whatever the data.

import { isKosError } from "@kos/klp";
import type { ASTNode } from "@marcbachmann/cel-js";
import type { BoolStep, Step } from "./expression-frame.ts";
import { absorbable, ExpressionProblem } from "./expression-frame.ts";
import type { Charge, ExpressionFunction } from "./expression-functions.ts";
import { FunctionProblem, GLOBAL_FUNCTIONS, METHODS } from "./expression-functions.ts";
import {
  compileArithmetic,
  compileEquality,
  compileIndex,
  compileList,
  compileLiteral,
  compileLogic,
  compileMap,
  compileMember,
  compileMembership,
  compileMinus,
  compileNot,
  compileOrder,
} from "./expression-operators.ts";
import { isJsonMap, kindOf } from "./expression-value.ts";

/** Loop variables in scope; a name's position is its place in `Frame.loop`. */
interface Scope {
  readonly loopNames: readonly string[];
  readonly free: Set<string>;
  /** Source ranges of what is read, see `CompiledTree.terms`. */
  readonly terms: Map<number, number>;
  readonly depth: number;
}

export interface CompiledTree {
  /** Names that must be bound, loop variables left out. */
  readonly variables: readonly string[];
  /** The longest paths that are read from bound names, as written: what a reader wants to see when a condition is false. */
  readonly terms: readonly string[];
  readonly evaluate: (bindings: Readonly<Record<string, unknown>>, maxSteps: number) => unknown;
}

const MAX_DEPTH = 250;
const MACROS = ["all", "exists", "exists_one", "map", "filter"] as const;
type Macro = (typeof MACROS)[number];

/** Errors: ExpressionProblem, with the place. */
export function compileTree(ast: ASTNode): CompiledTree {
  const free = new Set<string>();
  const terms = new Map<number, number>();
  const run = compileNode(ast, { loopNames: [], free, terms, depth: 0 });
  const texts = [...terms].map(([start, end]) => ast.input.slice(start, end));
  return {
    variables: [...free],
    terms: [...new Set(texts)],
    evaluate(bindings, maxSteps) {
      let left = maxSteps;
      const charge: Charge = (amount) => {
        left -= amount;
        if (left < 0) throw new ExpressionProblem(`takes more than ${maxSteps} steps on this data`, ast.start, { exhausted: true });
      };
      return run({ bindings, loop: [], charge });
    },
  };
}

function compileNode(node: ASTNode, outer: Scope): Step {
  if (outer.depth >= MAX_DEPTH) throw new ExpressionProblem(`nested deeper than ${MAX_DEPTH}`, node.start);
  const scope = { ...outer, depth: outer.depth + 1 };
  switch (node.op) {
    case "value":
      return compileLiteral(node.args, node.start);
    case "id":
      noteTerm(node, scope);
      return compileName(node.args, node.start, scope);
    case ".":
      noteTerm(node, scope);
      return compileMember(compileNode(node.args[0], scope), node.args[1], node.start);
    case "[]":
      noteTerm(node, scope);
      return compileIndex(compileNode(node.args[0], scope), compileNode(node.args[1], scope), node.args[1].start);
    case "call":
      return compileCall(node.args[0], node.args[1], node.start, scope);
    case "rcall":
      return compileMethod(node.args[0], node.args[1], node.args[2], node.start, scope);
    case "list":
      return compileList(node.args.map((element) => compileNode(element, scope)));
    case "map":
      return compileMap(
        node.args.map(([key, value]) => [compileNode(key, scope), compileNode(value, scope)] as const),
        node.start,
      );
    case "?:":
      return compileChoice(node.args[0], compileNode(node.args[1], scope), compileNode(node.args[2], scope), scope);
    case "||":
    case "&&":
      return compileLogic(node.op === "||", compileBool(node.args[0], scope), compileBool(node.args[1], scope));
    case "!_":
      return compileNot(compileBool(node.args, scope));
    case "-_":
      return compileMinus(compileNode(node.args, scope), node.start);
    case "==":
    case "!=":
      return compileEquality(node.op === "==", compileNode(node.args[0], scope), compileNode(node.args[1], scope));
    case "in":
      return compileMembership(compileNode(node.args[0], scope), compileNode(node.args[1], scope), node.args[1].start);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compileOrder(node.op, compileNode(node.args[0], scope), compileNode(node.args[1], scope), node.start);
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return compileArithmetic(node.op, compileNode(node.args[0], scope), compileNode(node.args[1], scope), node.start);
    case ".?":
    case "[?]":
      throw new ExpressionProblem("optional access is not supported: use has()", node.start);
  }
}

function compileName(name: string, offset: number, scope: Scope): Step {
  const slot = scope.loopNames.lastIndexOf(name);
  if (slot !== -1) return (frame) => frame.loop[slot];
  scope.free.add(name);
  return (frame) => {
    if (!Object.hasOwn(frame.bindings, name)) throw new ExpressionProblem(`nothing is named "${name}" here`, offset);
    return frame.bindings[name] ?? null;
  };
}

/** Outer nodes come first and start where their inner ones do, so the longest path is the one that stays. */
function noteTerm(node: ASTNode, scope: Scope): void {
  let root = node;
  while (root.op === "." || root.op === "[]") root = root.args[0];
  if (root.op === "id" && !scope.loopNames.includes(root.args) && !scope.terms.has(node.start)) scope.terms.set(node.start, node.end);
}

function compileCall(name: string, args: readonly ASTNode[], offset: number, scope: Scope): Step {
  if (name === "has") return compileHas(args, offset, scope);
  return compileFunction(GLOBAL_FUNCTIONS, name, args, offset, scope);
}

function compileMethod(name: string, receiver: ASTNode, args: readonly ASTNode[], offset: number, scope: Scope): Step {
  if ((MACROS as readonly string[]).includes(name)) return compileMacro(name as Macro, receiver, args, offset, scope);
  return compileFunction(METHODS, name, [receiver, ...args], offset, scope);
}

function compileFunction(
  table: ReadonlyMap<string, ExpressionFunction>,
  name: string,
  args: readonly ASTNode[],
  offset: number,
  scope: Scope,
): Step {
  const definition = table.get(name);
  if (definition === undefined) {
    throw new ExpressionProblem(`no function ${name}(); there are has, ${[...table.keys()].join(", ")}, ${MACROS.join(", ")}`, offset);
  }
  const [minimum, maximum] = definition.arity;
  if (args.length < minimum || args.length > maximum) throw new ExpressionProblem(`${name}() has the wrong number of arguments`, offset);
  const steps = args.map((argument) => compileNode(argument, scope));
  return (frame) => {
    const values = steps.map((step) => step(frame));
    try {
      return definition.call(values, frame.charge);
    } catch (error) {
      if (error instanceof FunctionProblem || isKosError(error, "BAD_REQUEST"))
        throw new ExpressionProblem(`${name}(): ${error.message}`, offset, { cause: error });
      throw error;
    }
  };
}

/** `has(a.b.c)`: false as soon as a step is missing or null stands in its way; the first name must be bound. */
function compileHas(args: readonly ASTNode[], offset: number, scope: Scope): Step {
  const [target] = args;
  if (args.length !== 1 || target?.op !== ".") throw new ExpressionProblem("has() takes one member access, like has(task.field)", offset);
  const names: string[] = [];
  let node: ASTNode = target;
  while (node.op === ".") {
    names.unshift(node.args[1]);
    node = node.args[0];
  }
  noteTerm(target, scope);
  const root = compileNode(node, scope);
  return (frame) => {
    let current = root(frame);
    for (const name of names) {
      if (!isJsonMap(current) || !Object.hasOwn(current, name)) return false;
      current = current[name];
    }
    return true;
  };
}

function compileMacro(macro: Macro, receiver: ASTNode, args: readonly ASTNode[], offset: number, scope: Scope): Step {
  const [variable, ...bodies] = args;
  const [first, second] = bodies;
  const wanted = macro === "map" ? bodies.length === 1 || bodies.length === 2 : bodies.length === 1;
  if (variable?.op !== "id" || first === undefined || !wanted) {
    throw new ExpressionProblem(
      `${macro}() takes a loop variable and ${macro === "map" ? "one or two expressions" : "one expression"}`,
      offset,
    );
  }
  const range = compileNode(receiver, scope);
  const inner = { ...scope, loopNames: [...scope.loopNames, variable.args] };
  const slot = scope.loopNames.length;
  const cost = countNodes(first) + (second === undefined ? 0 : countNodes(second));
  const body = macro === "map" && second === undefined ? compileNode(first, inner) : compileBool(first, inner);
  const transform = second === undefined ? undefined : compileNode(second, inner);

  return (frame) => {
    const items = rangeOf(range(frame), receiver.start);
    frame.charge(items.length);
    function each(item: unknown): unknown {
      frame.charge(cost);
      frame.loop[slot] = item;
      return body(frame);
    }
    switch (macro) {
      case "all":
        return quantify(items, each, false);
      case "exists":
        return quantify(items, each, true);
      case "exists_one":
        return items.filter(each).length === 1;
      case "filter":
        return items.filter(each);
      case "map":
        return transform === undefined ? items.map(each) : items.flatMap((item) => (each(item) === true ? [transform(frame)] : []));
    }
  };
}

/** As in CEL, an element that decides wins over one whose predicate fails. */
function quantify(items: readonly unknown[], each: (item: unknown) => unknown, decisive: boolean): boolean {
  let problem: ExpressionProblem | undefined;
  for (const item of items) {
    try {
      if (each(item) === decisive) return decisive;
    } catch (error) {
      problem ??= absorbable(error);
    }
  }
  if (problem !== undefined) throw problem;
  return !decisive;
}

function rangeOf(value: unknown, offset: number): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isJsonMap(value)) return Object.keys(value);
  throw new ExpressionProblem(`expected a list or map to go through, found a ${kindOf(value)}`, offset);
}

function countNodes(node: unknown): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, element) => sum + countNodes(element), 0);
  if (typeof node !== "object" || node === null || !("op" in node) || !("args" in node)) return 0;
  return 1 + countNodes(node.args);
}

function compileChoice(condition: ASTNode, whenTrue: Step, whenFalse: Step, scope: Scope): Step {
  const test = compileBool(condition, scope);
  return (frame) => (test(frame) ? whenTrue(frame) : whenFalse(frame));
}

function compileBool(node: ASTNode, scope: Scope): BoolStep {
  const step = compileNode(node, scope);
  return (frame) => {
    const value = step(frame);
    if (typeof value === "boolean") return value;
    throw new ExpressionProblem(`expected true or false, found a ${kindOf(value)}`, node.start);
  };
}

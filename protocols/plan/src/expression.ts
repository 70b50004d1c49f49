// The one expression language of plans: CEL's grammar over JSON values, bounded in size, depth and work. Used for `when`, review
// assertions and policies. SPEC.md lists what is in it and where it is narrower than CEL.

import { KosError } from "@kos/klp";
import { Environment, ParseError } from "@marcbachmann/cel-js";
import type { CompiledTree } from "./expression-evaluator.ts";
import { compileTree } from "./expression-evaluator.ts";
import { ExpressionProblem } from "./expression-frame.ts";
import { kindOf } from "./expression-value.ts";

export type Bindings = Readonly<Record<string, unknown>>;

export interface EvaluateOptions {
  /** Bound of the work: about one step for a node of the expression per element gone through. Default one million. */
  readonly maxSteps?: number;
}

export interface Expression {
  readonly text: string;
  /** Names it needs, in order of first use; loop variables are not among them. */
  readonly variables: readonly string[];
  /** What it reads, as written: `output.files_total`, `git.count`. Each is an expression of its own. */
  readonly terms: readonly string[];
  /**
   * The value for these bindings (plain JSON values, read through own members only).
   * Errors: BAD_REQUEST with `details: {expression, line, column}`; RESOURCE_LIMIT_EXCEEDED when it takes more steps than allowed.
   */
  evaluate(bindings: Bindings, options?: EvaluateOptions): unknown;
  /** As `evaluate`, for conditions: anything but true or false is BAD_REQUEST. */
  test(bindings: Bindings, options?: EvaluateOptions): boolean;
}

const MAX_CHARS = 4096;
const DEFAULT_MAX_STEPS = 1_000_000;
const MAX_CACHED = 2000;

const grammar = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 2000, maxDepth: 100, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 8 },
});
/** Oldest first; a hit moves to the end. Holds programs only, never values. */
const cache = new Map<string, Expression>();

/** Compiles, or finds it compiled. Errors: BAD_REQUEST with `details: {expression, line, column}`. */
export function compileExpression(text: string): Expression {
  const known = cache.get(text);
  if (known !== undefined) {
    cache.delete(text);
    cache.set(text, known);
    return known;
  }
  const expression = compile(text);
  if (cache.size >= MAX_CACHED) {
    const [oldest] = cache.keys();
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(text, expression);
  return expression;
}

function compile(text: string): Expression {
  if (text.length > MAX_CHARS)
    throw new KosError("BAD_REQUEST", `The expression has ${text.length} characters; at most ${MAX_CHARS} are allowed.`);
  const tree = located(text, () => parse(text));

  function evaluate(bindings: Bindings, options: EvaluateOptions = {}): unknown {
    return located(text, () => tree.evaluate(bindings, options.maxSteps ?? DEFAULT_MAX_STEPS));
  }

  function test(bindings: Bindings, options?: EvaluateOptions): boolean {
    const value = evaluate(bindings, options);
    if (typeof value === "boolean") return value;
    throw expressionError(text, new ExpressionProblem(`gives a ${kindOf(value)}, not true or false`, 0));
  }

  return { text, variables: tree.variables, terms: tree.terms, evaluate, test };
}

function parse(text: string): CompiledTree {
  try {
    return compileTree(grammar.parse(text).ast);
  } catch (error) {
    if (error instanceof ParseError) throw new ExpressionProblem(error.summary, error.range?.start ?? 0, { cause: error });
    if (error instanceof RangeError) throw new ExpressionProblem("nested too deeply", 0, { cause: error });
    throw error;
  }
}

function located<Result>(text: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof ExpressionProblem ? expressionError(text, error) : error;
  }
}

function expressionError(text: string, problem: ExpressionProblem): KosError {
  const before = text.slice(0, problem.offset).split("\n");
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const where = line === 1 ? `column ${column}` : `line ${line}, column ${column}`;
  const near = text.slice(problem.offset, problem.offset + 30).split("\n", 1)[0] ?? "";
  return new KosError(
    problem.exhausted ? "RESOURCE_LIMIT_EXCEEDED" : "BAD_REQUEST",
    `${problem.message}, at ${where}${near === "" ? "" : ` ("${near}")`} of the expression: ${shorten(text)}`,
    { details: { expression: text, line, column }, cause: problem },
  );
}

function shorten(text: string): string {
  const flat = text.replaceAll(/\s+/g, " ");
  return flat.length <= 120 ? flat : `${flat.slice(0, 117)}...`;
}

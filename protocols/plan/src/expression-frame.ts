// What one evaluation carries, and what can go wrong in it.

import type { Charge } from "./expression-functions.ts";

/** What is wrong with an expression, and from which character on. */
export class ExpressionProblem extends Error {
  readonly offset: number;
  /** True when the budget is used up: never absorbed by `||`, `&&`, `all` or `exists`. */
  readonly exhausted: boolean;

  constructor(message: string, offset: number, options: { readonly cause?: unknown; readonly exhausted?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.offset = offset;
    this.exhausted = options.exhausted ?? false;
  }
}

/** One evaluation: the bound names, the loop variables by their slot, and the budget. */
interface Frame {
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly loop: unknown[];
  readonly charge: Charge;
}

/** A compiled part of an expression. */
export type Step = (frame: Frame) => unknown;
export type BoolStep = (frame: Frame) => boolean;

/** The problem, when a deciding neighbour may outweigh it as in CEL; anything else is thrown on. */
export function absorbable(error: unknown): ExpressionProblem {
  if (error instanceof ExpressionProblem && !error.exhausted) return error;
  throw error;
}

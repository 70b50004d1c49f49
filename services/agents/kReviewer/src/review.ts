// Carries out a review: every criterion on its own, so that one broken criterion neither hides the others nor accepts anything.

import type { ArtifactRef, ArtifactSink } from "@kos/agent";
import { isKosError } from "@kos/klp";
import type { Criterion } from "@kos/plan";
import { compileExpression } from "@kos/plan";
import { checkArtifact } from "./artifact-criterion.ts";
import { clip, shownValue } from "./json-text.ts";
import { checkSchema } from "./schema-criterion.ts";
import type { ReviewFinding, Verdict } from "./verdict.ts";
import { verdictOf } from "./verdict.ts";

export interface ReviewRequest {
  readonly criteria: readonly Criterion[];
  /** The value under review. */
  readonly output: unknown;
  /** Other values that assertions may name: task ids, `params`, `item`, `index`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Artifacts that the work under review has written. */
  readonly artifacts: readonly ArtifactRef[];
  readonly round: number;
}

type Found = Omit<ReviewFinding, "criterion">;

/** Enough to go through a list of a hundred thousand files a few times. */
const MAX_STEPS = 20_000_000;
const MAX_TERMS = 8;

export async function review(request: ReviewRequest, store: Pick<ArtifactSink, "get">): Promise<Verdict> {
  const outcomes: (readonly ReviewFinding[])[] = [];
  for (const [position, criterion] of request.criteria.entries()) {
    const name = criterion.id ?? `criteria[${position}]`;
    const found = await evaluate(criterion, request, store);
    outcomes.push(found.map((finding) => ({ criterion: name, ...finding })));
  }
  return verdictOf(outcomes, request.round);
}

async function evaluate(criterion: Criterion, request: ReviewRequest, store: Pick<ArtifactSink, "get">): Promise<readonly Found[]> {
  switch (criterion.kind) {
    case "schema":
      return bySchema(criterion.schema, request.output);
    case "assert":
      return byAssertion(criterion, request);
    case "artifact":
      return (await checkArtifact(criterion, request.artifacts, store)).map((problem) => ({ severity: "error", ...problem }));
    default:
      return [broken(`there is no criterion of the kind ${shownValue((criterion as { readonly kind?: unknown }).kind)}`)];
  }
}

function bySchema(schema: unknown, output: unknown): readonly Found[] {
  const result = checkSchema(schema, output);
  if (result.outcome === "broken") return [broken(result.why)];
  return result.violations.map((violation) => ({
    severity: "error",
    ...violation,
    message: `the output does not fit: ${violation.message}`,
  }));
}

function byAssertion(criterion: Extract<Criterion, { kind: "assert" }>, request: ReviewRequest): readonly Found[] {
  const bindings = { ...request.values, output: request.output };
  try {
    const expression = compileExpression(criterion.expression);
    if (expression.test(bindings, { maxSteps: MAX_STEPS })) return [];
    const actual = termValues(expression.terms, bindings);
    const said = criterion.message ?? `this does not hold: ${clip(criterion.expression)}`;
    return [{ severity: "error", message: `${said} (${actual})`, expected: clip(criterion.expression, 1000), actual }];
  } catch (error) {
    if (isKosError(error)) return [broken(error.message)];
    throw error;
  }
}

/** What the assertion looked at, so that whoever reads the finding need not ask. */
function termValues(terms: readonly string[], bindings: Readonly<Record<string, unknown>>): string {
  const shown = terms.slice(0, MAX_TERMS).map((term) => `${term} = ${termValue(term, bindings)}`);
  return shown.length === 0 ? "it reads nothing" : clip(shown.join(", "), 1000);
}

function termValue(term: string, bindings: Readonly<Record<string, unknown>>): string {
  try {
    return shownValue(compileExpression(term).evaluate(bindings));
  } catch (error) {
    if (isKosError(error)) return "missing";
    throw error;
  }
}

function broken(why: string): Found {
  return { severity: "error", message: `the criterion could not be evaluated: ${clip(why, 1000)}` };
}

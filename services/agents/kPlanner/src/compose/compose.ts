// The strategy `composed`: the cheapest plan from what is given to what is wanted, over the words of the capabilities' schemas.

import { KosError } from "@kos/klp";
import type { CapabilityCatalogue, CheckOptions, Finding, PlanGraph } from "@kos/plan";
import { checkPlan } from "@kos/plan";
import { type Assembly, assemble } from "./assemble.ts";
import { buildCallGraph } from "./call-graph.ts";
import { cheapestPlan } from "./cheapest-plan.ts";
import { type Explanation, explain } from "./explain.ts";
import { type Given, readRequest, type Vocabulary, type Wish } from "./given.ts";
import type { Effort } from "./hypergraph.ts";
import { missingError } from "./missing.ts";
import { readWords } from "./schema-words.ts";

export interface Composition {
  /** Checked by whoever uses it, like every plan. */
  readonly graph: PlanGraph;
  readonly explanation: Explanation;
  /** The task that gives what is wanted. */
  readonly last: string;
  readonly notes: readonly string[];
}

export interface ComposeParts {
  readonly catalogue: CapabilityCatalogue;
  readonly check?: CheckOptions | undefined;
  readonly limits?: ComposeLimits;
  /** The tasks go into a plan that is there: their ids begin with this, and what they refer to is checked with that plan. */
  readonly within?: { readonly prefix: string };
}

/** In visits of edges, the unit of the search's work; ten to thirty million a second on a small machine. */
export interface ComposeLimits {
  readonly search: number;
  /** For all alternatives that an explanation costs. */
  readonly explain: number;
}

export const DEFAULT_COMPOSE_LIMITS: ComposeLimits = { search: 2_000_000, explain: 500_000 };
/** Plans that do not pass the check because a capability does not keep its word are made again without it, this often. */
const MAX_EXCLUSIONS = 8;

/** Errors: BAD_REQUEST, with `details.findings` for what cannot be read, and what is missing where nothing leads to the wanted. */
export function composePlan(
  request: { readonly given: unknown; readonly want: unknown; readonly goal?: string },
  parts: ComposeParts,
): Composition {
  const { givens, wish } = readRequest(request.given, request.want, vocabularyOf(parts.catalogue));
  const composed = composeFrom(givens, wish, parts);
  return { ...composed, graph: { ...composed.graph, goal: request.goal ?? composed.graph.goal } };
}

/** The same for what has been read already. Errors: as `composePlan`. */
export function composeFrom(givens: readonly Given[], wish: Wish, parts: ComposeParts): Composition {
  if (wish.through === undefined && givens.some(({ word }) => word === wish.type)) {
    throw new KosError("BAD_REQUEST", `${wish.type} is what is given already: there is nothing to plan.`, { retryable: false });
  }
  const limits = parts.limits ?? DEFAULT_COMPOSE_LIMITS;
  const without = new Set<string>();
  const notes: string[] = [];
  const effort: Effort = { left: limits.search };
  for (;;) {
    const graph = buildCallGraph({ catalogue: parts.catalogue, givens, wish, without });
    const plan = cheapestPlan(graph, effort);
    if (plan === undefined) throw missingError(graph, wish, givens, { left: limits.explain });
    const assembly = assemble(graph, plan.edges, parts.within?.prefix);
    const planGraph = graphOf(assembly, givens, wish);
    const culprit = parts.within === undefined && without.size < MAX_EXCLUSIONS ? findCulprit(planGraph, assembly, parts) : undefined;
    if (culprit === undefined) {
      const explanation = explain({ graph, assembly, plan, wish, givens, effort: { left: limits.explain } });
      return { graph: planGraph, explanation, last: assembly.last, notes: [...notes, ...planNotes(explanation)] };
    }
    without.add(culprit.capability);
    notes.push(`${culprit.capability} was left out: ${culprit.finding.message}`);
  }
}

function graphOf(assembly: Assembly, givens: readonly Given[], wish: Wish): PlanGraph {
  const from = givens.length === 0 ? "nothing" : givens.map(({ name }) => name).join(", ");
  const via = wish.through === undefined ? "" : ` through ${wish.through}`;
  return {
    goal: `From ${from} to ${wish.type}${via}`,
    strategy: "composed",
    tasks: assembly.tasks.map(({ task }) => task),
    output: assembly.output,
  };
}

/** The capability whose schemas say more than they keep: whose value does not fit where its word says it would. */
function findCulprit(
  graph: PlanGraph,
  assembly: Assembly,
  { catalogue, check }: ComposeParts,
): { readonly capability: string; readonly finding: Finding } | undefined {
  const finding = checkPlan(graph, catalogue, check).findings.find(
    ({ severity, code, task_id }) => severity === "error" && task_id !== undefined && code !== "POLICY_DENIED",
  );
  const composed = assembly.tasks.find(({ task }) => task.task_id === finding?.task_id);
  if (finding === undefined || composed === undefined) return undefined;
  const source = composed.fillings.find(({ member }) => finding.path.includes(`.params.${member}`))?.task;
  const culprit = assembly.tasks.find(({ task }) => task.task_id === source) ?? composed;
  return { capability: culprit.task.capability, finding };
}

function planNotes({ proven, cost, cost_at_least, unused }: Explanation): readonly string[] {
  return [
    ...(proven
      ? []
      : [`The search was cut short: this plan counts for ${cost}, and a cheaper one would count for ${cost_at_least} at least.`]),
    ...(unused.length === 0 ? [] : [`Given, but not used: ${unused.join(", ")}.`]),
  ];
}

function vocabularyOf(catalogue: CapabilityCatalogue): Vocabulary {
  const words = new Set<string>();
  const names = new Set<string>();
  const capabilities = new Set<string>();
  for (const name of catalogue.keys()) {
    const capability = catalogue.get(name);
    if (capability === undefined) continue;
    capabilities.add(name);
    const { whole, members, places } = readWords(capability);
    if (whole !== undefined) words.add(whole);
    for (const member of members) {
      names.add(member.name);
      if (member.word !== undefined) words.add(member.word);
    }
    for (const { word } of places) words.add(word);
  }
  return { words, names, capabilities };
}

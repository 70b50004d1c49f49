// The cheapest set of edges that leads from what is there to the target, each edge paid once however often its results are used. With
// sharing this is as hard as Steiner trees, so it is branch and bound: exact while the effort lasts, and honest about it when it does not.

import type { Effort, Hypergraph, IndexedGraph } from "./hypergraph.ts";
import { indexGraph } from "./hypergraph.ts";
import { createKeyHeap } from "./key-heap.ts";
import { lowerBound } from "./lower-bound.ts";
import { derivation, relax } from "./relaxation.ts";

export interface CheapestPlan {
  /** Each after those whose results it needs; all of them needed. */
  readonly edges: readonly number[];
  readonly cost: number;
  /** No plan costs less. Equal to `cost` when the search came to its end. */
  readonly costAtLeast: number;
}

/** Of plans of equal cost one with fewer edges is taken: every edge with a cost costs a little more inside, too little to matter otherwise. */
const SCALE = 4096;
const MAX_IMPROVEMENTS = 4;

interface Branch {
  readonly included: readonly number[];
  readonly excluded: readonly number[];
}

interface Found {
  readonly edges: readonly number[];
  readonly cost: number;
}

/** Undefined when nothing leads to the target. The same graph gives the same plan. A first plan is found whatever the effort. */
export function cheapestPlan(graph: Hypergraph, effort: Effort): CheapestPlan | undefined {
  const whole = indexGraph(graph);
  const first = cheapOne(whole, pricesOf(graph), pricesOf(graph), effort);
  if (first === undefined) return undefined;
  const { kept, indexed, price } = worthwhile(whole, first.cost, effort);

  let best: Found = { edges: first.edges.map((edge) => kept.indexOf(edge)), cost: first.cost };
  let proven = Number.POSITIVE_INFINITY;
  const branches: Branch[] = [];
  const queue = createKeyHeap();
  const open = (branch: Branch, atLeast: number) => {
    queue.push(atLeast, branches.push(branch) - 1);
  };
  open({ included: [], excluded: [] }, 0);
  while (queue.key() < best.cost) {
    const least = queue.key();
    const branch = branches[queue.pop()];
    if (effort.left <= 0 || branch === undefined) {
      proven = least;
      break;
    }
    const costs = branchCosts(price, branch);
    const paid = branch.included.reduce((sum, edge) => sum + (price[edge] ?? 0), 0);
    const atLeast = Math.max(least, paid + lowerBound(indexed, costs, effort));
    if (atLeast >= best.cost) continue;
    const found = cheapOne(indexed, costs, price, effort);
    if (found === undefined) continue;
    if (found.cost < best.cost) best = found;
    if (atLeast >= best.cost) continue;
    const pivot = dearestOpen(found, costs);
    // Nothing left to decide: what was found uses paid edges only, so it costs no more than the bound.
    if (pivot === undefined) continue;
    open({ ...branch, included: [...branch.included, pivot] }, atLeast);
    open({ ...branch, excluded: [...branch.excluded, pivot] }, atLeast);
  }
  const cost = unscaled(best.cost);
  return { edges: best.edges.map((edge) => kept[edge] ?? 0), cost, costAtLeast: unscaled(Math.min(proven, best.cost)) };
}

function pricesOf({ edges }: Pick<Hypergraph, "edges">): Float64Array {
  return Float64Array.from(edges, ({ cost }) => (cost === 0 ? 0 : cost * SCALE + 1));
}

/** What can be part of a plan that costs no more than one that is known: it can be had for that, and something that leads on needs it. */
function worthwhile(
  graph: IndexedGraph,
  most: number,
  effort: Effort,
): { readonly kept: readonly number[]; readonly indexed: IndexedGraph; readonly price: Float64Array } {
  const price = pricesOf(graph);
  const { value } = relax(graph, price, "max", effort);
  const isAffordable = graph.edges.map(
    ({ needs }, edge) => Math.max(0, ...needs.map((need) => value[need] ?? 0)) + (price[edge] ?? 0) <= most,
  );
  const wanted = new Set([graph.target]);
  const kept = new Set<number>();
  for (const vertex of wanted) {
    for (let at = graph.makers.starts[vertex] ?? 0; at < (graph.makers.starts[vertex + 1] ?? 0); at += 1) {
      const edge = graph.makers.items[at] ?? 0;
      effort.left -= 1;
      if (isAffordable[edge] !== true || kept.has(edge)) continue;
      kept.add(edge);
      for (const need of graph.edges[edge]?.needs ?? []) wanted.add(need);
    }
  }
  const list = [...kept].sort((left, right) => left - right);
  const edges = list.flatMap((edge) => graph.edges[edge] ?? []);
  return { kept: list, indexed: indexGraph({ ...graph, edges }), price: pricesOf({ edges }) };
}

function unscaled(cost: number): number {
  return Math.floor(cost / SCALE);
}

/** Edges that are in anyway cost nothing more; those left out cannot be had. */
function branchCosts(price: Float64Array, { included, excluded }: Branch): Float64Array {
  const costs = Float64Array.from(price);
  for (const edge of included) costs[edge] = 0;
  for (const edge of excluded) costs[edge] = Number.POSITIVE_INFINITY;
  return costs;
}

/** A plan that is good, not always the best: found without sharing, then again with what it uses already paid. */
function cheapOne(graph: IndexedGraph, costs: Float64Array, price: Float64Array, effort: Effort): Found | undefined {
  let best: Found | undefined;
  let current = costs;
  for (let round = 0; round < MAX_IMPROVEMENTS; round += 1) {
    const relaxation = relax(graph, current, "sum", effort);
    if (relaxation.value[graph.target] === Number.POSITIVE_INFINITY) return undefined;
    const edges = derivation(graph, relaxation, graph.target);
    const cost = edges.reduce((sum, edge) => sum + (price[edge] ?? 0), 0);
    if (best !== undefined && cost >= best.cost) return best;
    best = { edges, cost };
    current = Float64Array.from(costs);
    for (const edge of edges) current[edge] = 0;
  }
  return best;
}

function dearestOpen(found: Found, costs: Float64Array): number | undefined {
  let pivot: number | undefined;
  for (const edge of found.edges) {
    const cost = costs[edge] ?? 0;
    if (cost > 0 && (pivot === undefined || cost > (costs[pivot] ?? 0) || (cost === costs[pivot] && edge < pivot))) pivot = edge;
  }
  return pivot;
}

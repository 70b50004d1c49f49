// What any plan must cost at least, shared parts counted once. LM-cut of Helmert and Domshlak ("Landmarks, critical paths and abstractions:
// what's the difference anyway?", 2009): again and again a set of edges of which every plan uses one; its least cost is taken off all of them.

import type { Effort, IndexedGraph } from "./hypergraph.ts";
import { type Relaxation, relax } from "./relaxation.ts";

/** Infinity when nothing leads to the target. Where the effort ends first, what was found so far: still a lower bound. */
export function lowerBound(graph: IndexedGraph, costs: Float64Array, effort: Effort): number {
  const left = Float64Array.from(costs);
  let bound = 0;
  for (;;) {
    const relaxation = relax(graph, left, "max", effort);
    const remaining = relaxation.value[graph.target] ?? 0;
    if (remaining === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (remaining === 0 || effort.left <= 0) return bound;
    const cut = findCut(graph, left, relaxation, effort);
    if (cut.length === 0) return bound;
    const least = cut.reduce((low, edge) => Math.min(low, left[edge] ?? 0), Number.POSITIVE_INFINITY);
    bound += least;
    for (const edge of cut) left[edge] = (left[edge] ?? 0) - least;
  }
}

/** Edges of which every plan uses at least one, all of them with a cost left. */
function findCut(graph: IndexedGraph, left: Float64Array, { value, dearest }: Relaxation, effort: Effort): readonly number[] {
  const { edges, needs, makers, takers } = graph;
  let visits = 0;
  /** Vertices from which the target costs nothing more. */
  const isGoal = new Uint8Array(graph.vertices);
  const goal = [graph.target];
  isGoal[graph.target] = 1;
  for (const vertex of goal) {
    for (let at = makers.starts[vertex] ?? 0, end = makers.starts[vertex + 1] ?? 0; at < end; at += 1) {
      const edge = makers.items[at] ?? 0;
      visits += 1;
      const support = dearest[edge] ?? -1;
      if (left[edge] !== 0 || support < 0 || isGoal[support] === 1 || !isUsable(edge)) continue;
      isGoal[support] = 1;
      goal.push(support);
    }
  }
  const cut: number[] = [];
  const isBefore = new Uint8Array(graph.vertices);
  const before: number[] = [];
  for (const vertex of graph.start) enter(vertex);
  for (const edge of graph.free) cross(edge);
  for (const vertex of before) {
    for (let at = takers.starts[vertex] ?? 0, end = takers.starts[vertex + 1] ?? 0; at < end; at += 1) {
      const edge = takers.items[at] ?? 0;
      visits += 1;
      if (dearest[edge] === vertex && isUsable(edge)) cross(edge);
    }
  }
  effort.left -= visits;
  return cut;

  function isUsable(edge: number): boolean {
    for (let at = needs.starts[edge] ?? 0, end = needs.starts[edge + 1] ?? 0; at < end; at += 1) {
      if (value[needs.items[at] ?? 0] === Number.POSITIVE_INFINITY) return false;
    }
    return left[edge] !== Number.POSITIVE_INFINITY;
  }

  function enter(vertex: number): void {
    if (isBefore[vertex] === 1 || isGoal[vertex] === 1) return;
    isBefore[vertex] = 1;
    before.push(vertex);
  }

  /** Each edge is crossed once, from its dearest need. */
  function cross(edge: number): void {
    if (left[edge] === Number.POSITIVE_INFINITY) return;
    const made = edges[edge]?.gives ?? [];
    if (made.some((vertex) => isGoal[vertex] === 1)) cut.push(edge);
    else for (const vertex of made) enter(vertex);
  }
}

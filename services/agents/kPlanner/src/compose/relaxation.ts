// What each vertex costs when nothing is shared (`sum`, never too low for a plan as a whole) or when only the dearest need counts (`max`,
// never too high). Knuth's generalisation of Dijkstra's algorithm ("A generalization of Dijkstra's algorithm", 1977).

import type { Effort, IndexedGraph } from "./hypergraph.ts";
import { createKeyHeap } from "./key-heap.ts";

export interface Relaxation {
  /** By vertex; Infinity where nothing leads. */
  readonly value: Float64Array;
  /** The edge a vertex is had from at that value; -1 for what was there, or is not to be had. */
  readonly maker: Int32Array;
  /** By edge: its need that was had last, the dearest one; -1 where there is none. */
  readonly dearest: Int32Array;
}

/** `costs` by edge; Infinity leaves an edge out. */
export function relax(graph: IndexedGraph, costs: Float64Array, combine: "max" | "sum", effort: Effort): Relaxation {
  const { edges, takers, gives, needs, vertices } = graph;
  const value = new Float64Array(vertices).fill(Number.POSITIVE_INFINITY);
  const maker = new Int32Array(vertices).fill(-1);
  const dearest = new Int32Array(edges.length).fill(-1);
  const waiting = new Int32Array(edges.length);
  for (let edge = 0; edge < waiting.length; edge += 1) waiting[edge] = (needs.starts[edge + 1] ?? 0) - (needs.starts[edge] ?? 0);
  const total = new Float64Array(edges.length);
  const isSettled = new Uint8Array(vertices);
  const heap = createKeyHeap();
  let visits = 0;

  function reach(vertex: number, cost: number, edge: number): void {
    if (cost >= (value[vertex] ?? 0)) return;
    value[vertex] = cost;
    maker[vertex] = edge;
    heap.push(cost, vertex);
  }

  function use(edge: number): void {
    const own = costs[edge] ?? 0;
    if (own === Number.POSITIVE_INFINITY) return;
    // What is used twice counts twice here, so a deep graph outgrows any number.
    const cost = Math.min(own + (total[edge] ?? 0), Number.MAX_VALUE);
    const end = gives.starts[edge + 1] ?? 0;
    for (let at = gives.starts[edge] ?? 0; at < end; at += 1) reach(gives.items[at] ?? 0, cost, edge);
  }

  for (const vertex of graph.start) reach(vertex, 0, -1);
  for (const edge of graph.free) use(edge);
  while (heap.size > 0) {
    const key = heap.key();
    const vertex = heap.pop();
    if (isSettled[vertex] === 1) continue;
    isSettled[vertex] = 1;
    const end = takers.starts[vertex + 1] ?? 0;
    for (let at = takers.starts[vertex] ?? 0; at < end; at += 1) {
      const edge = takers.items[at] ?? 0;
      visits += 1;
      total[edge] = combine === "max" ? key : (total[edge] ?? 0) + key;
      dearest[edge] = vertex;
      const left = (waiting[edge] ?? 0) - 1;
      waiting[edge] = left;
      if (left === 0) use(edge);
    }
  }
  effort.left -= visits;
  return { value, maker, dearest };
}

/** The edges behind a vertex, each once, each after those it needs. */
export function derivation(graph: IndexedGraph, { maker }: Relaxation, target: number): readonly number[] {
  const order: number[] = [];
  const isDone = new Set<number>();
  const stack: { readonly edge: number; readonly isExpanded: boolean }[] = [];
  const push = (vertex: number) => {
    const edge = maker[vertex] ?? -1;
    if (edge >= 0 && !isDone.has(edge)) stack.push({ edge, isExpanded: false });
  };
  push(target);
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (isDone.has(top.edge)) continue;
    if (top.isExpanded) {
      isDone.add(top.edge);
      order.push(top.edge);
      continue;
    }
    stack.push({ edge: top.edge, isExpanded: true });
    for (const need of graph.edges[top.edge]?.needs ?? []) push(need);
  }
  return order;
}

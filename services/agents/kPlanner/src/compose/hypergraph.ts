// A directed B-hypergraph: an edge needs all of its vertices and gives all of its others. Numbers only; what they stand for is the caller's.

export interface Hyperedge {
  readonly needs: readonly number[];
  readonly gives: readonly number[];
  /** A whole number from 0. */
  readonly cost: number;
}

export interface Hypergraph {
  /** Vertices are 0 … vertices - 1. */
  readonly vertices: number;
  readonly edges: readonly Hyperedge[];
  /** What is there from the beginning. */
  readonly start: readonly number[];
  readonly target: number;
}

/** Lists of numbers behind each other: the list of `at` is `items[starts[at]]` up to `items[starts[at + 1]]`. */
interface Lists {
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

export interface IndexedGraph extends Hypergraph {
  readonly needs: Lists;
  readonly gives: Lists;
  /** Edges that need a vertex, by vertex. */
  readonly takers: Lists;
  /** Edges that give a vertex, by vertex. */
  readonly makers: Lists;
  /** Edges that need nothing. */
  readonly free: readonly number[];
}

/** What a search may still spend, in visits of an edge from one of its vertices. Shared by everything that serves one question. */
export interface Effort {
  left: number;
}

export function indexGraph(graph: Hypergraph): IndexedGraph {
  const takers: number[][] = Array.from({ length: graph.vertices }, () => []);
  const makers: number[][] = Array.from({ length: graph.vertices }, () => []);
  const free: number[] = [];
  const edges = graph.edges.map((edge) => ({ ...edge, needs: [...new Set(edge.needs)], gives: [...new Set(edge.gives)] }));
  for (const [index, { needs, gives }] of edges.entries()) {
    if (needs.length === 0) free.push(index);
    for (const vertex of needs) takers[vertex]?.push(index);
    for (const vertex of gives) makers[vertex]?.push(index);
  }
  return {
    ...graph,
    edges,
    needs: flat(edges.map(({ needs }) => needs)),
    gives: flat(edges.map(({ gives }) => gives)),
    takers: flat(takers),
    makers: flat(makers),
    free,
  };
}

function flat(lists: readonly (readonly number[])[]): Lists {
  const starts = new Int32Array(lists.length + 1);
  for (const [at, list] of lists.entries()) starts[at + 1] = (starts[at] ?? 0) + list.length;
  return { starts, items: Int32Array.from(lists.flat()) };
}

import { describe, expect, it } from "vitest";
import { cheapestPlan } from "./cheapest-plan.ts";
import { type Hypergraph, indexGraph } from "./hypergraph.ts";
import { lowerBound } from "./lower-bound.ts";

const PLENTY = () => ({ left: 1_000_000 });

function random(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomGraph(seed: number): Hypergraph {
  const next = random(seed);
  const vertices = 4 + next(6);
  const some = (most: number) => Array.from({ length: next(most + 1) }, () => next(vertices));
  const edges = Array.from({ length: 3 + next(9) }, () => ({ needs: some(3), gives: [next(vertices), ...some(1)], cost: 1 + next(9) }));
  return { vertices, edges, start: [0], target: vertices - 1 };
}

/** Every set of edges, tried. */
function bruteForce({ edges, start, target }: Hypergraph): number {
  let best = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 2 ** edges.length; set += 1) {
    const chosen = edges.filter((_, edge) => (set >> edge) % 2 === 1);
    const cost = chosen.reduce((sum, edge) => sum + edge.cost, 0);
    if (cost >= best) continue;
    const there = new Set(start);
    for (let before = -1; before !== there.size; ) {
      before = there.size;
      for (const edge of chosen) if (edge.needs.every((need) => there.has(need))) for (const give of edge.gives) there.add(give);
    }
    if (there.has(target)) best = cost;
  }
  return best;
}

describe("the cheapest plan", () => {
  it("[K12] costs what trying every set of edges finds, on 2,000 random graphs", () => {
    let reached = 0;
    for (let seed = 1; seed <= 2000; seed += 1) {
      const graph = randomGraph(seed);
      const plan = cheapestPlan(graph, PLENTY());
      const best = bruteForce(graph);
      expect({ seed, cost: plan?.cost ?? Number.POSITIVE_INFINITY }).toEqual({ seed, cost: best });
      if (plan === undefined) continue;
      reached += 1;
      expect(plan.costAtLeast).toBe(plan.cost);
      expect({ seed, sound: isSound(graph, plan.edges) }).toEqual({ seed, sound: true });
    }
    expect(reached).toBeGreaterThan(1000);
  });

  it("[K12] pays what several need once", () => {
    // Two halves of the goal, each from a shared vertex or from a cheaper one of its own.
    const edges = [
      { needs: [0], gives: [1], cost: 10 },
      { needs: [1], gives: [2], cost: 1 },
      { needs: [1], gives: [3], cost: 1 },
      { needs: [0], gives: [2], cost: 7 },
      { needs: [0], gives: [3], cost: 7 },
      { needs: [2, 3], gives: [4], cost: 1 },
    ];
    expect(cheapestPlan({ vertices: 5, edges, start: [0], target: 4 }, PLENTY())).toEqual({
      edges: [0, 2, 1, 5],
      cost: 13,
      costAtLeast: 13,
    });
  });

  it("[K12] takes fewer edges where the cost is equal", () => {
    const edges = [
      { needs: [0], gives: [1], cost: 2 },
      { needs: [1], gives: [2], cost: 2 },
      { needs: [0], gives: [2], cost: 4 },
    ];
    expect(cheapestPlan({ vertices: 3, edges, start: [0], target: 2 }, PLENTY())?.edges).toEqual([2]);
  });

  it("[K13] says what is proven when its effort ends", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const graph = randomGraph(seed);
      const best = bruteForce(graph);
      for (const left of [0, 10, 40]) {
        const plan = cheapestPlan(graph, { left });
        if (plan === undefined) expect(best).toBe(Number.POSITIVE_INFINITY);
        else {
          expect(isSound(graph, plan.edges)).toBe(true);
          expect(plan.cost).toBeGreaterThanOrEqual(best);
          expect(plan.costAtLeast).toBeLessThanOrEqual(best);
        }
      }
    }
  });
});

describe("the lower bound", () => {
  it("[K12] never passes the cost of the cheapest plan, and is often the cost itself", () => {
    let exact = 0;
    for (let seed = 1; seed <= 1000; seed += 1) {
      const graph = randomGraph(seed);
      const bound = lowerBound(
        indexGraph(graph),
        Float64Array.from(graph.edges, ({ cost }) => cost),
        PLENTY(),
      );
      const best = bruteForce(graph);
      expect({ seed, isBound: bound <= best }).toEqual({ seed, isBound: true });
      if (bound === best) exact += 1;
    }
    expect(exact).toBeGreaterThan(900);
  });
});

/** Each edge after what it needs, the target reached, nothing that could be left out. */
function isSound(graph: Hypergraph, edges: readonly number[]): boolean {
  const reaches = (used: readonly number[]) => {
    const there = new Set(graph.start);
    for (const edge of used) {
      if (graph.edges[edge]?.needs.every((need) => there.has(need)) !== true) continue;
      for (const give of graph.edges[edge].gives) there.add(give);
    }
    return there.has(graph.target);
  };
  const there = new Set(graph.start);
  for (const edge of edges) {
    if (graph.edges[edge]?.needs.every((need) => there.has(need)) !== true) return false;
    for (const give of graph.edges[edge].gives) there.add(give);
  }
  return there.has(graph.target) && reaches(edges);
}

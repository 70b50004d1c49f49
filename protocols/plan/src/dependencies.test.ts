import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dependenciesOf, orderTasks } from "./dependencies.ts";
import type { PlanGraph, Task } from "./plan.ts";
import { graphOf, planHash } from "./plan-hash.ts";

function task(task_id: string, fields: Partial<Task> = {}): Task {
  return { task_id, title: task_id, capability: "test.echo", params: {}, depends_on: [], ...fields };
}

describe("dependencies", () => {
  it("[P40] come from depends_on, params, for_each, when, criteria and fallback params", () => {
    const found = dependenciesOf(
      task("t", {
        depends_on: ["declared", "params_ref"],
        params: { a: "${params_ref.x} ${item}", b: ["${deep[0]}"], c: "$${escaped}" },
        for_each: { items: "${list.items}" },
        when: "cond.ok && names.all(n, n != index_of)",
        review: {
          criteria: [
            { kind: "assert", expression: "output.n == other.n && params.a == feedback" },
            { kind: "schema", schema: { const: "${not_a_reference}" } },
          ],
          fallback: { capability: "test.echo", params: { x: "${spare}" } },
        },
      }),
    );
    expect(found).toEqual(["cond", "declared", "deep", "index_of", "list", "names", "other", "params_ref", "spare"]);
  });

  it("[P40] take a for_each given as a bare reference", () => {
    expect(dependenciesOf(task("t", { for_each: "${list}" }))).toEqual(["list"]);
    expect(dependenciesOf(task("t", { for_each: ["${a}", 1] }))).toEqual(["a"]);
  });

  it("[P41] order every task after those it waits for, keeping the given order otherwise", () => {
    expect(
      orderTasks(
        new Map([
          ["c", ["a"]],
          ["a", []],
          ["b", []],
          ["d", ["c", "b", "unknown", "b"]],
        ]),
      ),
    ).toEqual({
      order: ["a", "b", "c", "d"],
    });
  });

  it("[P42] name the tasks of a cycle", () => {
    expect(
      orderTasks(
        new Map([
          ["x", []],
          ["a", ["x", "b"]],
          ["b", ["c"]],
          ["c", ["a"]],
          ["tail", ["a"]],
        ]),
      ),
    ).toEqual({ cycle: ["a", "b", "c"] });
    expect(orderTasks(new Map([["self", ["self"]]]))).toEqual({ cycle: ["self"] });
    expect(
      orderTasks(
        new Map([
          ["tail", ["a"]],
          ["a", ["b"]],
          ["b", ["a"]],
        ]),
      ),
    ).toEqual({ cycle: ["a", "b"] });
  });

  it("[P41] property: an acyclic graph is ordered, and one closed edge makes it a named cycle", () => {
    const edges = fc.array(fc.tuple(fc.nat(29), fc.nat(29)), { maxLength: 80 });
    fc.assert(
      fc.property(edges, fc.shuffledSubarray([...Array(30).keys()], { minLength: 30 }), (pairs, shuffle) => {
        const graph = new Map<string, string[]>(shuffle.map((position) => [`t${position}`, []]));
        for (const [a, b] of pairs) if (a !== b) graph.get(`t${Math.max(a, b)}`)?.push(`t${Math.min(a, b)}`);
        const result = orderTasks(graph);
        if (!("order" in result)) throw new Error("ordered graph reported as cyclic");
        const place = new Map(result.order.map((name, position) => [name, position]));
        expect(result.order.toSorted()).toEqual([...graph.keys()].toSorted());
        for (const [name, needs] of graph) for (const need of needs) expect(place.get(need)).toBeLessThan(place.get(name) ?? -1);
        const [pair] = pairs.filter(([a, b]) => a !== b);
        if (pair === undefined) return;
        graph.get(`t${Math.min(...pair)}`)?.push(`t${Math.max(...pair)}`);
        const cyclic = orderTasks(graph);
        if (!("cycle" in cyclic)) throw new Error("cycle not found");
        for (const [position, name] of cyclic.cycle.entries()) {
          expect(graph.get(name)).toContain(cyclic.cycle[(position + 1) % cyclic.cycle.length]);
        }
      }),
    );
  });
});

describe("plan hash", () => {
  const graph: PlanGraph = {
    goal: "g",
    strategy: "explicit",
    tasks: [task("a"), task("b", { params: { x: 1, y: "${a}" } })],
    output: "${b}",
  };

  it("[P50] covers the graph's fields only, in any key order", () => {
    const tasks = graph.tasks.map((entry) => Object.fromEntries(Object.entries(entry).toReversed()));
    const reordered = { output: "${b}", tasks, strategy: "explicit", goal: "g" } as unknown as PlanGraph;
    const stored = { ...graph, plan_id: "p", status: "running", created_by: "x", created_at: "y", hash: "z", budget: undefined };
    expect(planHash(graph)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(planHash(reordered)).toBe(planHash(graph));
    expect(planHash(stored as unknown as PlanGraph)).toBe(planHash(graph));
    expect(graphOf(stored as unknown as PlanGraph)).toEqual(graph);
  });

  it("[P50] changes with anything that would run", () => {
    const changed: readonly PlanGraph[] = [
      { ...graph, goal: "h" },
      { ...graph, output: "${a}" },
      { ...graph, budget: { calls: 1 } },
      { ...graph, labels: ["untrusted"] },
      { ...graph, criteria: [{ kind: "assert", expression: "true" }] },
      { ...graph, tasks: graph.tasks.toReversed() },
      { ...graph, tasks: [task("a"), task("b", { params: { x: 2, y: "${a}" } })] },
    ];
    expect(new Set([graph, ...changed].map(planHash)).size).toBe(changed.length + 1);
  });
});

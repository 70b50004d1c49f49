import { isKosError } from "@kos/klp";
import type { CapabilityShape, Task } from "@kos/plan";
import { checkPlan, dependenciesOf } from "@kos/plan";
import { describe, expect, it } from "vitest";
import { callCost } from "./call-cost.ts";
import { buildCallGraph } from "./call-graph.ts";
import { cheapestPlan } from "./cheapest-plan.ts";
import { catalogueOf, compose, type Sketch } from "./compose.fixture.ts";
import { DEFAULT_COMPOSE_LIMITS } from "./compose.ts";
import { largeCatalogue, numbers } from "./large-catalogue.fixture.ts";

/** Capabilities with joins, alternatives, members by name, whole outputs, several outputs, optional ones that must not count. */
function randomSketches(seed: number): Readonly<Record<string, Sketch>> {
  const next = numbers(seed);
  const words = Array.from({ length: 6 + next(4) }, (_, index) => `w.n${index}`);
  // Every second catalogue has layers, so that there are long ways with joins; in the others anything leads anywhere, in circles too.
  const isLayered = seed % 2 === 0;
  let layer = 0;
  const below = () => words[next(isLayered ? layer : words.length)] ?? "w.n0";
  const above = () => words[isLayered ? layer + next(Math.min(2, words.length - layer)) : next(words.length)] ?? "w.n0";
  const sketches: Record<string, Sketch> = {};
  for (let index = 4 + next(6); index > 0; index -= 1) {
    layer = 1 + next(words.length - 1);
    const takes: Record<string, string> = {};
    for (let count = next(9) === 0 ? 0 : 1 + next(2); count > 0; count -= 1) takes[`in${count}`] = below();
    if (next(6) === 0) takes["level"] = "";
    if (next(3) === 0) takes["extra?"] = below();
    const alternatives = Object.keys(takes).filter((name) => name.startsWith("in"));
    const gives: Record<string, string> = { out: above() };
    if (next(2) === 0) gives["other"] = above();
    if (next(4) === 0) gives["maybe?"] = above();
    sketches[`cap.n${index}`] = {
      takes,
      gives,
      // Of any JSON type: a word may stand for a text here and for a whole output there.
      types: Object.fromEntries(Object.keys(takes).map((name) => [name, {}])),
      cost: 1 + next(4),
      effects: ([[], ["net.read"], ["exec"], ["fs.read"]] as const)[next(4)] ?? [],
      ...(next(4) === 0 && alternatives.length > 1 && { oneOf: alternatives }),
      ...(next(4) === 0 && { whole: above() }),
    };
  }
  return sketches;
}

interface Way {
  readonly needs: readonly string[];
  readonly gives: readonly string[];
  readonly cost: number;
}

/** The ways to call a sketch, read without any of the code under test: required words; none where two members want the same one. */
function waysOf(made: Sketch, capability: CapabilityShape, hasLevel: boolean): readonly Way[] {
  const takes = Object.entries(made.takes ?? {}).filter(([name]) => !name.endsWith("?"));
  if (takes.some(([name]) => name === "level") && !hasLevel) return [];
  const always = takes.filter(([name, word]) => word !== "" && made.oneOf?.includes(name) !== true).map(([, word]) => word);
  const sets = made.oneOf === undefined ? [always] : made.oneOf.map((name) => [...always, made.takes?.[name] ?? ""]);
  const gives = [
    ...Object.entries(made.gives).flatMap(([name, word]) => (name.endsWith("?") ? [] : word)),
    ...(made.whole === undefined ? [] : [made.whole]),
  ];
  return sets.filter((needs) => new Set(needs).size === needs.length).map((needs) => ({ needs, gives, cost: callCost(capability) }));
}

function bruteForce(ways: readonly Way[], given: readonly string[], want: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 2 ** ways.length; set += 1) {
    const chosen = ways.filter((_, index) => (set >> index) % 2 === 1);
    const cost = chosen.reduce((sum, way) => sum + way.cost, 0);
    if (cost >= best) continue;
    const there = new Set(given);
    for (let before = -1; before !== there.size; ) {
      before = there.size;
      for (const way of chosen) if (way.needs.every((need) => there.has(need))) for (const give of way.gives) there.add(give);
    }
    if (there.has(want)) best = cost;
  }
  return best;
}

describe("composing", () => {
  it("[K12] finds what trying every set of calls finds, on 1,000 random catalogues", () => {
    const seen = { plans: 0, none: 0, joins: 0, shared: 0 };
    for (let seed = 1; seed <= 1000; seed += 1) {
      const sketches = randomSketches(seed);
      const catalogue = catalogueOf(sketches);
      const next = numbers(seed + 1_000_000);
      const named = Object.values(sketches).flatMap((made) => [...Object.entries(made.takes ?? {}), ...Object.entries(made.gives)]);
      // A word that only an output which may be missing has is none that the planner knows.
      const words = [...new Set(named.flatMap(([name, word]) => (word === "" || name === "maybe?" ? [] : word)))].sort();
      const given = [words[seed % 2 === 0 ? 0 : next(words.length)] ?? "", ...(next(3) === 0 ? [words[next(words.length)] ?? ""] : [])];
      const wanted = words.filter((word) => !given.includes(word));
      const want = seed % 2 === 0 ? wanted.at(-1) : wanted[next(wanted.length)];
      if (want === undefined) continue;
      const hasLevel = next(2) === 0 && Object.values(sketches).some((made) => made.takes?.["level"] !== undefined);
      const ways = Object.entries(sketches).flatMap(([name, made]) => waysOf(made, catalogue.get(name) as CapabilityShape, hasLevel));
      const best = bruteForce(ways, given, want);
      const request = { ...Object.fromEntries(given.map((word) => [word, "x"])), ...(hasLevel && { level: "1" }) };
      try {
        const { graph, explanation } = compose(request, want, catalogue);
        const cost = graph.tasks.reduce((sum, task) => sum + callCost(catalogue.get(task.capability) as CapabilityShape), 0);
        expect({ seed, cost, explained: explanation.cost, proven: explanation.proven }).toEqual({
          seed,
          cost: best,
          explained: best,
          proven: true,
        });
        expect({ seed, findings: checkPlan(graph, catalogue).findings }).toEqual({ seed, findings: [] });
        seen.plans += 1;
        const references = graph.tasks.map((task) => JSON.stringify(task.params).match(/\$\{\w+/g) ?? []);
        if (references.some((list) => new Set(list).size > 1)) seen.joins += 1;
        if (new Set(references.flat()).size < references.flat().length) seen.shared += 1;
      } catch (error) {
        if (!isKosError(error, "BAD_REQUEST")) throw error;
        expect({ seed, best }).toEqual({ seed, best: Number.POSITIVE_INFINITY });
        seen.none += 1;
      }
    }
    expect(seen.plans).toBeGreaterThan(300);
    expect(seen.none).toBeGreaterThan(100);
    expect(seen.joins).toBeGreaterThan(20);
    expect(seen.shared).toBeGreaterThan(20);
  });

  it("[K12] only with what is made from a type, when that is asked for, on 300 random catalogues", () => {
    const seen = { plans: 0, dearer: 0 };
    for (let seed = 1; seed <= 300; seed += 1) {
      const catalogue = largeCatalogue(20, 9, seed);
      const words = [...new Set([...catalogue.values()].flatMap(({ input }) => JSON.stringify(input).match(/w\.n\d/g) ?? []))].sort();
      const [given = "", ...others] = words;
      const want = others.at(-1);
      const through = others[numbers(seed)(others.length)];
      if (want === undefined || through === want) continue;
      const costs = [undefined, through].map((via) => {
        try {
          const { graph, explanation } = compose({ [given]: "x" }, { type: want, ...(via !== undefined && { through: via }) }, catalogue);
          if (via !== undefined) expect({ seed, isBehind: isBehind(graph.tasks, via, catalogue) }).toEqual({ seed, isBehind: true });
          return explanation.cost;
        } catch (error) {
          if (!isKosError(error, "BAD_REQUEST")) throw error;
          return Number.POSITIVE_INFINITY;
        }
      });
      const [plain = 0, led = 0] = costs;
      expect({ seed, isNotCheaper: led >= plain }).toEqual({ seed, isNotCheaper: true });
      if (led < Number.POSITIVE_INFINITY) seen.plans += 1;
      if (led > plain && led < Number.POSITIVE_INFINITY) seen.dearer += 1;
    }
    expect(seen.plans).toBeGreaterThan(30);
    expect(seen.dearer).toBeGreaterThan(5);
  });
});

/** Whether the last task has, among all that it is made from, one that gives the word. */
function isBehind(tasks: readonly Task[], word: string, catalogue: ReadonlyMap<string, CapabilityShape>): boolean {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const open = tasks.slice(-1);
  for (const task of open) {
    if (JSON.stringify(catalogue.get(task.capability)?.output).includes(`"${word}"`) && task !== tasks.at(-1)) return true;
    open.push(...dependenciesOf(task).flatMap((id) => byId.get(id) ?? []));
  }
  return false;
}

describe("composing among 500 capabilities", () => {
  it.each([20, 40, 60, 100])("[K13] stays within its bounds of work with %i types, and says what is proven", (words) => {
    for (const seed of [1, 2, 3]) {
      const catalogue = largeCatalogue(500, words, seed);
      const givens = ["w.n0", "w.n1"].map((word) => ({ name: word, word, template: "x", literal: { value: "x" } }));
      const graph = buildCallGraph({ catalogue, givens, wish: { type: `w.n${words - 1}`, without: [] } });
      expect(graph.edges.length).toBeLessThanOrEqual(500);
      const effort = { left: DEFAULT_COMPOSE_LIMITS.search };
      const plan = cheapestPlan(graph, effort);
      // The bound is looked at between steps, each of which visits every edge a few times at most.
      expect(effort.left).toBeGreaterThan(-20 * 500);
      if (plan?.cost !== plan?.costAtLeast) expect(effort.left).toBeLessThanOrEqual(0);
      expect(plan?.costAtLeast).toBeGreaterThan(0.75 * (plan?.cost ?? 0));
    }
  });

  it("[K13] proves the cheapest plan of an ordinary goal with a small part of it", () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const graph = buildCallGraph({
        catalogue: largeCatalogue(500, 30, seed),
        givens: [{ name: "w.n0", word: "w.n0", template: "x", literal: { value: "x" } }],
        wish: { type: "w.n20", without: [] },
      });
      const effort = { left: DEFAULT_COMPOSE_LIMITS.search };
      const plan = cheapestPlan(graph, effort);
      expect(plan?.costAtLeast).toBe(plan?.cost);
      expect(DEFAULT_COMPOSE_LIMITS.search - effort.left).toBeLessThan(DEFAULT_COMPOSE_LIMITS.search / 4);
    }
  });
});

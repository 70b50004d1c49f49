// Where nothing leads to what is wanted: what is missing. The cheapest plan in which missing things may be assumed says what to give,
// and between which types a capability would help.

import { KosError } from "@kos/klp";
import { GIVEN_ALIASES } from "@kos/plan";
import type { CallGraph } from "./call-graph.ts";
import { cheapestPlan } from "./cheapest-plan.ts";
import type { Given, Wish } from "./given.ts";
import type { Effort, Hyperedge } from "./hypergraph.ts";
import { indexGraph } from "./hypergraph.ts";
import { relax } from "./relaxation.ts";

/** Dearer than any plan, so that as little as possible is assumed; and rather what people have at hand than what only capabilities make. */
const ASSUMED_AT_HAND = 1_000_000;
const ASSUMED = 3_000_000;
const AT_HAND: ReadonlySet<string> = new Set(Object.values(GIVEN_ALIASES));
const MAX_SHOWN = 12;

interface Missing {
  /** A word, or `capability.member` for a member that only its name can fill. */
  readonly what: string;
  readonly isWord: boolean;
  readonly for: readonly string[];
  /** How to give it on the command line. */
  readonly give: string;
}

/** BAD_REQUEST; `details` hold `missing`, `reachable` and `makers`. */
export function missingError(graph: CallGraph, wish: Wish, givens: readonly Given[], effort: Effort): KosError {
  const reachable = reachableWords(graph);
  const makers = capabilitiesThatGive(graph, wish.type);
  const missing = assumptions(graph, effort);
  const from = givens.length === 0 ? "nothing" : givens.map(({ name }) => name).join(", ");
  const via = wish.through === undefined ? "" : ` through ${wish.through}`;
  const message = [
    `Nothing leads from ${from} to ${wish.type}${via}.`,
    ...reasons(wish, makers, missing),
    ...(reachable.length === 0
      ? ["Nothing can be made from what is given."]
      : [`What can be made from it: ${reachable.slice(0, MAX_SHOWN).join(", ")}${reachable.length > MAX_SHOWN ? ", …" : ""}.`]),
    ...(missing.length > 0 ? [`With this it would go: ${missing.map(({ give }) => give).join(" ")}`] : []),
  ];
  return new KosError("BAD_REQUEST", message.join(" "), {
    details: {
      want: wish.type,
      ...(wish.through !== undefined && { through: wish.through }),
      missing: missing.map(({ what, for: users, give }) => ({ what, for: users, give })),
      reachable,
      makers,
    },
    retryable: false,
  });
}

function reasons(wish: Wish, makers: readonly string[], missing: readonly Missing[]): readonly string[] {
  if (makers.length === 0) return [`No capability gives ${wish.type}; one that does would help.`];
  if (missing.length === 0) return [`${makers.join(" and ")} would give it, but not from there.`];
  return missing.map(({ what, for: users, isWord }) =>
    isWord
      ? `${users.join(" and ")} needs ${what}, which nothing there gives; a capability that makes it from what is there would help, too.`
      : `${users.join(" and ")} needs ${what}, which has to be given by its name.`,
  );
}

function shortWord(word: string): string {
  return Object.entries(GIVEN_ALIASES).find(([, meant]) => meant === word)?.[0] ?? word;
}

function reachableWords(graph: CallGraph): readonly string[] {
  const costs = Float64Array.from(graph.edges, ({ cost }) => cost);
  const { value } = relax(indexGraph(graph), costs, "max", { left: 0 });
  const there = new Set(graph.start);
  const words = new Set<string>();
  for (const [vertex, cost] of value.entries()) {
    const name = graph.nameOf(vertex);
    if (name.kind === "word" && cost !== Number.POSITIVE_INFINITY && !there.has(vertex)) words.add(name.word);
  }
  return [...words].sort();
}

function capabilitiesThatGive(graph: CallGraph, word: string): readonly string[] {
  const giving = graph.calls.filter(({ words }) => words.places.some((place) => place.word === word));
  return [...new Set(giving.map(({ capability }) => capability.name))].sort();
}

function assumptions(graph: CallGraph, effort: Effort): readonly Missing[] {
  const there = new Set([...graph.start, graph.target]);
  const target = graph.nameOf(graph.target);
  // What is wanted is not assumed, in whichever way it is to be made.
  if (target.kind === "word") there.add(graph.vertexOf(target.word) ?? graph.target);
  const assumed: { readonly edge: Hyperedge; readonly vertex: number }[] = [];
  for (let vertex = 0; vertex < graph.vertices; vertex += 1) {
    if (there.has(vertex)) continue;
    const name = graph.nameOf(vertex);
    const cost = name.kind === "lacking" || AT_HAND.has(name.word) ? ASSUMED_AT_HAND : ASSUMED;
    assumed.push({ edge: { needs: [], gives: [vertex], cost }, vertex });
  }
  const plan = cheapestPlan({ ...graph, edges: [...graph.edges, ...assumed.map(({ edge }) => edge)] }, effort);
  if (plan === undefined) return [];
  return plan.edges.flatMap((edge) => {
    const vertex = assumed[edge - graph.edges.length]?.vertex;
    if (vertex === undefined) return [];
    const users = plan.edges.filter((other) => graph.edges[other]?.needs.includes(vertex) === true);
    const names = [...new Set(users.flatMap((user) => graph.calls[user]?.capability.name ?? []))];
    const name = graph.nameOf(vertex);
    return name.kind === "word"
      ? { what: name.word, isWord: true, for: names, give: `--given ${shortWord(name.word)}=…` }
      : { what: `${name.capability}.${name.member}`, isWord: false, for: names, give: `--given ${name.member}=…` };
  });
}

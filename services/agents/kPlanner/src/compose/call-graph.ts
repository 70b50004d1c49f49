// The hypergraph of calls: vertices are words, edges are the ways in which a capability can be called with what is given.

import type { CapabilityCatalogue, CapabilityShape } from "@kos/plan";
import { escaped } from "../substitute.ts";
import { callCost, fileCost } from "./call-cost.ts";
import type { Given, Wish } from "./given.ts";
import { fitsMember } from "./given.ts";
import type { Hyperedge, Hypergraph } from "./hypergraph.ts";
import type { CapabilityWords, InputMember, InputWay } from "./schema-words.ts";
import { readWords } from "./schema-words.ts";

/** A value that a call takes from whatever gives the word. */
interface Need {
  /** Undefined: the whole input, member by member. */
  readonly member: InputMember | undefined;
  readonly word: string;
  readonly vertex: number;
}

/** One way to call a capability. */
export interface Call {
  readonly capability: CapabilityShape;
  readonly words: CapabilityWords;
  readonly cost: number;
  /** Members that are given by name, or that get their schema's default. */
  readonly fixed: ReadonlyMap<string, { readonly template: unknown; readonly given: Given | undefined }>;
  readonly needs: readonly Need[];
  /** Members that may be filled when that costs nothing. */
  readonly optional: readonly InputMember[];
  /** Required members that have no word and that nobody gave. */
  readonly lacking: readonly InputMember[];
}

export interface CallGraph extends Hypergraph {
  /** By edge. */
  readonly calls: readonly Call[];
  /** By vertex: the word, or what is lacking. */
  readonly vertexOf: (word: string) => number | undefined;
  readonly nameOf: (vertex: number) => VertexName;
  /** The value given for a word, as it fits the member. */
  readonly givenFor: (word: string, member: Pick<InputMember, "schema"> | undefined) => Given | undefined;
}

type VertexName =
  | { readonly kind: "word"; readonly word: string; readonly isThrough: boolean }
  | { readonly kind: "lacking"; readonly capability: string; readonly member: string };

export interface GraphOptions {
  readonly catalogue: CapabilityCatalogue;
  readonly givens: readonly Given[];
  readonly wish: Wish;
  /** Left out besides those of the wish. */
  readonly without?: ReadonlySet<string>;
}

/**
 * Words that say where something is, not what it is. Those that are given are meant; those that a capability gives lead to something that
 * nobody has described, so they lead nowhere, unless they are what is wanted.
 */
export const ADDRESS_WORDS: ReadonlySet<string> = new Set(["url", "fs.path", "artifact", "artifact.hash"]);

/** Capabilities in the order of their names, so that the catalogue's own order does not count. */
export function buildCallGraph({ catalogue, givens, wish, without }: GraphOptions): CallGraph {
  const names: VertexName[] = [];
  const numbers = new Map<string, number>();
  const edges: Hyperedge[] = [];
  const calls: Call[] = [];

  function vertex(name: VertexName): number {
    const key = name.kind === "word" ? `${name.isThrough ? "+" : ""}${name.word}` : `?${name.capability}?${name.member}`;
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = names.push(name) - 1));
    return number;
  }
  const wordVertex = (word: string, isThrough = false) => vertex({ kind: "word", word, isThrough });
  const givenFor: CallGraph["givenFor"] = (word, member) =>
    givens.find((given) => given.word === word && (member === undefined || fitsMember(given, member)));

  function addCall(call: Omit<Call, "needs">, needed: readonly Omit<Need, "vertex">[]): void {
    const lacking = call.lacking.map((member) => vertex({ kind: "lacking", capability: call.capability.name, member: member.name }));
    const places = call.words.places.filter(({ word }) => !ADDRESS_WORDS.has(word) || word === wish.type);
    const gives = places.map(({ word }) => wordVertex(word));
    const add = (through: string | undefined, extra: readonly number[]) => {
      const needs = needed.map((need): Need => ({ ...need, vertex: wordVertex(need.word, need.word === through) }));
      calls.push({ ...call, needs });
      edges.push({ needs: [...needs.map((need) => need.vertex), ...lacking], gives: [...gives, ...extra], cost: call.cost });
    };
    const { through } = wish;
    const isMade = call.words.places.some(({ word }) => word === through);
    add(undefined, isMade && through !== undefined ? [wordVertex(through, true)] : []);
    if (through === undefined) return;
    // Made from the wanted intermediate, whatever it gives is made from it, too.
    const passed = places.map(({ word }) => wordVertex(word, true));
    for (const word of new Set(needed.map((need) => need.word))) add(word, passed);
  }

  for (const name of [...catalogue.keys()].sort()) {
    const capability = catalogue.get(name);
    if (capability === undefined || wish.without.includes(name) || without?.has(name) === true) continue;
    const words = readWords(capability);
    if (words.places.length === 0) continue;
    const common = { capability, words, cost: callCost(capability) };
    // Where both cost the same, everything that belongs together is taken together.
    if (words.whole !== undefined) {
      addCall({ ...common, fixed: byName(words.members, givens), optional: [], lacking: [] }, [{ member: undefined, word: words.whole }]);
    }
    for (const way of words.ways) {
      const made = callOf(way, givens, givenFor);
      if (made === undefined) continue;
      const cost = common.cost + unlikelihood(way, made, givenFor);
      addCall({ ...common, ...made.call, cost }, made.needs);
    }
  }
  const start = [...new Set(givens.flatMap(({ word }) => word ?? []))].map((word) => wordVertex(word));
  if (wish.through !== undefined && givens.some(({ word }) => word === wish.through)) start.push(wordVertex(wish.through, true));
  const target = wordVertex(wish.type, wish.through !== undefined);
  return {
    vertices: names.length,
    edges,
    start,
    target,
    calls,
    givenFor,
    vertexOf: (word) => numbers.get(word),
    nameOf: (number) => names[number] ?? { kind: "word", word: "", isThrough: false },
  };
}

/** What it costs that files are given to what is made for others. */
function unlikelihood(way: InputWay, { call, needs }: MadeCall, givenFor: CallGraph["givenFor"]): number {
  const costs = way.required.map((member) => {
    const need = needs.find((candidate) => candidate.member === member);
    const given = call.fixed.get(member.name)?.given ?? (need && givenFor(need.word, member));
    return fileCost(member.schema, given?.literal?.value);
  });
  return Math.max(0, ...costs);
}

/** A value given under the member's name, when it may stand there: neither says another word, and it fits. */
function byName(members: readonly InputMember[], givens: readonly Given[]): Call["fixed"] {
  const fixed = new Map<string, { readonly template: unknown; readonly given: Given }>();
  for (const member of members) {
    const given = givens.find(({ name }) => name === member.name);
    if (given === undefined || !fitsMember(given, member)) continue;
    if (given.word !== undefined && member.word !== undefined && given.word !== member.word) continue;
    fixed.set(member.name, { template: given.template, given });
  }
  return fixed;
}

interface MadeCall {
  readonly call: Pick<Call, "fixed" | "optional" | "lacking">;
  readonly needs: readonly Omit<Need, "vertex">[];
}

function callOf(way: InputWay, givens: readonly Given[], givenFor: CallGraph["givenFor"]): MadeCall | undefined {
  const fixed = new Map(byName([...way.required, ...way.optional], givens));
  const needs: Omit<Need, "vertex">[] = [];
  const lacking: InputMember[] = [];
  const optional = way.optional.filter(({ name }) => !fixed.has(name));
  const open = way.required.filter(({ name }) => !fixed.has(name));
  for (const member of open) {
    const { word, fallback } = member;
    if (fallback !== undefined) {
      fixed.set(member.name, { template: escaped(fallback.value), given: undefined });
      if (word !== undefined) optional.push(member);
    } else if (word === undefined) lacking.push(member);
    else if (open.filter((other) => other.word === word && other.fallback === undefined).length > 1) {
      // Two members of one word are two things: one value never stands for both.
      const given = unusedGiven(word, member, givens, fixed);
      if (given === undefined) lacking.push(member);
      else fixed.set(member.name, { template: given.template, given });
    } else {
      const isGiven = givens.some((given) => given.word === word);
      if (isGiven && givenFor(word, member) === undefined) return undefined;
      needs.push({ member, word });
    }
  }
  return { call: { fixed, optional: optional.filter(({ word }) => word !== undefined), lacking }, needs };
}

function unusedGiven(word: string, member: InputMember, givens: readonly Given[], fixed: Call["fixed"]): Given | undefined {
  const used = new Set([...fixed.values()].map(({ given }) => given));
  return givens.find((given) => given.word === word && !used.has(given) && fitsMember(given, member));
}

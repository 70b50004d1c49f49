// A catalogue of any size that looks like a grown one: subjects of a few dozen words, capabilities that turn one into the next, joins of
// several subjects, several ways to most words.

import type { CapabilityShape } from "@kos/plan";
import { catalogueOf, type Sketch } from "./compose.fixture.ts";

/** Whole numbers below a bound, the same for the same seed. */
export function numbers(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 7) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** `w.n0` and `w.n1` are what one has, the last word what is farthest away: `words` is the number of words. */
export function largeCatalogue(size: number, words: number, seed: number): ReadonlyMap<string, CapabilityShape> {
  const next = numbers(seed);
  const sketches: Record<string, Sketch> = {};
  for (let index = 0; index < size; index += 1) {
    const layer = 1 + next(words - 1);
    const takes: Record<string, string> = {};
    for (let count = 1 + next(3); count > 0; count -= 1) takes[`in${count}`] = `w.n${Math.max(0, layer - 1 - next(12))}`;
    if (next(3) === 0) takes["extra?"] = `w.n${next(words)}`;
    const gives: Record<string, string> = { out: `w.n${layer}` };
    if (next(3) === 0) gives["other"] = `w.n${Math.min(words - 1, layer + next(3))}`;
    sketches[`cap.n${index}`] = {
      takes,
      gives,
      types: Object.fromEntries(Object.keys(takes).map((name) => [name, {}])),
      cost: 1 + next(4),
      effects: ([[], [], ["net.read"], ["fs.read"]] as const)[next(4)] ?? [],
      timeoutMs: [5_000, 60_000, 600_000][next(3)] ?? 1000,
    };
  }
  return catalogueOf(sketches);
}

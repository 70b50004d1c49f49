// Keeps the values of a label few: the first ones seen stay, later ones share one name. A hostile or endless source cannot grow the metrics.

import type { WorkLabels } from "./node-metrics.ts";

const OTHER = "other";
const MAX_LENGTH = 120;

export function createLabelBound(maxValues: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= maxValues || value.length > MAX_LENGTH) return OTHER;
    known.add(value);
    return value;
  };
}

/** Bounds the pairs as well: a histogram of every agent with every capability would be far too much. */
export function createWorkBound(maxValues: number, maxPairs: number): (work: WorkLabels) => WorkLabels {
  const boundAgent = createLabelBound(maxValues);
  const boundCapability = createLabelBound(maxValues);
  const pairs = new Map<string, WorkLabels>();
  return ({ agent, capability }) => {
    const bounded = { agent: boundAgent(agent), capability: boundCapability(capability) };
    const key = `${bounded.agent} ${bounded.capability}`;
    const known = pairs.get(key);
    if (known !== undefined) return known;
    if (pairs.size >= maxPairs) return { agent: OTHER, capability: OTHER };
    pairs.set(key, bounded);
    return bounded;
  };
}

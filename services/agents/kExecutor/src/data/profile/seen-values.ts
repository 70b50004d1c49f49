// The values of a column gathered by what they are, so that a value that comes again costs one look-up; and from that the most frequent ones.
// Frequent items after Misra and Gries, 1982, pruned in batches. Where values hardly ever come again, gathering does not pay: then one in so many cells
// is counted for the frequent values, and every cell goes its own way.

import type { Kind } from "./spelled-value.ts";

/** What a cell is told apart by. */
export type SeenKey = string | number | bigint | boolean;

/** One value. Fields are filled in place: a table has millions of cells. */
export interface Seen {
  kind: Kind;
  number: number;
  text: string;
  /** Keyed hash of what it is. */
  high: number;
  low: number;
  /** Data row where it was first seen since it was last folded. */
  row: number;
  /** How often it was seen, less what was pruned. */
  count: number;
  /** How often since it was last folded. */
  pending: number;
}

interface TopValue {
  readonly text: string;
  readonly count: number;
}

export interface SeenValues {
  /** Whether values are gathered; where not, each cell is to be folded by whoever asks. */
  readonly gathers: boolean;
  /** While values are gathered: the value, counted once more; undefined if it is not held. */
  again(key: SeenKey): Seen | undefined;
  /** While values are gathered: holds a value that was seen once. */
  put(key: SeenKey, seen: Seen): void;
  /** While they are not: takes a cell into account for the most frequent values. `hold` makes what may be kept of it. */
  sample(key: SeenKey, hold: () => Seen): void;
  /** Folds what is pending. */
  flush(): void;
  /** The most frequent, the first seen first among equals. Values of the kinds given are left out. */
  top(most: number, without: readonly Kind[]): readonly TopValue[];
  /** Whether every value is held with its count; otherwise counts of `top` are estimates. */
  readonly exact: boolean;
  /** All of them, if exact. */
  values(): Iterable<Seen>;
}

const MOST_HELD = 4096;
const MOST_HELD_SAMPLED = 256;
/** One of so many cells is counted where values are not gathered. */
const STRIDE = 16;
/** What was counted less often there may be chance. */
const LEAST_SAMPLES = 8;

/** `fold` is given each value with how often it came since the last time. */
export function seenValues(fold: (seen: Seen, weight: number) => void): SeenValues {
  let held = new Map<SeenKey, Seen>();
  let [error, again, fresh, gathers] = [0, 0, 0, true];

  function flush(): void {
    if (!gathers) return;
    for (const seen of held.values()) {
      if (seen.pending === 0) continue;
      fold(seen, seen.pending);
      seen.pending = 0;
    }
  }

  /** Takes the median count from all, which lets go of half of them. */
  function prune(): void {
    flush();
    const counts = Float64Array.from(held.values(), ({ count }) => count).sort();
    const cut = counts[counts.length >>> 1] ?? 1;
    error += cut;
    const kept = new Map<SeenKey, Seen>();
    for (const [key, seen] of held) {
      seen.count -= cut;
      if (seen.count > 0) kept.set(key, seen);
    }
    held = kept;
    if (gathers && again < fresh) stopGathering();
    [again, fresh] = [0, 0];
  }

  function stopGathering(): void {
    gathers = false;
    const largest = [...held].sort(([, one], [, other]) => other.count - one.count);
    held = new Map(largest.slice(0, MOST_HELD_SAMPLED / 2));
  }

  return {
    get gathers() {
      return gathers;
    },
    again(key) {
      const seen = held.get(key);
      if (seen === undefined) return undefined;
      again += 1;
      seen.count += 1;
      seen.pending += 1;
      return seen;
    },
    put(key, seen) {
      fresh += 1;
      held.set(key, seen);
      if (held.size > MOST_HELD) prune();
    },
    sample(key, hold) {
      fresh += 1;
      if (fresh % STRIDE !== 0) return;
      const seen = held.get(key);
      if (seen !== undefined) seen.count += STRIDE;
      else {
        held.set(key, { ...hold(), count: STRIDE });
        if (held.size > MOST_HELD_SAMPLED) prune();
      }
    },
    flush,
    top(most, without) {
      const least = gathers ? 1 : error + LEAST_SAMPLES * STRIDE;
      const kept = [...held.values()].filter(({ kind, count }) => !without.includes(kind) && count >= least);
      return kept
        .sort((one, other) => other.count - one.count)
        .slice(0, most)
        .map(({ text, count }) => ({ text, count }));
    },
    get exact() {
      return error === 0;
    },
    values: () => held.values(),
  };
}

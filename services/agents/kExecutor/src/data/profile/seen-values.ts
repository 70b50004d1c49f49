// The values of a column gathered by what they are, so that a value that comes again costs one look-up; and from that the most frequent ones.
// Frequent items after Misra and Gries, 1982, pruned in batches: a count is at most `error` too low, and exact as long as nothing was pruned.

import type { Kind } from "./spelled-value.ts";

/** What a cell is told apart by. */
export type SeenKey = string | number | bigint | boolean;

export interface Seen {
  readonly kind: Kind;
  readonly number: number;
  readonly text: string;
  /** Keyed hash of what it is. */
  readonly high: number;
  readonly low: number;
  /** Data row where it was first seen since it was last folded. */
  readonly row: number;
  /** How often it was seen, less what was pruned. */
  count: number;
  /** How often since it was last folded. */
  pending: number;
}

export interface TopValue {
  readonly text: string;
  readonly count: number;
}

export interface SeenValues {
  get(key: SeenKey): Seen | undefined;
  /** `seen` has been counted once. */
  put(key: SeenKey, seen: Seen): void;
  /** Folds what is pending. */
  flush(): void;
  /** The most frequent, the first seen first among equals. Values of the kinds given are left out. */
  top(most: number, without: readonly Kind[]): readonly TopValue[];
  /** How much too low a count of `top` can be; 0 as long as every value is held. */
  readonly error: number;
  values(): Iterable<Seen>;
}

const MOST_HELD = 8192;

/** `fold` is given each value with how often it came since the last time. */
export function seenValues(fold: (seen: Seen, weight: number) => void): SeenValues {
  const held = new Map<SeenKey, Seen>();
  let error = 0;

  function flush(): void {
    for (const seen of held.values()) {
      if (seen.pending === 0) continue;
      fold(seen, seen.pending);
      seen.pending = 0;
    }
  }

  function prune(): void {
    flush();
    const counts = Float64Array.from(held.values(), ({ count }) => count).sort();
    const cut = counts[counts.length >>> 1] ?? 1;
    error += cut;
    for (const [key, seen] of held) {
      seen.count -= cut;
      if (seen.count <= 0) held.delete(key);
    }
  }

  return {
    get: (key) => held.get(key),
    put(key, seen) {
      held.set(key, seen);
      if (held.size > MOST_HELD) prune();
    },
    flush,
    top(most, without) {
      const kept = [...held.values()].filter(({ kind }) => !without.includes(kind));
      return kept
        .sort((one, other) => other.count - one.count)
        .slice(0, most)
        .map(({ text, count }) => ({ text, count }));
    },
    get error() {
      return error;
    },
    values: () => held.values(),
  };
}

// How many different values a column has. Numbers that are only spelled are compared by value in a column of numbers (1 and 1.0 are one) and by
// their spelling in a column with text (version 1.1 is not version 1.10): which of the two it is shows in the first values.

import { type DistinctCounter, distinctCounter } from "./distinct-counter.ts";
import type { KeyedHash } from "./keyed-hash.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import type { Seen } from "./seen-values.ts";
import { KIND } from "./spelled-value.ts";

export interface DistinctValues {
  add(seen: Seen, weight: number): void;
  readonly count: number;
  readonly exact: boolean;
  readonly by: "value" | "text";
  close(): void;
}

const UNDECIDED_VALUES = 10_000;
/** Beyond this SQLite keeps no exact integers either. */
const BIG = 2 ** 63;

export function distinctValues(spelled: boolean, budget: MemoryBudget, hash: KeyedHash): DistinctValues {
  let byValue: DistinctCounter | undefined = spelled ? distinctCounter(budget) : undefined;
  let byText: DistinctCounter | undefined = distinctCounter(budget);
  let [added, hasText] = [0, false];
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);

  function addValue(counter: DistinctCounter, seen: Seen): void {
    if (seen.kind !== KIND.integer && seen.kind !== KIND.number) {
      counter.add(seen.high, seen.low);
      return;
    }
    if (seen.kind === KIND.integer && !Number.isSafeInteger(seen.number) && Math.abs(seen.number) < BIG)
      hash.text(BigInt(seen.text.trim().replace("+", "")).toString());
    else {
      // Adding 0 makes one zero of two.
      double[0] = seen.number + 0;
      hash.words(words[0] ?? 0, words[1] ?? 0);
    }
    counter.add(hash.high, hash.low);
  }

  return {
    add(seen, weight) {
      if (byValue !== undefined) addValue(byValue, seen);
      byText?.add(seen.high, seen.low);
      if (byValue === undefined || byText === undefined) return;
      added += weight;
      hasText ||= seen.kind === KIND.text;
      if (added < UNDECIDED_VALUES) return;
      (hasText ? byValue : byText).close();
      if (hasText) byValue = undefined;
      else byText = undefined;
    },
    get count() {
      return (this.by === "value" ? byValue : byText)?.count ?? 0;
    },
    get exact() {
      return (this.by === "value" ? byValue : byText)?.exact ?? true;
    },
    get by() {
      if (byText === undefined) return "value";
      return byValue === undefined || hasText ? "text" : "value";
    },
    close() {
      byValue?.close();
      byText?.close();
    },
  };
}

// The numbers of a column for quantiles and histograms: all of them as long as memory allows, then a uniform sample (Vitter's algorithm R, 1985).

import type { MemoryBudget } from "./memory-budget.ts";

export interface ValueSample {
  add(value: number, weight: number): void;
  /** How many were added. */
  readonly count: number;
  /** Whether all of them are kept. */
  readonly exact: boolean;
  /** In rising order. */
  sorted(): Float64Array;
  close(): void;
}

const FIRST_VALUES = 1024;
const SAMPLE_VALUES = 65_536;
const BYTES = 8;

export function valueSample(budget: MemoryBudget): ValueSample {
  let values = new Float64Array(FIRST_VALUES);
  let [count, kept, exact] = [0, 0, true];
  const random = xorshift(0x9e3779b9);

  /** Makes room for one more, or turns what there is into a sample. */
  function makeRoom(): void {
    const length = values.length * 2;
    if (budget.take(length * BYTES)) {
      const grown = new Float64Array(length);
      grown.set(values);
      if (values.length > FIRST_VALUES) budget.give(values.length * BYTES);
      values = grown;
      return;
    }
    exact = false;
    if (kept <= SAMPLE_VALUES) return;
    for (let at = 0; at < SAMPLE_VALUES; at += 1) {
      const other = at + Math.floor(random() * (kept - at));
      const value = values[at] ?? 0;
      values[at] = values[other] ?? 0;
      values[other] = value;
    }
    const before = values.length;
    values = values.slice(0, SAMPLE_VALUES);
    if (before > FIRST_VALUES) budget.give((before - SAMPLE_VALUES) * BYTES);
    kept = SAMPLE_VALUES;
  }

  function addOne(value: number): void {
    count += 1;
    if (exact && kept === values.length) makeRoom();
    if (exact || kept < values.length) {
      values[kept] = value;
      kept += 1;
      return;
    }
    const place = Math.floor(random() * count);
    if (place < kept) values[place] = value;
  }

  return {
    add(value, weight) {
      for (let time = 0; time < weight; time += 1) addOne(value);
    },
    get count() {
      return count;
    },
    get exact() {
      return exact;
    },
    sorted: () => values.slice(0, kept).sort(),
    close() {
      if (values.length > FIRST_VALUES) budget.give(values.length * BYTES);
      values = new Float64Array(0);
    },
  };
}

/** Marsaglia's xorshift, 2003: the same sample for the same data. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

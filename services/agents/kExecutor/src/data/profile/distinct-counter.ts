// How many different hashes there are: exact as long as memory allows, then estimated by HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007).

import type { MemoryBudget } from "./memory-budget.ts";

export interface DistinctCounter {
  /** Whether it was not there before; true also where that is no longer known. */
  add(high: number, low: number): boolean;
  readonly count: number;
  /** False once `count` is an estimate, with a standard error of 0.8 %. */
  readonly exact: boolean;
  /** Returns the memory. */
  close(): void;
}

const FIRST_SLOTS = 64;
const BYTES_PER_SLOT = 8;
const PRECISION = 14;
const REGISTERS = 1 << PRECISION;

/**
 * The exact count is of 64-bit hashes: that two of a million different values share one, so that the count is one too low, happens in one of
 * 37 million data sets.
 */
export function distinctCounter(budget: MemoryBudget): DistinctCounter {
  let set: HashSet | undefined = hashSet(FIRST_SLOTS);
  let registers: Uint8Array | undefined;

  function grow(from: HashSet): HashSet | undefined {
    const slots = from.slots * 2;
    if (!budget.take(slots * BYTES_PER_SLOT)) return undefined;
    const next = hashSet(slots);
    from.each(next.add);
    budget.give(from.slots > FIRST_SLOTS ? from.slots * BYTES_PER_SLOT : 0);
    return next;
  }

  function release(): void {
    if (set !== undefined && set.slots > FIRST_SLOTS) budget.give(set.slots * BYTES_PER_SLOT);
    set = undefined;
  }

  return {
    add(high, low) {
      if (set === undefined) {
        if (registers !== undefined) record(registers, high, low);
        return true;
      }
      const isNew = set.add(high, low);
      if (isNew && set.size * 4 > set.slots * 3) {
        const grown = grow(set);
        if (grown === undefined) {
          const estimate = new Uint8Array(REGISTERS);
          set.each((ownHigh, ownLow) => {
            record(estimate, ownHigh, ownLow);
            return true;
          });
          release();
          registers = estimate;
        } else set = grown;
      }
      return isNew;
    },
    get count() {
      return set?.size ?? (registers === undefined ? 0 : estimateOf(registers));
    },
    get exact() {
      return registers === undefined;
    },
    close: release,
  };
}

interface HashSet {
  readonly slots: number;
  readonly size: number;
  add(high: number, low: number): boolean;
  each(visit: (high: number, low: number) => boolean): void;
}

/** Open addressing with linear probing; the pair 0, 0 marks a free slot and is kept beside. */
function hashSet(slots: number): HashSet {
  const table = new Uint32Array(slots * 2);
  const mask = slots - 1;
  let [size, hasZero] = [0, false];
  return {
    slots,
    get size() {
      return size;
    },
    add(high, low) {
      if (high === 0 && low === 0) {
        const isNew = !hasZero;
        if (isNew) size += 1;
        hasZero = true;
        return isNew;
      }
      for (let slot = low & mask; ; slot = (slot + 1) & mask) {
        const [ownHigh, ownLow] = [table[slot * 2], table[slot * 2 + 1]];
        if (ownHigh === high && ownLow === low) return false;
        if (ownHigh !== 0 || ownLow !== 0) continue;
        table[slot * 2] = high;
        table[slot * 2 + 1] = low;
        size += 1;
        return true;
      }
    },
    each(visit) {
      if (hasZero) visit(0, 0);
      for (let at = 0; at < table.length; at += 2) {
        const [high = 0, low = 0] = [table[at], table[at + 1]];
        if (high !== 0 || low !== 0) visit(high, low);
      }
    },
  };
}

/** The register is chosen by the last bits; its value is the longest run of zeros at the beginning of the rest. */
function record(registers: Uint8Array, high: number, low: number): void {
  const register = low & (REGISTERS - 1);
  const rank = high === 0 ? 33 + Math.clz32(low >>> PRECISION) - PRECISION : Math.clz32(high) + 1;
  if (rank > (registers[register] ?? 0)) registers[register] = rank;
}

function estimateOf(registers: Uint8Array): number {
  let [sum, empty] = [0, 0];
  for (const value of registers) {
    sum += 2 ** -value;
    if (value === 0) empty += 1;
  }
  const raw = ((0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS) / sum;
  // Few values: counting the registers that are still empty is better.
  return Math.round(raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw);
}

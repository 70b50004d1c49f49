import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Timed, TimerHeap } from "./timer-heap.ts";

const step = fc.record({
  entry: fc.integer({ min: 0, max: 9 }),
  atMs: fc.integer({ min: 0, max: 50 }),
  action: fc.constantFrom("set", "remove", "pop"),
});

/** A heap's work is looking at times: so many looks are so much work, on any machine. */
function counted() {
  let looks = 0;
  class Counted implements Timed {
    heapIndex = -1;
    #atMs = 0;
    get atMs(): number {
      looks++;
      return this.#atMs;
    }
    set atMs(ms: number) {
      this.#atMs = ms;
    }
  }
  return {
    open: (): Timed => new Counted(),
    looksOf(work: () => void): number {
      const before = looks;
      work();
      return looks - before;
    },
  };
}

describe("timer heap", () => {
  it("with ten thousand in it gives them in order, at the cost of its depth for each due time", () => {
    const COUNT = 10_000;
    const DEPTH = Math.ceil(Math.log2(COUNT));
    const LOOKS = 6 * DEPTH;
    const { open, looksOf } = counted();
    const heap = new TimerHeap<Timed>();
    let seed = 1;
    const next = () => (seed = (seed * 48_271) % 2_147_483_647);
    let most = 0;
    for (let index = 0; index < COUNT; index++)
      most = Math.max(
        most,
        looksOf(() => heap.set(open(), next() % 1_000_000)),
      );
    const seen: number[] = [];
    for (let fired = 0; fired < COUNT; fired++) {
      const { first } = heap;
      if (first === undefined) throw new Error("the heap has lost entries");
      seen.push(first.atMs);
      // As a schedule does: due again later; every third is over.
      most = Math.max(
        most,
        looksOf(() => (fired % 3 === 0 ? heap.remove(first) : heap.set(first, first.atMs + 1 + (next() % 1_000_000)))),
      );
    }
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect(heap.size).toBe(COUNT - Math.ceil(COUNT / 3));
    expect(most).toBeLessThanOrEqual(LOOKS);
  });

  it("always gives the earliest, whatever was set, moved and removed before", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const heap = new TimerHeap<Timed>();
        const entries = Array.from({ length: 10 }, (): Timed => ({ atMs: 0, heapIndex: -1 }));
        const inside = new Set<Timed>();
        for (const { entry: index, atMs, action } of steps) {
          const entry = entries[index];
          if (entry === undefined) continue;
          if (action === "set") {
            heap.set(entry, atMs);
            inside.add(entry);
          } else if (action === "remove") {
            heap.remove(entry);
            inside.delete(entry);
          } else if (heap.first !== undefined) {
            const { first } = heap;
            heap.remove(first);
            inside.delete(first);
          }
          const earliest = Math.min(...[...inside].map((one) => one.atMs));
          expect(heap.size).toBe(inside.size);
          expect(heap.first?.atMs ?? Number.POSITIVE_INFINITY).toBe(earliest);
        }
      }),
    );
  });
});

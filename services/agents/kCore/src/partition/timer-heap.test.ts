import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Timed, TimerHeap } from "./timer-heap.ts";

const step = fc.record({
  entry: fc.integer({ min: 0, max: 9 }),
  atMs: fc.integer({ min: 0, max: 50 }),
  action: fc.constantFrom("set", "remove", "pop"),
});

describe("timer heap", () => {
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

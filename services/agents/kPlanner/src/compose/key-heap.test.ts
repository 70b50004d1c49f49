import fc from "fast-check";
import { expect, it } from "vitest";
import { createKeyHeap } from "./key-heap.ts";

it("gives back what was put in, smallest key first, then smallest number", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9))), (entries) => {
      const heap = createKeyHeap();
      for (const [key, item] of entries) heap.push(key, item);
      const out: [number, number][] = [];
      while (heap.size > 0) out.push([heap.key(), heap.pop()]);
      expect(out).toEqual(entries.toSorted(([a, i], [b, j]) => a - b || i - j));
      expect([heap.key(), heap.pop()]).toEqual([Number.POSITIVE_INFINITY, -1]);
    }),
  );
});

import { describe, expect, it } from "vitest";
import { median, quantile, summarise } from "./statistics.ts";

describe("statistics", () => {
  it("takes the middle of an odd count and the mean of the two middles of an even one", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it("tells the smallest, the largest and how many there were", () => {
    expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, runs: 3 });
  });

  it("goes along the line between two samples", () => {
    expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

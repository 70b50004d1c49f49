import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyedBuckets, createTokenBucket } from "./token-bucket.ts";

describe("createTokenBucket", () => {
  it("never lets through more than the burst and what the time has filled, and says truly when the next one goes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 3000 })),
        (burst, perSecond, pauses) => {
          let at = 0;
          let taken = 0;
          const bucket = createTokenBucket({ burst, perSecond, now: () => at });
          for (const pause of pauses) {
            at += pause;
            const wait = bucket.take();
            if (wait === 0) taken += 1;
            else {
              at += wait;
              expect(bucket.take()).toBe(0);
              taken += 1;
            }
            expect(taken).toBeLessThanOrEqual(burst + (at / 1000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });

  it("keeps its word where fractions of a token do not add up to a whole one", () => {
    let at = 0;
    const bucket = createTokenBucket({ burst: 1, perSecond: 20, now: () => at });
    expect(bucket.take()).toBe(0);
    at = 4;
    expect(bucket.take()).toBe(46);
    at = 50;
    expect(bucket.take()).toBe(0);
  });

  it("gains nothing from a clock that goes back", () => {
    let at = 10_000;
    const bucket = createTokenBucket({ burst: 1, perSecond: 1, now: () => at });
    expect(bucket.take()).toBe(0);
    at = 0;
    expect(bucket.take()).toBe(1000);
  });
});

describe("createKeyedBuckets", () => {
  it("counts keys apart and forgets the one used longest ago beyond its bound", () => {
    const buckets = createKeyedBuckets({ burst: 1, perSecond: 0.001, now: () => 0 });
    expect(buckets.take("a")).toBe(0);
    expect(buckets.take("b")).toBe(0);
    expect(buckets.take("a")).toBeGreaterThan(0);
    for (let i = 0; i < 9_999; i += 1) buckets.take(`key ${i}`);
    expect(buckets.take("a")).toBeGreaterThan(0);
    expect(buckets.take("b")).toBe(0);
  });
});

import { expect, test } from "vitest";
import { StreamCache } from "./stream-cache.ts";

const end = (lastSeq: number) => ({ stream: 1, lastSeq, lastLeaf: undefined });

test("[L5] ends of streams in use are kept while thousands of others come and go, and memory stays bounded", () => {
  const cache = new StreamCache(100);
  cache.set("used", end(1));
  for (let other = 0; other < 10_000; other++) {
    cache.set(`other ${other}`, end(1));
    if (other % 20 === 0) expect(cache.get("used")?.lastSeq).toBe(1);
  }
  const kept = Array.from({ length: 10_000 }, (_, other) => cache.get(`other ${other}`)).filter((found) => found !== undefined);
  expect(kept.length).toBeLessThanOrEqual(100);
  expect(cache.get("never")).toBeUndefined();
});

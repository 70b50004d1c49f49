import { describe, expect, it } from "vitest";
import { runSeeds } from "./run-seeds.ts";
import type { PlantedFaults } from "./sim-world.ts";
import { simulate } from "./simulate.ts";

const SEEDS = 20_000;
const GENEROUS_MS = 600_000;

describe("simulation of the whole engine", () => {
  it(
    `[R109] [R113] [R119] keeps every promise of SPEC.md over ${SEEDS} seeds`,
    async () => {
      const report = await runSeeds({ from: 1, count: SEEDS });
      expect(report.failures.map(({ seed, violations }) => `npm run simulate -- --seed ${seed}: ${violations.join(" | ")}`)).toEqual([]);
      expect(report.seeds).toBe(SEEDS);
      expect(report.plans).toBeGreaterThan(SEEDS);
    },
    GENEROUS_MS,
  );

  it("[R113] gives the same trace for the same seed, and another for another", () => {
    const hashes = Array.from({ length: 25 }, (_, index) => simulate({ seed: 1000 + index }).traceHash);
    const again = Array.from({ length: 25 }, (_, index) => simulate({ seed: 1000 + index }).traceHash);
    expect(again).toEqual(hashes);
    expect(new Set(hashes).size).toBe(25);
  });

  const planted: readonly { readonly name: string; readonly fault: PlantedFaults; readonly within: number }[] = [
    { name: "a dropped fence", fault: { skipFence: true }, within: 400 },
    { name: "a reply before its commit", fault: { earlyAck: true }, within: 10 },
    { name: "a lost dependency", fault: { dropDependency: true }, within: 40 },
    { name: "a checkpoint that is not read back", fault: { loseCheckpoint: true }, within: 40 },
    { name: "an effect before its mark", fault: { effectWithoutMark: true }, within: 40 },
  ];
  it.each(planted)("finds $name within $within seeds", ({ fault, within }) => {
    let found: string | undefined;
    for (let seed = 1; seed <= within && found === undefined; seed++) [found] = simulate({ seed, planted: fault }).violations;
    expect(found).toBeDefined();
  });
});

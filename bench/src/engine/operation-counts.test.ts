import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countsPerItem, countsPerStep } from "./operation-counts.ts";

// What a step costs in operations. They do not depend on the machine; whoever raises a bound says in the commit what it buys.
describe("operations of the engine", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "kos-counts-"));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it("commits once for a step that follows another, and once more for a plan", async () => {
    const counts = await countsPerStep(mkdtempSync(join(folder, "step-")));
    expect(counts.commits).toBeLessThanOrEqual(1.1);
    expect(counts.events).toBeLessThanOrEqual(2.3);
    expect(counts.rows).toBeLessThanOrEqual(0.2);
    expect(counts.statements).toBeLessThanOrEqual(8.5);
    expect(counts.bytes / counts.events).toBeLessThanOrEqual(690);
    // A count of nothing would pass as well.
    expect(counts.events).toBeGreaterThan(1);
    expect(counts.statements).toBeGreaterThan(counts.events);
  });

  it("commits many items of a fan-out together", async () => {
    const counts = await countsPerItem(mkdtempSync(join(folder, "item-")), 1_000);
    expect(counts.commits).toBeLessThanOrEqual(0.01);
    expect(counts.events).toBeLessThanOrEqual(2.02);
    expect(counts.rows).toBeLessThanOrEqual(0.01);
    expect(counts.statements).toBeLessThanOrEqual(2.1);
    expect(counts.bytes).toBeLessThanOrEqual(1_400);
    expect(counts.events).toBeGreaterThan(1);
  });

  it("writes no more for an item of a large fan-out than for one of a small", async () => {
    const small = await countsPerItem(mkdtempSync(join(folder, "small-")), 250);
    const large = await countsPerItem(mkdtempSync(join(folder, "large-")), 2_000);
    expect(large.bytes).toBeLessThanOrEqual(1.05 * small.bytes);
    expect(large.rows).toBeLessThanOrEqual(small.rows);
    expect(large.events).toBeLessThanOrEqual(small.events);
  });
});

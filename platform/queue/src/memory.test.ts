import { describe, expect, it } from "vitest";
import { manualTimers } from "./manual-timers.fixture.ts";
import { memoryQueue } from "./memory.ts";
import { hint, testTaskQueueContract } from "./task-queue.contract.ts";

const NEVER = new AbortController().signal;

testTaskQueueContract("memory", (timers) => memoryQueue({ timers }));

describe("the queue in memory", () => {
  it("[Q1] loses what goes beyond its bound instead of growing", () => {
    const queue = memoryQueue({ timers: manualTimers(), maxHints: 2 });
    for (const key of ["a/1", "a/2", "a/3"]) queue.push(hint(key));
    expect(queue.size("work").ready).toBe(2);
  });

  it("[Q8] loses, repeats and reorders as its faults say, the same way for the same numbers", async () => {
    expect(await run({ lose: 1 })).toEqual([]);
    const repeated = await run({ repeat: 0.5 });
    expect(repeated.length).toBeGreaterThan(20);
    expect(new Set(repeated).size).toBe(20);
    const reordered = await run({ reorder: 0.5 });
    expect(reordered).not.toEqual(await run({}));
    expect([...reordered].sort()).toEqual([...(await run({}))].sort());
    expect(await run({ reorder: 0.5 })).toEqual(reordered);
  });
});

/** Pushes 20 hints of one group and takes all that come within a minute. */
async function run(faults: { readonly lose?: number; readonly repeat?: number; readonly reorder?: number }): Promise<readonly string[]> {
  const timers = manualTimers();
  let state = 7;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  await using queue = memoryQueue({ timers, faults: { random, ...faults } });
  for (let index = 0; index < 20; index++) queue.push(hint(`a/${index}`));
  timers.advance(60_000);
  const taken: string[] = [];
  while (queue.size("work").ready > 0 || queue.size("work").delayed > 0) {
    timers.advance(60_000);
    taken.push((await queue.take("work", NEVER)).key);
  }
  return taken;
}

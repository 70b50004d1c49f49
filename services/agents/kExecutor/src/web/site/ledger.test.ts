import { KosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { testContext } from "../../testing/test-context.fixture.ts";
import { createLedger, recordedBatches, restoredBatches } from "./ledger.ts";

const lines = (entries: readonly number[]) => entries.join(" ");

function heldContext() {
  const context = testContext();
  const gates: (() => void)[] = [];
  return {
    context: {
      ...context,
      async checkpoint(value: unknown) {
        const { promise, resolve } = Promise.withResolvers<void>();
        gates.push(resolve);
        await promise;
        await context.checkpoint(value);
      },
    },
    recorded: context.recorded,
    /** Lets the next checkpoint become durable. */
    async release() {
      while (gates.length === 0) await new Promise(setImmediate);
      gates.shift()?.();
      await new Promise(setImmediate);
    },
  };
}

describe("a ledger", () => {
  test("[WL1] writes at once when nothing is under way, and gathers what comes meanwhile", async () => {
    const { context, recorded, release } = heldContext();
    const ledger = createLedger<number>({ context, name: "numbers", write: lines, earlier: [], maxEntries: 100 });
    for (const number of [1, 2, 3, 4]) await ledger.add(number);
    await release();
    for (const number of [5, 6]) await ledger.add(number);
    await release();
    const closed = ledger.close();
    await release();
    await closed;
    const texts = await Promise.all(recordedBatches(recorded, "numbers").map(async (hash) => String(await context.artifacts.get(hash))));
    expect(texts).toEqual(["1", "2 3 4", "5 6"]);
    expect(ledger.batches).toEqual(recordedBatches(recorded, "numbers"));
  });

  test("never makes more batches than there may be checkpoints", async () => {
    const context = testContext();
    const ledger = createLedger<number>({ context, name: "numbers", write: lines, earlier: [], maxEntries: 80_000 });
    for (let number = 0; number < 1000; number += 1) await ledger.add(number);
    await ledger.close();
    expect(ledger.batches.length).toBeLessThanOrEqual(101);
  });

  test("tells the error of a batch to whoever adds or closes, and writes nothing after it", async () => {
    const context = { ...testContext(), checkpoint: () => Promise.reject(new KosError("STORAGE_FULL", "full")) };
    const ledger = createLedger<number>({ context, name: "numbers", write: lines, earlier: [], maxEntries: 10 });
    await ledger.add(1);
    await new Promise(setImmediate);
    await expect(ledger.add(2)).rejects.toMatchObject({ code: "STORAGE_FULL" });
    await expect(ledger.close()).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect(ledger.batches).toEqual([]);
  });

  test("is read back in order, up to the first batch that is gone; what is of others is passed over", async () => {
    const context = testContext();
    const put = (content: string) => context.artifacts.put({ name: "x", media_type: "text/plain", content });
    const [one, two] = [await put("1 2"), await put("3")];
    const checkpoints = [
      null,
      7,
      { other: one.hash },
      { numbers: one.hash },
      { numbers: two.hash },
      { numbers: `sha256:${"0".repeat(64)}` },
      { numbers: one.hash },
    ];
    const found: number[] = [];
    const read = (content: Uint8Array) => String(content).split(" ").map(Number);
    for await (const { entries } of restoredBatches({ artifacts: context.artifacts, checkpoints }, "numbers", read)) found.push(...entries);
    expect(found).toEqual([1, 2, 3]);
  });
});

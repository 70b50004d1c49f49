import { describe, expect, test } from "vitest";
import { openLogSigner } from "./log-signer.ts";
import { MemoryLog } from "./memory-log.ts";
import { event, SIGNER } from "./store.fixture.ts";

const signer = openLogSigner(SIGNER);

function commitOf(version: number, seq: number) {
  return { partition: 0, epoch: 1, expected_version: version, events: [event("p", seq)], rows: [] };
}

describe("log in memory", () => {
  test("commits at once what is appended at once", async () => {
    const log = new MemoryLog({ signer, randomBytes: (length) => new Uint8Array(length) });
    expect(log.claimNow(0)).toEqual({ epoch: 1, version: 0 });
    expect(log.appendNow(commitOf(0, 1))).toEqual({ outcome: "committed", version: 1 });
    expect(() => log.appendNow(commitOf(0, 1))).toThrow(/holds 1 events/);
    log.claimNow(0);
    expect(log.appendNow(commitOf(1, 2))).toEqual({ outcome: "fenced", epoch: 2 });
  });

  test("a crash drops what was not acknowledged; some of it may have been durable", async () => {
    for (const kept of [0, 1, 2]) {
      const scheduled: (() => void)[] = [];
      const log = new MemoryLog({
        signer,
        randomBytes: (length) => new Uint8Array(length),
        schedule: (commitPending) => scheduled.push(commitPending),
      });
      log.claimNow(0);
      const settled: number[] = [];
      for (let seq = 1; seq <= 3; seq++) void log.append(commitOf(seq - 1, seq)).then(() => settled.push(seq));
      log.crash(kept);
      for (const run of scheduled) run();
      await Promise.resolve();
      expect(settled).toEqual([]);
      expect(await log.readPartition({ partition: 0, from: 0, limit: 10 })).toHaveLength(kept);
    }
  });

  test("the same salts give the same bytes", async () => {
    const heads = await Promise.all(
      [1, 2].map(async () => {
        let count = 0;
        const log = new MemoryLog({ signer, randomBytes: (length) => new Uint8Array(length).fill(count++) });
        log.claimNow(0);
        for (let seq = 1; seq <= 5; seq++) log.appendNow(commitOf(seq - 1, seq));
        return log.head(0);
      }),
    );
    expect(heads[0]).toEqual(heads[1]);
  });
});

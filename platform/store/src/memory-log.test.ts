import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openLogSigner } from "./log-signer.ts";
import { MemoryLog } from "./memory-log.ts";
import { MemoryRows } from "./memory-rows.ts";
import { event, putTask, SIGNER } from "./store.fixture.ts";

const signer = openLogSigner(SIGNER);

function commitOf(version: number, seq: number) {
  return { partition: 0, epoch: 1, expected_version: version, events: [event("p", seq)], rows: [putTask("p", "a", `${seq}`)] };
}

function open(schedule?: (commitPending: () => void) => void) {
  const rows = new MemoryRows({ task: ["plan_id", "task_id"] });
  const log = new MemoryLog({ signer, randomBytes, rows, ...(schedule === undefined ? {} : { schedule }) });
  log.claimNow(0);
  return { log, rows };
}

describe("log in memory, as a simulation uses it", () => {
  test("commits at once what is appended at once", () => {
    const { log, rows } = open();
    expect(log.appendNow(commitOf(0, 1))).toEqual({ outcome: "committed", version: 1 });
    expect(log.eventsNow(0)).toMatchObject([{ plan_id: "p", plan_seq: 1, position: 0 }]);
    expect(log.streamNow(0, "p")).toHaveLength(1);
    expect(rows.rows("task")).toEqual([{ plan_id: "p", task_id: "a", state: "1" }]);
    expect(rows.row("task", { plan_id: "p", task_id: "b" })).toBeUndefined();
    expect(() => log.appendNow(commitOf(0, 1))).toThrow(/holds 1 events/);
    log.claimNow(0);
    expect(log.appendNow(commitOf(1, 2))).toEqual({ outcome: "fenced", epoch: 2 });
  });

  test("a crash drops what was not acknowledged; some of it may have been durable", async () => {
    for (const kept of [0, 1, 2]) {
      const scheduled: (() => void)[] = [];
      const { log, rows } = open((commitPending) => scheduled.push(commitPending));
      const settled: number[] = [];
      for (let seq = 1; seq <= 3; seq++) void log.append(commitOf(seq - 1, seq)).then(() => settled.push(seq));
      log.crash(kept);
      for (const run of scheduled) run();
      await Promise.resolve();
      expect(settled).toEqual([]);
      expect(log.eventsNow(0)).toHaveLength(kept);
      expect(rows.rows("task")).toHaveLength(kept === 0 ? 0 : 1);
    }
  });

  test("the same salts give the same bytes", async () => {
    const heads = await Promise.all(
      [1, 2].map(async () => {
        let count = 0;
        const log = new MemoryLog({ signer, randomBytes: (length) => new Uint8Array(length).fill(count++) });
        log.claimNow(0);
        for (let seq = 1; seq <= 5; seq++) log.appendNow({ ...commitOf(seq - 1, seq), rows: [] });
        return log.head(0);
      }),
    );
    expect(heads[0]).toEqual(heads[1]);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AppendChildOptions } from "./append-child.fixture.ts";
import { CRASH_MODES, DiskImage } from "./disk-image.fixture.ts";
import { findLosses } from "./reopened-store.fixture.ts";
import { childScript, type FileOperation, recordFileOperations, straceMissing } from "./strace.fixture.ts";

const missing = straceMissing();
const LOST = /acknowledged commit \d+ is gone/;
const CHILD = childScript("append-child.fixture.ts");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kos-power-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function record(options: Omit<AppendChildOptions, "path">): Promise<FileOperation[]> {
  const data = join(folder, "data");
  return recordFileOperations(CHILD, JSON.stringify({ ...options, path: join(data, "kos.db") }), data);
}

interface CutResult {
  readonly cuts: number;
  readonly problems: readonly string[];
}

/**
 * Cuts the power at that many moments spread over the run, each with other luck, and opens what the disk may hold then; or, to show that the suite
 * can fail, until it has found a problem.
 */
async function cutPower(operations: readonly FileOperation[], moments: number, until?: RegExp): Promise<CutResult> {
  const random = seeded(20_261_122);
  const disk = new DiskImage();
  const acknowledged: number[] = [];
  const problems: string[] = [];
  const start = operations.findIndex((operation) => operation.kind === "say" && operation.line === "ready");
  const step = Math.max(1, Math.floor((operations.length - start) / moments));
  let cuts = 0;
  for (const [index, operation] of operations.entries()) {
    disk.apply(operation);
    const number = operation.kind === "say" ? /^ack (\d+)$/.exec(operation.line)?.[1] : undefined;
    if (number !== undefined) acknowledged.push(Number(number));
    if (index < start || (index - start) % step !== 0) continue;
    for (const mode of CRASH_MODES) {
      const target = join(folder, "found");
      disk.writeTo(target, mode, random);
      for (const problem of await findLosses(join(target, "kos.db"), acknowledged))
        problems.push(`${mode} after operation ${index}: ${problem}`);
      rmSync(target, { recursive: true });
      cuts++;
      if (until !== undefined && problems.some((problem) => until.test(problem))) return { cuts, problems };
    }
  }
  return { cuts, problems };
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe.skipIf(missing !== undefined)(`power cut${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  test("[R110] whatever of the unsynced writes survives, every acknowledged commit does, whole and verified", async () => {
    const operations = await record({ commits: 60, concurrency: 1, threaded: true });
    expect(operations.filter((operation) => operation.kind === "sync").length).toBeGreaterThan(60);
    const { cuts, problems } = await cutPower(operations, 40);
    expect(cuts).toBeGreaterThan(120);
    expect(problems).toEqual([]);
  });

  test("[R110] the same with many commits in one transaction", async () => {
    const operations = await record({ commits: 150, concurrency: 20, threaded: true });
    const { cuts, problems } = await cutPower(operations, 40);
    expect(cuts).toBeGreaterThan(120);
    expect(problems).toEqual([]);
  });

  test("[L1] an answer is given only after the sync that covers it", async () => {
    const operations = await record({ commits: 40, concurrency: 1 });
    const disk = new DiskImage();
    let answers = 0;
    let syncsSinceAnswer = 0;
    for (const operation of operations) {
      disk.apply(operation);
      if (operation.kind === "sync" && operation.path.endsWith("-wal")) syncsSinceAnswer++;
      if (operation.kind !== "say" || !operation.line.startsWith("ack")) continue;
      answers++;
      expect(syncsSinceAnswer).toBeGreaterThan(0);
      expect(disk.hasUnsynced(join(folder, "data", "kos.db-wal"))).toBe(false);
      syncsSinceAnswer = 0;
    }
    expect(answers).toBe(40);
  });

  test("[R110] the suite notices a store that does not sync", async () => {
    const operations = await record({ commits: 30, concurrency: 1, plant: "synchronous-off" });
    const { problems } = await cutPower(operations, 200, LOST);
    expect(problems.join()).toMatch(LOST);
  });

  test("[R110] the suite notices a store that answers before it commits", async () => {
    const operations = await record({ commits: 30, concurrency: 1, plant: "early-reply" });
    const { problems } = await cutPower(operations, 200, LOST);
    expect(problems.join()).toMatch(LOST);
  });
});

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findLosses } from "./reopened-store.fixture.ts";
import { childScript, type Run, runInjected, runKilled, runPlain, straceMissing } from "./strace.fixture.ts";

const missing = straceMissing();
const MOUNT = "mount";
const UNMOUNT = "umount";
const CHILD = childScript("append-child.fixture.ts");

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kos-failure-"));
  path = join(folder, "kos.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

function argument(commits: number, threaded = true): string {
  return JSON.stringify({ path, commits, concurrency: 4, threaded, keepTrying: true });
}

function acknowledgedBy(run: Run): number[] {
  return run.lines.flatMap((line) => /^ack (\d+)$/.exec(line)?.slice(1).map(Number) ?? []);
}

/** What every failed disk must look like from outside. */
async function expectStopped(run: Run, code: string): Promise<void> {
  const first = run.lines.findIndex((line) => line.startsWith("refused"));
  expect(first, run.errors).toBeGreaterThan(0);
  const after = run.lines.slice(first);
  expect(after.filter((line) => line.startsWith("ack"))).toEqual([]);
  expect(new Set(after.filter((line) => line.startsWith("refused")).map((line) => line.split(" ")[2]))).toEqual(new Set([code]));
  expect(run.lines.at(-1), `code ${run.code}, signal ${run.signal}: ${run.errors}`).toBe("done");
  // Reads go on, and show at least everything acknowledged.
  expect(Number(run.lines.find((line) => line.startsWith("read "))?.split(" ")[1])).toBeGreaterThanOrEqual(acknowledgedBy(run).length);
  expect(await findLosses(path, acknowledgedBy(run))).toEqual([]);
}

describe.skipIf(missing !== undefined)(`a disk that fails${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  for (const threaded of [true, false]) {
    test(`[R111] [R66] a sync that fails: nothing more is acknowledged, reads go on, a restart is clean (${threaded ? "thread" : "inline"})`, async () => {
      await expectStopped(await runInjected(CHILD, argument(60, threaded), "fsync:error=EIO:when=12+", `${path}-wal`), "UNAVAILABLE");
    });
  }

  test("[R111] one failed sync is enough, even when the next would succeed", async () => {
    await expectStopped(await runInjected(CHILD, argument(60), "fsync:error=EIO:when=12", `${path}-wal`), "UNAVAILABLE");
  });

  test("[R111] [R66] a full disk while the log is written", async () => {
    // The migrations take about the first fifty writes.
    await expectStopped(await runInjected(CHILD, argument(60), "pwrite64:error=ENOSPC:when=80+", `${path}-wal`), "STORAGE_FULL");
  });

  test("[R111] a write error while the log is moved into the file", async () => {
    const run = await runInjected(CHILD, argument(100), "pwrite64:error=EIO:when=20+", path);
    expect(await findLosses(path, acknowledgedBy(run))).toEqual([]);
    expect(acknowledgedBy(run).length).toBeGreaterThan(0);
  });

  test("[R111] a sync that fails while the log is moved into the file", async () => {
    const run = await runInjected(CHILD, argument(100), "fsync:error=EIO:when=6+", path);
    expect(await findLosses(path, acknowledgedBy(run))).toEqual([]);
    expect(acknowledgedBy(run).length).toBeGreaterThan(0);
  });

  test("[R109] killed at any write or sync: acknowledged commits are there, and the store goes on where it was", async () => {
    const acknowledged: number[] = [];
    for (const [call, places] of Object.entries({ pwrite64: [17, 61], fsync: [4, 11] })) {
      for (const at of places) {
        const run = await runInjected(CHILD, argument(60), `${call}:signal=SIGKILL:when=${at}`, `${path}-wal`);
        expect(run.signal, `${call} ${at}: ${run.errors}`).toBe("SIGKILL");
        acknowledged.push(...acknowledgedBy(run));
        expect(await lossesInCopy(acknowledged), `${call} ${at}`).toEqual([]);
      }
    }
  });
});

test("[R109] killed between any two answers: acknowledged commits are there, and the store goes on where it was", async () => {
  const acknowledged: number[] = [];
  for (const answers of [1, 7, 20, 33]) {
    const run = await runKilled(CHILD, argument(10_000), answers);
    expect(run.signal).toBe("SIGKILL");
    acknowledged.push(...acknowledgedBy(run));
    expect(await lossesInCopy(acknowledged), `after ${answers} answers`).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(61);
});

/** The next child goes on with the store as the crash left it; only a copy is looked at. */
function lossesInCopy(acknowledged: readonly number[]): Promise<string[]> {
  const copy = mkdtempSync(join(folder, "copy-"));
  for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, join(copy, `kos.db${suffix}`));
  return findLosses(join(copy, "kos.db"), acknowledged);
}

const tmpfs = mountRefused();

describe.skipIf(tmpfs !== undefined)(`a disk that is full${tmpfs === undefined ? "" : ` (skipped: ${tmpfs})`}`, () => {
  test("[R111] [R66] a real full disk: STORAGE_FULL, nothing more acknowledged, and clean once there is room", async () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    expect(spawnSync(MOUNT, ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status).toBe(0);
    try {
      writeFileSync(join(disk, "ballast"), new Uint8Array(400_000));
      path = join(disk, "kos.db");
      const run = await runPlain(CHILD, argument(2000));
      rmSync(join(disk, "ballast"));
      await expectStopped(run, "STORAGE_FULL");
    } finally {
      spawnSync(UNMOUNT, [disk]);
    }
  });
});

function mountRefused(): string | undefined {
  if (process.platform !== "linux") return "needs a tmpfs";
  const probe = mkdtempSync(join(tmpdir(), "kos-mount-"));
  try {
    if (spawnSync(MOUNT, ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe]).status !== 0)
      return "mounting a small disk is not permitted here";
    spawnSync(UNMOUNT, [probe]);
    return undefined;
  } finally {
    rmSync(probe, { recursive: true });
  }
}

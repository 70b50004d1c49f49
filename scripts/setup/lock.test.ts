import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeLock } from "./lock.mjs";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "kos-lock-"));
  file = path.join(folder, "inner", "setup.lock");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

/** The first process that the lock names. */
function holder(): unknown {
  return JSON.parse(readFileSync(file, "utf8")).holders[0].pid;
}

async function leave(holders: readonly object[]): Promise<void> {
  (await takeLock(file)).release();
  writeFileSync(file, JSON.stringify({ holders }));
}

test("a released lock can be taken again, and leaves no file behind", async () => {
  const first = await takeLock(file);
  expect(holder()).toBe(process.pid);
  first.release();
  expect(existsSync(file)).toBe(false);
  (await takeLock(file)).release();
});

test("a second taker waits, says for whom, and comes in after the release", async () => {
  const first = await takeLock(file);
  const waitedFor: number[] = [];
  let released = false;
  const second = takeLock(file, { onWait: (pid) => waitedFor.push(pid), pollMs: 5 }).then((lock) => {
    expect(released).toBe(true);
    return lock;
  });
  while (waitedFor.length === 0) await new Promise((resolve) => setImmediate(resolve));
  released = true;
  first.release();
  (await second).release();
  expect(waitedFor).toEqual([process.pid]);
});

test("a lock left by a process that has ended is taken over", async () => {
  await leave([{ pid: endedPid(), started: "" }]);
  const lock = await takeLock(file, { pollMs: 5 });
  expect(holder()).toBe(process.pid);
  lock.release();
});

test.runIf(process.platform === "linux")("a lock whose process number now belongs to another process is taken over", async () => {
  await leave([{ pid: process.pid, started: "1" }]);
  const lock = await takeLock(file, { pollMs: 5 });
  expect(holder()).toBe(process.pid);
  lock.release();
});

test("a lock that cannot be read is taken over", async () => {
  (await takeLock(file)).release();
  writeFileSync(file, '{"holders": [');
  const lock = await takeLock(file, { pollMs: 5 });
  expect(holder()).toBe(process.pid);
  lock.release();
});

test("a lock is held for as long as the child at work lives, its own process gone or not", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  await leave([
    { pid: endedPid(), started: "" },
    { pid: child.pid, started: "" },
  ]);
  const exit = once(child, "exit");
  let waited = false;
  const lock = await takeLock(file, {
    pollMs: 5,
    onWait: (pid) => {
      waited = true;
      expect(pid).toBe(child.pid);
      child.stdin?.end();
    },
  });
  expect({ waited, running: runs(child.pid ?? 0) }).toEqual({ waited: true, running: false });
  lock.release();
  await exit;
});

/** Not a process that has ended and of which we were not told yet. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    return process.platform !== "linux" && (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

test("many takers at a stale lock come in one at a time", async () => {
  await leave([{ pid: endedPid(), started: "" }]);
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const lock = await takeLock(file, { pollMs: 1 });
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      lock.release();
    }),
  );
  expect(most).toBe(1);
});

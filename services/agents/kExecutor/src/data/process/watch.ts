// The watch: a thread that ends its process when a statement runs too long or the process grows too large. The other thread cannot be asked, because
// SQLite and the parsers do not come back until they are done.

import { readFileSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { EndReason, WatchLimits } from "../data-order.ts";

export interface Watch {
  /** From now on; 0 for no limit. */
  limitSeconds(seconds: number): void;
  stop(): Promise<void>;
}

export interface WatchOrder extends WatchLimits {
  readonly shared: SharedArrayBuffer;
  readonly parent: number;
}

const TICK_MS = 50;
const TICKS_PER_SECOND = 1000 / TICK_MS;

/** `entry` is the program itself: as a thread it calls `keepWatch`. */
export function startWatch(entry: URL, limits: WatchLimits): Watch {
  const shared = new SharedArrayBuffer(8);
  const [ticksLeft, stopped] = [new Int32Array(shared, 0, 1), new Int32Array(shared, 4, 1)];
  const order: WatchOrder = { shared, parent: process.ppid, ...limits };
  const thread = new Worker(entry, { workerData: order });
  thread.unref();
  return {
    limitSeconds: (seconds) => void Atomics.store(ticksLeft, 0, Math.ceil(seconds * TICKS_PER_SECOND)),
    async stop() {
      Atomics.store(stopped, 0, 1);
      Atomics.notify(stopped, 0);
      await thread.terminate();
    },
  };
}

/** Runs in the thread until the process ends. */
export function keepWatch({ shared, parent, memoryBytes, diskBytes }: WatchOrder): void {
  const [ticksLeft, stopped] = [new Int32Array(shared, 0, 1), new Int32Array(shared, 4, 1)];
  while (Atomics.wait(stopped, 0, 0, TICK_MS) === "timed-out") {
    if (Atomics.load(ticksLeft, 0) > 0 && Atomics.sub(ticksLeft, 0, 1) === 1) end("time");
    if (process.memoryUsage.rss() > memoryBytes) end("memory");
    if (writtenBytes() > diskBytes) end("disk");
    if (process.ppid !== parent) end("orphaned");
  }
}

function end(reason: EndReason): void {
  try {
    writeSync(1, reason);
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}

/** Where there is no /proc only time and memory are watched. */
function writtenBytes(): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

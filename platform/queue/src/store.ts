// The queue behind which the store stands: hints in memory, and a sweep that derives them again, so that none is lost for long.

import { memoryQueue } from "./memory.ts";
import type { QueueTimers, TaskHint, TaskQueue } from "./task-queue.ts";

export interface StoreQueueOptions {
  readonly timers: QueueTimers;
  /** Every task that the store holds as ready, or as due later. Read anew at each sweep. */
  readonly source: () => AsyncIterable<TaskHint>;
  /** Pause between the end of a sweep and the next; default 30 seconds. */
  readonly sweepEveryMs?: number;
  /** Gets what the source threw; the next sweep tries again. Must not throw. */
  readonly onError: (error: unknown) => void;
  readonly maxHints?: number;
}

export interface StoreQueue extends TaskQueue {
  /** Reads the store after this call: at once, or in one more sweep when one is under way. Resolves with the number of hints it gave. */
  sweep(): Promise<number>;
}

const DEFAULT_SWEEP_MS = 30_000;

/** Begins with a sweep, which is how work of an earlier process comes back. */
export function storeQueue(options: StoreQueueOptions): StoreQueue {
  const { timers, source, onError } = options;
  const hints = memoryQueue({ timers, ...(options.maxHints !== undefined && { maxHints: options.maxHints }) });
  let isDisposed = false;
  let running: Promise<number> | undefined;
  let following: Promise<number> | undefined;
  let cancelNext: () => void = () => undefined;

  async function sweepOnce(): Promise<number> {
    let found = 0;
    try {
      for await (const hint of source()) {
        if (isDisposed) break;
        hints.push(hint);
        found++;
      }
    } catch (error) {
      onError(error);
    }
    return found;
  }

  function start(): Promise<number> {
    cancelNext();
    running = sweepOnce().finally(() => {
      running = undefined;
      if (!isDisposed) cancelNext = timers.after(options.sweepEveryMs ?? DEFAULT_SWEEP_MS, () => void sweep());
    });
    return running;
  }

  function sweep(): Promise<number> {
    if (isDisposed) return Promise.resolve(0);
    if (running === undefined) return start();
    following ??= running.then(() => {
      following = undefined;
      return isDisposed ? 0 : start();
    });
    return following;
  }

  void sweep();
  return {
    push: (hint) => hints.push(hint),
    take: (queue, signal) => hints.take(queue, signal),
    size: (queue) => hints.size(queue),
    sweep,
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      cancelNext();
      await (following ?? running);
      await hints[Symbol.asyncDispose]();
    },
  };
}

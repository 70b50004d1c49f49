// The engine's hints over the queue port.

import type { Clock, HintQueue } from "@kos/kcore";
import { memoryQueue } from "@kos/queue";

const QUEUE = "kCore";

/** Hints in memory: with one engine the engine's own sweep of the store makes up for lost ones. */
export function engineQueue(clock: Clock): HintQueue & AsyncDisposable {
  const hints = memoryQueue({ timers: clock });
  const stop = new AbortController();
  return {
    push: ({ partition, plan_id }) => hints.push({ queue: QUEUE, key: `${partition}/${plan_id}`, group: plan_id }),
    subscribe(listener) {
      const ended = new AbortController();
      const signal = AbortSignal.any([ended.signal, stop.signal]);
      void deliver(listener, signal);
      return () => ended.abort();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await hints[Symbol.asyncDispose]();
    },
  };

  async function deliver(listener: Parameters<HintQueue["subscribe"]>[0], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { key } = await hints.take(QUEUE, signal);
        const at = key.indexOf("/");
        listener({ partition: Number(key.slice(0, at)), plan_id: key.slice(at + 1) });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}

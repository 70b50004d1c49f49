// Time that a test turns by hand.

import type { QueueTimers } from "./task-queue.ts";

export interface ManualTimers extends QueueTimers {
  /** Moves on, calling back what becomes due, in order. */
  advance(byMs: number): void;
  /** Callbacks still waiting. */
  readonly waiting: number;
}

export function manualTimers(startMs = 1_000_000): ManualTimers {
  let nowMs = startMs;
  let pending: { readonly dueMs: number; readonly callback: () => void }[] = [];
  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const entry = { dueMs: nowMs + delayMs, callback };
      pending.push(entry);
      return () => {
        pending = pending.filter((other) => other !== entry);
      };
    },
    advance(byMs) {
      const endMs = nowMs + byMs;
      for (;;) {
        const next = pending.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined) break;
        pending = pending.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.callback();
      }
      nowMs = endMs;
    },
    get waiting() {
      return pending.length;
    },
  };
}

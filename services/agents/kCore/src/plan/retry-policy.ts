// How often and when a task is tried again: the task's own wish, then the capability's, then the house rule.

import type { DecideEnv } from "./decide-env.ts";
import type { TaskState } from "./plan-state.ts";

export interface RetryPolicy {
  readonly maxAttempts: number;
  /** Exponential backoff with full jitter: uniform between 0 and the doubled bound. `chance` in [0, 1). */
  delayMs(failures: number, chance: number): number;
}

const HOUSE = { max_attempts: 3, backoff_ms: 500, max_backoff_ms: 30_000 };
/** Engine restarts a task outlives without an answer; past it, the task itself is suspected. */
export const MAX_INTERRUPTIONS = 50;

export function retryPolicy(task: TaskState, capability: string, env: DecideEnv): RetryPolicy {
  const own = task.shape.task.retry;
  const offered = env.offer(capability)?.description.retry ?? HOUSE;
  const backoffMs = own?.backoff_ms ?? offered.backoff_ms;
  const maxBackoffMs = own?.max_backoff_ms ?? offered.max_backoff_ms;
  return {
    maxAttempts: own?.max_attempts ?? offered.max_attempts,
    delayMs: (failures, chance) => Math.floor(Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(failures, 30)) * chance),
  };
}

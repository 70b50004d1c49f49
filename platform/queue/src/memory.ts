// The queue in memory: hints live as long as the process. With faults it is the queue of tests that must bear loss, repetition and disorder.

import { KosError } from "@kos/klp";
import { HintBuffer } from "./hint-buffer.ts";
import type { QueueTimers, TaskHint, TaskQueue } from "./task-queue.ts";

/** Each a chance from 0 to 1, decided by `random`, which gives numbers from 0 up to 1. */
interface QueueFaults {
  readonly random: () => number;
  /** The hint vanishes. */
  readonly lose?: number;
  /** The hint is handed out and waits again. */
  readonly repeat?: number;
  /** The hint is held back by up to `reorderMs`. */
  readonly reorder?: number;
  readonly reorderMs?: number;
}

export interface MemoryQueueOptions {
  readonly timers: QueueTimers;
  /** Hints in one queue; beyond it new ones are lost, to come back by a sweep. Default 100,000. */
  readonly maxHints?: number;
  readonly faults?: QueueFaults;
}

const DEFAULT_MAX_HINTS = 100_000;
const DEFAULT_REORDER_MS = 1000;
/** Longest delay timers take; a longer wait is renewed. */
const MAX_DELAY_MS = 2_147_483_647;

export function memoryQueue(options: MemoryQueueOptions): TaskQueue {
  const lanes = new Map<string, Lane>();
  let isDisposed = false;

  function lane(queue: string): Lane {
    const known = lanes.get(queue);
    if (known !== undefined) return known;
    const created = new Lane(options);
    lanes.set(queue, created);
    return created;
  }

  return {
    push(hint) {
      if (!isDisposed) lane(hint.queue).push(hint);
    },
    async take(queue, signal) {
      if (isDisposed) throw disposed();
      return lane(queue).take(signal);
    },
    size(queue) {
      return lanes.get(queue)?.size ?? { ready: 0, delayed: 0 };
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      for (const each of lanes.values()) each.dispose();
      lanes.clear();
    },
  };
}

interface Taker {
  readonly give: (hint: TaskHint) => void;
  readonly fail: (error: KosError) => void;
}

/** One queue: its hints, those who wait for one, and the timer for the next that is due. */
class Lane {
  readonly #buffer = new HintBuffer();
  readonly #takers = new Set<Taker>();
  readonly #timers: QueueTimers;
  readonly #maxHints: number;
  readonly #faults: QueueFaults | undefined;
  #alarm: { readonly dueMs: number; readonly cancel: () => void } | undefined;

  constructor(options: MemoryQueueOptions) {
    this.#timers = options.timers;
    this.#maxHints = options.maxHints ?? DEFAULT_MAX_HINTS;
    this.#faults = options.faults;
  }

  get size() {
    return this.#buffer.size;
  }

  push(hint: TaskHint): void {
    const { ready, delayed } = this.#buffer.size;
    if (ready + delayed >= this.#maxHints || this.#chance(this.#faults?.lose)) return;
    this.#buffer.add(this.#chance(this.#faults?.reorder) ? this.#heldBack(hint) : hint, this.#timers.now());
    this.#serve();
  }

  take(signal: AbortSignal): Promise<TaskHint> {
    const { promise, resolve, reject } = Promise.withResolvers<TaskHint>();
    if (signal.aborted) {
      reject(cancelled(signal));
      return promise;
    }
    const stop = () => taker.fail(cancelled(signal));
    const leave = () => {
      this.#takers.delete(taker);
      signal.removeEventListener("abort", stop);
    };
    const taker: Taker = {
      give: (hint) => {
        leave();
        resolve(hint);
      },
      fail: (error) => {
        leave();
        reject(error);
      },
    };
    signal.addEventListener("abort", stop);
    this.#takers.add(taker);
    this.#serve();
    return promise;
  }

  dispose(): void {
    this.#alarm?.cancel();
    for (const taker of [...this.#takers]) taker.fail(disposed());
  }

  #serve(): void {
    this.#buffer.advance(this.#timers.now());
    const repeated: TaskHint[] = [];
    for (const taker of [...this.#takers]) {
      const hint = this.#buffer.take();
      if (hint === undefined) break;
      if (this.#chance(this.#faults?.repeat)) repeated.push(hint);
      taker.give(hint);
    }
    for (const hint of repeated) this.#buffer.add(hint, this.#timers.now());
    this.#setAlarm();
  }

  #setAlarm(): void {
    const dueMs = this.#buffer.nextDueMs;
    if (dueMs === this.#alarm?.dueMs) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (dueMs === undefined) return;
    const delayMs = Math.min(MAX_DELAY_MS, Math.max(0, dueMs - this.#timers.now()));
    const cancel = this.#timers.after(delayMs, () => {
      this.#alarm = undefined;
      this.#serve();
    });
    this.#alarm = { dueMs, cancel };
  }

  #heldBack(hint: TaskHint): TaskHint {
    const delayMs = Math.ceil((this.#faults?.random() ?? 0) * (this.#faults?.reorderMs ?? DEFAULT_REORDER_MS));
    return { ...hint, not_before_ms: Math.max(hint.not_before_ms ?? 0, this.#timers.now() + delayMs) };
  }

  #chance(probability: number | undefined): boolean {
    return probability !== undefined && probability > 0 && (this.#faults?.random() ?? 1) < probability;
  }
}

function cancelled(signal: AbortSignal): KosError {
  return new KosError("CANCELLED", "Waiting for a task was cancelled.", { cause: signal.reason });
}

function disposed(): KosError {
  return new KosError("UNAVAILABLE", "The queue has been shut down.");
}

// Hints of one queue in memory: deduplicated by key, groups in turn, delayed ones until they are due. It knows no timers and nobody who waits.

import type { QueueSize, TaskHint } from "./task-queue.ts";

interface Delayed {
  readonly hint: TaskHint;
  readonly dueMs: number;
}

export class HintBuffer {
  /** Ready hints by group. The first group is the next to be served; a served group goes to the end. */
  readonly #ready = new Map<string, TaskHint[]>();
  readonly #readyKeys = new Set<string>();
  /** Sorted by due time, latest first, so that the next one is popped off the end. */
  readonly #delayed: Delayed[] = [];
  readonly #dueByKey = new Map<string, number>();

  get size(): QueueSize {
    return { ready: this.#readyKeys.size, delayed: this.#dueByKey.size };
  }

  /** When the next delayed hint is due; undefined when none waits. */
  get nextDueMs(): number | undefined {
    return this.#delayed.at(-1)?.dueMs;
  }

  add(hint: TaskHint, nowMs: number): void {
    if (this.#readyKeys.has(hint.key)) return;
    const dueMs = hint.not_before_ms ?? nowMs;
    const waitingMs = this.#dueByKey.get(hint.key);
    if (waitingMs !== undefined) {
      if (waitingMs <= dueMs) return;
      this.#removeDelayed(hint.key, waitingMs);
    }
    if (dueMs <= nowMs) this.#addReady(hint);
    else this.#addDelayed({ hint, dueMs });
  }

  /** Makes due hints ready. */
  advance(nowMs: number): void {
    for (let next = this.#delayed.at(-1); next !== undefined && next.dueMs <= nowMs; next = this.#delayed.at(-1)) {
      this.#delayed.pop();
      this.#dueByKey.delete(next.hint.key);
      this.#addReady(next.hint);
    }
  }

  take(): TaskHint | undefined {
    const [turn] = this.#ready;
    if (turn === undefined) return undefined;
    const [group, hints] = turn;
    const hint = hints.shift();
    this.#ready.delete(group);
    if (hints.length > 0) this.#ready.set(group, hints);
    if (hint !== undefined) this.#readyKeys.delete(hint.key);
    return hint;
  }

  #addReady(hint: TaskHint): void {
    const hints = this.#ready.get(hint.group);
    if (hints === undefined) this.#ready.set(hint.group, [hint]);
    else hints.push(hint);
    this.#readyKeys.add(hint.key);
  }

  #addDelayed(delayed: Delayed): void {
    this.#delayed.splice(this.#placeOf(delayed.dueMs), 0, delayed);
    this.#dueByKey.set(delayed.hint.key, delayed.dueMs);
  }

  #removeDelayed(key: string, dueMs: number): void {
    const from = this.#placeOf(dueMs);
    const index = this.#delayed.findIndex(({ hint }, at) => at >= from && hint.key === key);
    if (index >= 0) this.#delayed.splice(index, 1);
    this.#dueByKey.delete(key);
  }

  /** The first index whose hint is due at that time or earlier: those added later at the same time stand before, and come out after. */
  #placeOf(dueMs: number): number {
    let low = 0;
    let high = this.#delayed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#delayed[middle]?.dueMs ?? 0) > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

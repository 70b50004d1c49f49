// Simulated time: steady time drives the schedule, the wall clock is steady time plus an offset that can jump.

import { type Timed, TimerHeap } from "../partition/timer-heap.ts";

interface Scheduled extends Timed {
  readonly order: number;
  readonly run: () => void;
}

const EPOCH_MS = 1_800_000_000_000;

export class SimClock {
  #steadyMs = 0;
  #offsetMs = EPOCH_MS;
  #order = 0;
  readonly #heap = new TimerHeap<Scheduled>();

  get steadyMs(): number {
    return this.#steadyMs;
  }

  /** What a clock on the wall shows. */
  get wallMs(): number {
    return this.#steadyMs + this.#offsetMs;
  }

  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  /** Runs after `ms` of steady time; those of one instant in the order they were asked for. Returns the way to stop it. */
  after(ms: number, run: () => void): () => void {
    // Fractions keep the order within an instant without comparing twice.
    this.#order++;
    const entry: Scheduled = { atMs: 0, heapIndex: -1, order: this.#order, run };
    this.#heap.set(entry, Math.max(0, Math.round(ms)) + this.#steadyMs + this.#order * 1e-9);
    return () => this.#heap.remove(entry);
  }

  /** Runs the next thing; false when there is none before `untilMs`. */
  step(untilMs: number): boolean {
    const { first } = this.#heap;
    if (first === undefined || first.atMs > untilMs) return false;
    this.#heap.remove(first);
    this.#steadyMs = Math.max(this.#steadyMs, Math.floor(first.atMs));
    first.run();
    return true;
  }
}

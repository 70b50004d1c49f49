// The way to the writer, in this thread or in its own: one message per group of requests, one answer.

import type { SqliteWriter } from "./sqlite-writer.ts";
import type { WriteItem, WriteResult } from "./write-item.ts";

/** Runs `task` once, later, unless cancelled. */
export type After = (delayMs: number, task: () => void) => () => void;

export interface WriterPort {
  /** Groups are run in the order of the calls. Rejects only when the writer is gone. */
  run(items: readonly WriteItem[]): Promise<readonly WriteResult[]>;
  /** Waits for what was given before, then closes. */
  close(): Promise<void>;
}

/** Calls `writer.idle` when nothing was written for one to two periods. One timer at most, however many groups there are; without a timer never. */
export class IdleWatch {
  readonly #writer: SqliteWriter;
  readonly #after: After | undefined;
  readonly #periodMs: number;
  #cancel: (() => void) | undefined;
  #busy = false;

  constructor(writer: SqliteWriter, after: After | undefined, periodMs: number) {
    this.#writer = writer;
    this.#after = after;
    this.#periodMs = periodMs;
  }

  noteWork(): void {
    this.#busy = true;
    if (this.#cancel === undefined) this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    this.#busy = false;
    this.#cancel = this.#after?.(this.#periodMs, () => {
      this.#cancel = undefined;
      if (this.#busy) this.#arm();
      else this.#writer.idle();
    });
  }
}

/** The writer in the calling thread: for tests, and where a thread is not wanted. Each group blocks while it is synced. */
export function inlineWriterPort(writer: SqliteWriter, idle: IdleWatch): WriterPort {
  return {
    async run(items) {
      const results = writer.run(items);
      writer.afterResults();
      idle.noteWork();
      return results;
    },
    async close() {
      idle.stop();
      writer.close();
    },
  };
}

// Keeps log records in SQLite, in batches, and answers questions about them. A failing disk costs records, never the caller.

import { KosError } from "@kos/klp";
import { LogFolder } from "./log-folder.ts";
import { fitsLogQuery, resolveLogQuery } from "./log-query.ts";
import { type LogRecord, levelRank } from "./log-record.ts";
import type { KeptRecord, LogQuery, LogStore } from "./log-store.ts";

export interface SqliteLogSinkOptions {
  /** Folder for `logs.db` and the closed files; made with 0700. */
  readonly dir: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back once after that many milliseconds, unless the function it returns is called before. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
  /** Gets why records were dropped. Must not throw. */
  readonly onError: (error: unknown) => void;
  readonly maxFileBytes?: number;
  readonly maxFiles?: number;
  readonly maxAgeMs?: number;
}

const MAX_FILE_BYTES = 67_108_864;
const MAX_FILES = 8;
const MAX_AGE_MS = 14 * 86_400_000;
const BATCH = 256;
const BATCH_MS = 100;
/** Records that may wait for a disk or for a reader; beyond it the oldest go. */
const MAX_WAITING = 10_000;
/** Written at once: what comes right before a crash is what one looks for. */
const URGENT = levelRank("error");

/** Opens the folder. Errors: STORE_NEWER, UNAVAILABLE. */
export function sqliteLogSink(options: SqliteLogSinkOptions): LogStore {
  const folder = openFolder(options);
  const waiting: LogRecord[] = [];
  const followers = new Set<Follower>();
  let cancelTimer: (() => void) | undefined;
  let dropped = 0;
  let isDisposed = false;

  function writeOut(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    if (waiting.length === 0) return;
    const batch = waiting.splice(0);
    try {
      for (const kept of folder.add(batch)) for (const follower of followers) follower.offer(kept);
    } catch (error) {
      dropped += batch.length;
      options.onError(error);
    }
  }

  function read(query: LogQuery): readonly KeptRecord[] {
    const resolved = resolveLogQuery(query);
    if (isDisposed) throw new KosError("UNAVAILABLE", "The log has been closed.");
    writeOut();
    try {
      return folder.read(resolved);
    } catch (cause) {
      throw new KosError("UNAVAILABLE", "The log files cannot be read. Check the data folder and its disk.", { cause });
    }
  }

  return {
    get dropped() {
      return dropped;
    },
    write(record) {
      if (isDisposed) {
        dropped++;
        return;
      }
      waiting.push(record);
      if (waiting.length > MAX_WAITING) {
        waiting.shift();
        dropped++;
      }
      if (waiting.length >= BATCH || levelRank(record.level) >= URGENT) writeOut();
      else cancelTimer ??= options.after(BATCH_MS, writeOut);
    },
    async flush() {
      writeOut();
    },
    async query(query) {
      return read(query);
    },
    async *follow(query, signal) {
      const follower = new Follower(query, signal);
      // Listening begins before reading; what is seen both ways is told by its number.
      followers.add(follower);
      try {
        let page = read(query);
        let last = page.at(-1)?.seq ?? query.after ?? 0;
        yield* page;
        while (query.after !== undefined && page.length > 0 && !signal.aborted) {
          page = read({ ...query, after: last });
          last = page.at(-1)?.seq ?? last;
          yield* page;
        }
        yield* follower.records(last);
      } finally {
        followers.delete(follower);
      }
    },
    async [Symbol.asyncDispose]() {
      if (isDisposed) return;
      writeOut();
      isDisposed = true;
      for (const follower of followers) follower.end();
      folder[Symbol.dispose]();
    },
  };
}

function openFolder(options: SqliteLogSinkOptions): LogFolder {
  try {
    return new LogFolder({
      dir: options.dir,
      now: options.now,
      maxFileBytes: options.maxFileBytes ?? MAX_FILE_BYTES,
      maxFiles: options.maxFiles ?? MAX_FILES,
      maxAgeMs: options.maxAgeMs ?? MAX_AGE_MS,
    });
  } catch (cause) {
    if (cause instanceof KosError) throw cause;
    throw new KosError(
      "UNAVAILABLE",
      `The log in ${options.dir} cannot be opened. Check that this user may write there and that the disk has room.`,
      { cause },
    );
  }
}

/** Somebody who reads along. */
class Follower {
  readonly #query: ReturnType<typeof resolveLogQuery>;
  readonly #signal: AbortSignal;
  readonly #waiting: KeptRecord[] = [];
  #wake: () => void = () => undefined;
  #isEnded = false;

  constructor(query: LogQuery, signal: AbortSignal) {
    this.#query = resolveLogQuery(query);
    this.#signal = signal;
  }

  offer(record: KeptRecord): void {
    if (!fitsLogQuery(record, this.#query)) return;
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push(record);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *records(after: number): AsyncGenerator<KeptRecord> {
    const stop = () => this.#wake();
    this.#signal.addEventListener("abort", stop);
    try {
      while (!this.#signal.aborted) {
        for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) if (next.seq > after) yield next;
        if (this.#isEnded || this.#signal.aborted) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    } finally {
      this.#signal.removeEventListener("abort", stop);
    }
  }
}

// The files of the log in one folder: `logs.db` takes records, closed ones are named by what they hold. It decides when to close and what to delete.

import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LogFile } from "./log-file.ts";
import type { ResolvedQuery } from "./log-query.ts";
import type { LogRecord } from "./log-record.ts";
import type { KeptRecord } from "./log-store.ts";

export interface LogFolderOptions {
  readonly dir: string;
  readonly now: () => number;
  /** The current file is closed at this size. */
  readonly maxFileBytes: number;
  /** Closed files kept. */
  readonly maxFiles: number;
  /** Closed files whose newest record is older are deleted. */
  readonly maxAgeMs: number;
}

const CURRENT = "logs.db";
const CLOSED = /^logs-(\d{16})-(\d{16})\.db$/;
/** A file is also closed when its first record is this old, so that age can be told file by file. */
const FILE_AGE_MS = 86_400_000;
/** SQLite's primary result codes for a file that is none or is damaged. */
const DAMAGED_CODES: readonly number[] = [11, 26];

interface ClosedFile {
  readonly name: string;
  readonly firstSeq: number;
  readonly lastAtMs: number;
}

export class LogFolder implements Disposable {
  readonly #options: LogFolderOptions;
  #current: LogFile;
  #nextSeq: number;

  /** @throws KosError STORE_NEWER; what the file system or SQLite throws. A damaged current file is moved aside and begun anew. */
  constructor(options: LogFolderOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    chmodSync(options.dir, 0o700);
    this.#current = this.#openCurrent();
    this.#nextSeq = this.#lastSeq() + 1;
    this.#prune();
  }

  add(records: readonly LogRecord[]): readonly KeptRecord[] {
    const numbered = records.map((record, index) => ({ seq: this.#nextSeq + index, record }));
    this.#current.add(numbered);
    this.#nextSeq += records.length;
    this.#rotateIfDue();
    return numbered.map(({ seq, record }) => ({ seq, ...record }));
  }

  /** In the order of writing. */
  read(query: ResolvedQuery): readonly KeptRecord[] {
    return query.after === undefined ? this.#readNewest(query) : this.#readForward(query, query.after);
  }

  [Symbol.dispose](): void {
    this.#current[Symbol.dispose]();
  }

  #readNewest(query: ResolvedQuery): readonly KeptRecord[] {
    const found: KeptRecord[] = [];
    for (const name of [
      CURRENT,
      ...this.#closed(query)
        .map((file) => file.name)
        .reverse(),
    ]) {
      if (found.length >= query.limit) break;
      found.push(
        ...this.#readFile(name, (file) => file.read({ ...query, after: 0, direction: "backward", limit: query.limit - found.length })),
      );
    }
    return found.reverse();
  }

  #readForward(query: ResolvedQuery, after: number): readonly KeptRecord[] {
    const found: KeptRecord[] = [];
    const closed = this.#closed(query);
    const firstWanted = Math.max(
      0,
      closed.findLastIndex((file) => file.firstSeq <= after + 1),
    );
    for (const name of [...closed.slice(firstWanted).map((file) => file.name), CURRENT]) {
      if (found.length >= query.limit) break;
      found.push(
        ...this.#readFile(name, (file) => file.read({ ...query, after, direction: "forward", limit: query.limit - found.length })),
      );
    }
    return found;
  }

  #readFile<Result>(name: string, read: (file: LogFile) => Result): Result {
    if (name === CURRENT) return read(this.#current);
    using file = new LogFile(join(this.#options.dir, name), "read");
    return read(file);
  }

  /** Closed files that may hold what is asked for, oldest first. */
  #closed(query?: ResolvedQuery): readonly ClosedFile[] {
    return readdirSync(this.#options.dir)
      .flatMap((name) => {
        const match = CLOSED.exec(name);
        return match === null ? [] : [{ name, firstSeq: Number(match[1]), lastAtMs: Number(match[2]) }];
      })
      .filter(({ lastAtMs }) => query === undefined || lastAtMs >= query.sinceMs)
      .sort((left, right) => left.firstSeq - right.firstSeq);
  }

  #openCurrent(): LogFile {
    const path = join(this.#options.dir, CURRENT);
    try {
      return new LogFile(path, "write");
    } catch (error) {
      if (!isDamaged(error)) throw error;
      renameSync(path, `${path}.damaged-${this.#options.now()}`);
      for (const suffix of ["-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
      return new LogFile(path, "write");
    }
  }

  #lastSeq(): number {
    const { span } = this.#current;
    if (span !== undefined) return span.lastSeq;
    const newest = this.#closed().at(-1);
    return newest === undefined ? 0 : this.#readFile(newest.name, (file) => file.span?.lastSeq ?? newest.firstSeq);
  }

  #rotateIfDue(): void {
    const { span, bytes } = this.#current;
    if (span === undefined) return;
    if (bytes < this.#options.maxFileBytes && span.firstAtMs > this.#options.now() - FILE_AGE_MS) return;
    this.#current[Symbol.dispose]();
    const name = `logs-${pad(span.firstSeq)}-${pad(span.lastAtMs)}.db`;
    renameSync(join(this.#options.dir, CURRENT), join(this.#options.dir, name));
    this.#current = this.#openCurrent();
    this.#prune();
  }

  #prune(): void {
    const closed = this.#closed();
    const oldestMs = this.#options.now() - this.#options.maxAgeMs;
    for (const [index, { name, lastAtMs }] of closed.entries()) {
      if (index < closed.length - this.#options.maxFiles || lastAtMs < oldestMs) rmSync(join(this.#options.dir, name), { force: true });
    }
  }
}

function pad(value: number): string {
  return String(Math.max(0, value)).padStart(16, "0");
}

function isDamaged(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && DAMAGED_CODES.includes(Number(error.errcode) & 0xff);
}

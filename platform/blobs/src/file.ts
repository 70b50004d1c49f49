// Blobs as files: `<dir>/ab/cd/<64 hex digits>`, written beside and renamed into place. Many processes may share one folder.

import { createHash, type Hash, randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { damaged, hexOfHash, notFound, rangeWithin, stopIfAborted, tooLarge } from "./blob-hash.ts";
import type { BlobInfo, BlobSweep, Blobs, GetOptions, PutOptions, StreamOptions } from "./blobs.ts";
import { type BlobFileSystem, isMissing, nodeFiles, READ_FLAGS, storageError, WRITE_FLAGS } from "./file-system.ts";

export interface FileBlobsOptions {
  /** Leftovers of puts that crashed are deleted on opening once they are older than this by the file system's clock; default one hour. */
  readonly leftoverMs?: number;
  /** For tests that make the disk fail. */
  readonly files?: BlobFileSystem;
}

const LEFTOVER_MS = 3_600_000;
/** A sweep leaves alone what was written so shortly before it began. */
const SWEEP_MARGIN_MS = 3_600_000;
const CHUNK_BYTES = 262_144;
const HEX = /^[0-9a-f]{64}$/;
const FAN_OUT = /^[0-9a-f]{2}$/;
const INCOMING = "incoming";
const QUARANTINE = "quarantine";
/** Ends the name of a blob that a sweep has taken out of its place. */
const ASIDE = ".aside";

/** Opens the folder, which is made when absent (0700, files 0600), and sweeps leftovers. Errors: STORAGE_FULL, UNAVAILABLE. */
export async function fileBlobs(dir: string, options: FileBlobsOptions = {}): Promise<Blobs> {
  const blobs = new FileBlobs(dir, options.files ?? nodeFiles);
  await blobs.open(options.leftoverMs ?? LEFTOVER_MS);
  return blobs;
}

class FileBlobs implements Blobs {
  readonly #dir: string;
  readonly #files: BlobFileSystem;
  /** Folders whose entry in their parent is known to be on disk. */
  readonly #settled = new Set<string>();

  constructor(dir: string, files: BlobFileSystem) {
    this.#dir = dir;
    this.#files = files;
  }

  async open(leftoverMs: number): Promise<void> {
    await this.#guard(async () => {
      await this.#files.mkdir(this.#dir, { recursive: true, mode: 0o700 });
      for (const name of [INCOMING, QUARANTINE]) await this.#folder(join(this.#dir, name), this.#dir);
      await this.#sweep(leftoverMs);
    });
  }

  async put(content: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<BlobInfo> {
    stopIfAborted(options.signal);
    const incoming = join(this.#dir, INCOMING, randomUUID());
    try {
      const { hex, bytes } = await this.#receive(incoming, content, options);
      await this.#guard(() => this.#place(incoming, hex, bytes));
      return { hash: `sha256:${hex}`, bytes };
    } catch (error) {
      // What cannot be removed now is swept when the folder is next opened; the first error is the one to tell.
      await this.#files.rm(incoming, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async get(hash: string, options: GetOptions = {}): Promise<Uint8Array> {
    const { signal, maxBytes = Number.POSITIVE_INFINITY } = options;
    stopIfAborted(signal);
    return this.#reading(hash, async (file) => {
      const { size } = await file.stat();
      if (size > maxBytes) throw tooLarge(maxBytes);
      const content = new Uint8Array(size);
      let filled = 0;
      for await (const piece of pieces(file, 0, size, signal)) {
        content.set(piece, filled);
        filled += piece.length;
      }
      if (filled !== size || createHash("sha256").update(content).digest("hex") !== hexOfHash(hash)) throw await this.#quarantine(hash);
      return content;
    });
  }

  async stream(hash: string, options: StreamOptions = {}) {
    stopIfAborted(options.signal);
    const found = await this.stat(hash);
    if (found === undefined) throw notFound(hash);
    const { start, end } = rangeWithin(found.bytes, options);
    const isWhole = start === 0 && end === found.bytes;
    const content = isWhole ? this.#whole(hash, options.signal) : this.#part(hash, start, end, options.signal);
    return { bytes: found.bytes, start, end, content };
  }

  async stat(hash: string): Promise<BlobInfo | undefined> {
    const path = this.#path(hexOfHash(hash));
    const found = await this.#guard(() => this.#stat(path));
    return found === undefined ? undefined : { hash, bytes: found.size };
  }

  async delete(hash: string): Promise<boolean> {
    const path = this.#path(hexOfHash(hash));
    return this.#guard(async () => {
      if ((await this.#stat(path)) === undefined) return false;
      await this.#files.rm(path, { force: true });
      await this.#syncFolder(join(path, ".."));
      return true;
    });
  }

  async sweep(): Promise<BlobSweep> {
    // A put may be between writing and renaming, in this process or another.
    const begunMs = (await this.#guard(() => this.#diskTimeMs())) - SWEEP_MARGIN_MS;
    return { delete: (hash) => this.#sweepAway(hash, begunMs) };
  }

  async *list(): AsyncGenerator<BlobInfo> {
    for (const first of await this.#names(this.#dir, FAN_OUT)) {
      for (const second of await this.#names(join(this.#dir, first), FAN_OUT)) {
        for (const hex of await this.#names(join(this.#dir, first, second), HEX)) {
          const found = await this.stat(`sha256:${hex}`);
          if (found !== undefined) yield found;
        }
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#settled.clear();
  }

  #path(hex: string): string {
    return join(this.#dir, hex.slice(0, 2), hex.slice(2, 4), hex);
  }

  /** Writes the content beside its place, synced to disk. */
  async #receive(
    path: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options: PutOptions,
  ): Promise<{ hex: string; bytes: number }> {
    const { maxBytes = Number.POSITIVE_INFINITY, signal } = options;
    const file = await this.#guard(() => this.#files.open(path, WRITE_FLAGS, 0o600));
    try {
      const hash = createHash("sha256");
      let bytes = 0;
      // The source's own errors are not the disk's: only the writing is guarded.
      for await (const piece of content instanceof Uint8Array ? [content] : content) {
        stopIfAborted(signal);
        bytes += piece.length;
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        hash.update(piece);
        await this.#guard(() => writeAll(file, piece));
      }
      await this.#guard(() => file.sync());
      return { hex: hash.digest("hex"), bytes };
    } finally {
      await this.#guard(() => file.close());
    }
  }

  /** Renames into place, unless sound bytes are there already; either way its folder is on disk afterwards. */
  async #place(incoming: string, hex: string, bytes: number): Promise<void> {
    const path = this.#path(hex);
    const folder = join(path, "..");
    await this.#folder(join(folder, ".."), this.#dir);
    await this.#folder(folder, join(folder, ".."));
    if (await this.#holds(path, hex, bytes)) {
      // A sweep that is under way sees by this that it is wanted.
      await this.#touch(path, incoming);
    } else await this.#files.rename(incoming, path);
    await this.#syncFolder(folder);
  }

  /** Marks a blob as put now. Swept away in the meantime, the incoming bytes take its place. */
  async #touch(path: string, incoming: string): Promise<void> {
    const { mtimeMs } = await this.#files.lstat(incoming);
    const writtenAt = new Date(Math.ceil(mtimeMs));
    try {
      await this.#files.utimes(path, writtenAt, writtenAt);
      await this.#files.rm(incoming, { force: true });
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#files.rename(incoming, path);
    }
  }

  /** Whether sound bytes lie there; damaged ones are overwritten by the put that asks. */
  async #holds(path: string, hex: string, bytes: number): Promise<boolean> {
    if ((await this.#stat(path))?.size !== bytes) return false;
    await using file = await this.#files.open(path, READ_FLAGS);
    return (await digest(file, bytes, undefined)) === hex;
  }

  async *#whole(hash: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    await using file = await this.#openBlob(hash);
    const { size } = await this.#guard(() => file.stat());
    const running = createHash("sha256");
    let held: Uint8Array | undefined;
    for await (const piece of this.#guarded(pieces(file, 0, size, signal))) {
      if (held !== undefined) yield held;
      running.update(piece);
      held = piece;
    }
    if (!matches(running, hash)) throw await this.#quarantine(hash);
    if (held !== undefined) yield held;
  }

  async *#part(hash: string, start: number, end: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    await using file = await this.#openBlob(hash);
    const { size } = await this.#guard(() => file.stat());
    if ((await this.#guard(() => digest(file, size, signal))) !== hexOfHash(hash)) throw await this.#quarantine(hash);
    yield* this.#guarded(pieces(file, start, end, signal));
  }

  async #reading<Result>(hash: string, read: (file: FileHandle) => Promise<Result>): Promise<Result> {
    await using file = await this.#openBlob(hash);
    return await this.#guard(() => read(file));
  }

  async #openBlob(hash: string): Promise<FileHandle> {
    const path = this.#path(hexOfHash(hash));
    return this.#guard(async () => {
      try {
        return await this.#files.open(path, READ_FLAGS);
      } catch (error) {
        if (isMissing(error)) throw notFound(hash);
        throw error;
      }
    });
  }

  /** Moves damaged bytes aside, where a person can look at them; returns the error to throw. */
  async #quarantine(hash: string): Promise<Error> {
    const hex = hexOfHash(hash);
    await this.#guard(async () => {
      try {
        await this.#files.rename(this.#path(hex), join(this.#dir, QUARANTINE, `${hex}.${randomUUID()}`));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
    return damaged(hash);
  }

  /** Out of its place first: then nobody can put it once more unseen. One that was put since goes back. */
  async #sweepAway(hash: string, begunMs: number): Promise<boolean> {
    const path = this.#path(hexOfHash(hash));
    return this.#guard(async () => {
      const found = await this.#stat(path);
      if (found === undefined || found.mtimeMs >= begunMs) return false;
      const aside = join(this.#dir, INCOMING, `${hexOfHash(hash)}${ASIDE}`);
      await this.#files.rename(path, aside);
      const isWanted = ((await this.#stat(aside))?.mtimeMs ?? 0) >= begunMs;
      if (isWanted) await this.#files.rename(aside, path);
      else await this.#files.rm(aside, { force: true });
      await this.#syncFolder(join(path, ".."));
      return !isWanted;
    });
  }

  /** By the file system's own clock: the time of a file made now. */
  async #diskTimeMs(): Promise<number> {
    const probe = join(this.#dir, INCOMING, randomUUID());
    await using made = await this.#files.open(probe, WRITE_FLAGS, 0o600);
    const { mtimeMs } = await made.stat();
    await this.#files.rm(probe, { force: true });
    return mtimeMs;
  }

  async #sweep(leftoverMs: number): Promise<void> {
    const folder = join(this.#dir, INCOMING);
    const names = await this.#files.readdir(folder);
    if (names.length === 0) return;
    const nowMs = await this.#diskTimeMs();
    for (const name of names) {
      const path = join(folder, name);
      // A sweep was cut off before it knew whether somebody wanted it.
      if (name.endsWith(ASIDE)) {
        await this.#files.rename(path, this.#path(name.slice(0, -ASIDE.length)));
        continue;
      }
      const found = await this.#stat(path);
      if (found !== undefined && found.mtimeMs < nowMs - leftoverMs) await this.#files.rm(path, { force: true });
    }
  }

  /** Makes a folder and its entry in the parent durable. */
  async #folder(path: string, parent: string): Promise<void> {
    if (this.#settled.has(path)) return;
    await this.#files.mkdir(path, { recursive: true, mode: 0o700 });
    await this.#syncFolder(parent);
    this.#settled.add(path);
  }

  async #syncFolder(path: string): Promise<void> {
    await using folder = await this.#files.open(path, "r");
    await folder.sync();
  }

  async #stat(path: string): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
    try {
      const found = await this.#files.lstat(path);
      return found.isFile() ? found : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #names(path: string, pattern: RegExp): Promise<readonly string[]> {
    return this.#guard(async () => {
      try {
        return (await this.#files.readdir(path)).filter((name) => pattern.test(name));
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw storageError(error);
    }
  }

  async *#guarded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      throw storageError(error);
    }
  }
}

async function writeAll(file: FileHandle, content: Uint8Array): Promise<void> {
  let written = 0;
  while (written < content.length) written += (await file.write(content, written, content.length - written)).bytesWritten;
}

/** Pieces of a file between two offsets; ends early where the file does. */
async function* pieces(file: FileHandle, start: number, end: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  let at = start;
  while (at < end) {
    stopIfAborted(signal);
    const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(CHUNK_BYTES, end - at)), 0, undefined, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function digest(file: FileHandle, bytes: number, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces(file, 0, bytes, signal)) hash.update(piece);
  return hash.digest("hex");
}

function matches(hash: Hash, expected: string): boolean {
  return hash.digest("hex") === hexOfHash(expected);
}

// What a disk may hold after the power goes: everything that was synced, and of the rest nothing, all, or any part of it.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FileOperation } from "./strace.fixture.ts";

/** A disk keeps whole sectors; which of those that were not synced is up to it. */
const SECTOR_BYTES = 512;

/** How the unsynced part of the disk looks: lost, all there (a killed process), some sectors, or some sectors with garbage in others. */
export const CRASH_MODES = ["lost", "kept", "torn", "garbled"] as const;
export type CrashMode = (typeof CRASH_MODES)[number];

interface FileState {
  synced: Uint8Array;
  pending: (FileOperation & { readonly kind: "write" | "truncate" })[];
}

export class DiskImage {
  readonly #files = new Map<string, FileState>();

  apply(operation: FileOperation): void {
    switch (operation.kind) {
      case "say":
        return;
      case "remove":
        this.#files.delete(operation.path);
        return;
      case "sync": {
        const file = this.#file(operation.path);
        file.synced = file.pending.reduce(applied, file.synced);
        file.pending = [];
        return;
      }
      case "write":
      case "truncate":
        this.#file(operation.path).pending.push(operation);
    }
  }

  /** Whether a file has writes that no sync has covered. */
  hasUnsynced(path: string): boolean {
    return (this.#files.get(path)?.pending.length ?? 0) > 0;
  }

  /** Writes the files as they may be found, by name, into another folder. `random` is uniform in [0, 1). */
  writeTo(folder: string, mode: CrashMode, random: () => number): void {
    for (const [path, { synced, pending }] of this.#files) {
      // The shared-memory index is made anew after a crash; it is not part of the data.
      if (path.endsWith("-shm")) continue;
      let bytes = synced;
      for (const operation of pending) {
        if (mode === "lost") break;
        bytes =
          mode === "kept" || operation.kind === "truncate"
            ? this.#maybe(bytes, operation, mode, random)
            : tear(bytes, operation, mode, random);
      }
      const target = join(folder, path.slice(path.lastIndexOf("/") + 1));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
    }
  }

  #maybe(bytes: Uint8Array, operation: FileState["pending"][number], mode: CrashMode, random: () => number): Uint8Array {
    return mode === "kept" || random() < 0.5 ? applied(bytes, operation) : bytes;
  }

  #file(path: string): FileState {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = { synced: new Uint8Array(), pending: [] };
      this.#files.set(path, file);
    }
    return file;
  }
}

function applied(bytes: Uint8Array, operation: FileState["pending"][number]): Uint8Array {
  if (operation.kind === "truncate") return resized(bytes, operation.size);
  const result = resized(bytes, Math.max(bytes.length, operation.offset + operation.data.length));
  result.set(operation.data, operation.offset);
  return result;
}

/** Some sectors of a write reach the disk; of the others some hold what was there and, when garbled, some neither. */
function tear(bytes: Uint8Array, operation: FileOperation & { readonly kind: "write" }, mode: CrashMode, random: () => number): Uint8Array {
  let result = bytes;
  const { offset, data, path } = operation;
  for (let start = 0; start < data.length; ) {
    const end = Math.min(data.length, (Math.floor((offset + start) / SECTOR_BYTES) + 1) * SECTOR_BYTES - offset);
    const sector = data.slice(start, end);
    const fate = random();
    if (fate < 0.5) result = applied(result, { kind: "write", path, offset: offset + start, data: sector });
    else if (fate < 0.75 && mode === "garbled") {
      const garbage = sector.map(() => Math.floor(random() * 256));
      result = applied(result, { kind: "write", path, offset: offset + start, data: garbage });
    }
    start = end;
  }
  return result;
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(size);
  result.set(bytes.subarray(0, size));
  return result;
}

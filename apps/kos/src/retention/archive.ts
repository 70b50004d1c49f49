// The archive: evidence of plans that were removed, one compressed file each, in a folder a month. A file is written beside, synced, renamed, and
// read back and verified before anybody may rely on it.

import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { isKosError, KosError } from "@kos/klp";
import type { EvidenceExport } from "../evidence/evidence-export.ts";
import type { CheckedArchive } from "./archive-check.ts";

/** A plan's file: its name within the folder, the hash of its bytes, and every hash its events mention. */
interface ArchivedFile {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mentioned: readonly string[];
}

interface ArchiveSize {
  readonly files: number;
  readonly bytes: number;
}

export interface Archive {
  readonly path: string;
  /**
   * Makes sure that the plan's evidence is on disk and verifies. A file that is there stays when the log has lost what is in it.
   * Errors: NOT_FOUND (no such plan), INTERNAL (it does not verify), STORAGE_FULL, UNAVAILABLE.
   */
  keep(planId: string): Promise<ArchivedFile>;
  /** The plan's evidence as it was written, uncompressed; undefined when there is none. */
  read(planId: string): Promise<Uint8Array | undefined>;
  /** Where a plan's file lies or would lie. */
  fileOf(planId: string): string;
  size(): Promise<ArchiveSize>;
  /** Removes whole months that ended before a time; gives how many files. */
  removeBefore(ms: number): Promise<number>;
}

const MONTH = /^\d{4}-\d{2}$/;
const PLAN_FILE = /^run-[0-9a-f-]{36}\.kos\.json\.gz$/;
const FULL_CODES: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];
const pack = promisify(gzip);
const unpack = promisify(gunzip);

export function createArchive(options: {
  readonly path: string;
  readonly evidence: EvidenceExport;
  /** Undefined unless the bytes are the whole, closed evidence of this plan, signed by this node. */
  readonly check: (bytes: Uint8Array, planId: string) => Promise<CheckedArchive | undefined>;
}): Archive {
  const { path, evidence, check } = options;

  async function readBack(file: string, planId: string): Promise<(CheckedArchive & { readonly packed: Uint8Array }) | undefined> {
    const packed = await readIfThere(join(path, file));
    if (packed === undefined) return undefined;
    let bytes: Uint8Array;
    try {
      bytes = await unpack(packed);
    } catch {
      return undefined;
    }
    const checked = await check(bytes, planId);
    return checked && { ...checked, packed };
  }

  async function write(file: string, packed: Uint8Array): Promise<void> {
    const target = join(path, file);
    const folder = join(target, "..");
    const beside = join(folder, `${randomUUID()}.tmp`);
    try {
      const made = await mkdir(folder, { recursive: true, mode: 0o700 });
      const handle = await open(beside, "wx", 0o600);
      try {
        await handle.writeFile(packed);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, target);
      await syncFolder(folder);
      if (made !== undefined) await syncFolder(path);
    } catch (cause) {
      await rm(beside, { force: true });
      const isFull = cause instanceof Error && "code" in cause && FULL_CODES.includes(cause.code);
      throw new KosError(isFull ? "STORAGE_FULL" : "UNAVAILABLE", `The archive ${path} cannot be written. Nothing was removed.`, { cause });
    }
  }

  return {
    path,
    fileOf,
    async keep(planId) {
      const file = fileOf(planId);
      const before = await readBack(file, planId);
      const bytes = await exported(evidence, planId);
      const now = bytes && (await check(bytes, planId));
      // Removing it has begun: what was archived is more than what the log has.
      const isLess = (now?.payloadsRemoved ?? 0) > (before?.payloadsRemoved ?? 0);
      if (before !== undefined && (now === undefined || isLess)) return archived(file, before.packed, before.mentioned);
      if (bytes === undefined) throw new KosError("NOT_FOUND", `The log holds no plan ${planId}.`, { planId });
      if (now === undefined) {
        throw new KosError("INTERNAL", `The evidence of plan ${planId} does not verify, so it is not removed. Run \`kai audit verify\`.`, {
          planId,
        });
      }
      await write(file, await pack(bytes));
      const written = await readBack(file, planId);
      if (written === undefined) {
        throw new KosError("INTERNAL", `The archive of plan ${planId} is not what was written. Check the disk.`, { planId });
      }
      return archived(file, written.packed, written.mentioned);
    },
    async read(planId) {
      const packed = await readIfThere(join(path, fileOf(planId)));
      return packed === undefined ? undefined : unpack(packed);
    },
    async size() {
      let files = 0;
      let bytes = 0;
      for (const month of await names(path, MONTH)) {
        for (const name of await names(join(path, month), PLAN_FILE)) {
          files++;
          bytes += (await stat(join(path, month, name))).size;
        }
      }
      return { files, bytes };
    },
    async removeBefore(ms) {
      let removed = 0;
      for (const month of await names(path, MONTH)) {
        const [year = 0, number = 0] = month.split("-").map(Number);
        if (Date.UTC(year, number, 1) > ms) continue;
        removed += (await names(join(path, month), PLAN_FILE)).length;
        await rm(join(path, month), { recursive: true, force: true });
      }
      return removed;
    },
  };
}

/** The month in which the plan was made, as its UUIDv7 tells: so it is found from the id alone. */
function fileOf(planId: string): string {
  const ms = Number.parseInt(planId.slice(0, 8) + planId.slice(9, 13), 16);
  return `${new Date(ms).toISOString().slice(0, 7)}/run-${planId}.kos.json.gz`;
}

function archived(file: string, packed: Uint8Array, mentioned: readonly string[]): ArchivedFile {
  return { file, sha256: `sha256:${createHash("sha256").update(packed).digest("hex")}`, bytes: packed.length, mentioned };
}

async function exported(evidence: EvidenceExport, planId: string): Promise<Uint8Array | undefined> {
  try {
    return await evidence.export(planId);
  } catch (error) {
    if (isKosError(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new KosError("UNAVAILABLE", `The archive cannot be read at ${path}. Check the disk and its permissions.`, { cause: error });
  }
}

async function names(path: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    return (await readdir(path)).filter((name) => pattern.test(name)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

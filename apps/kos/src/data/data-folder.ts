// The data folder: where everything of one node lies, and who may read it. It owns paths and modes, not what is in the files.

import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { KosError } from "@kos/klp";

export interface DataFolder {
  readonly path: string;
  readonly database: string;
  readonly logs: string;
  readonly blobs: string;
  readonly keys: string;
  readonly snapshots: string;
  readonly playbooks: string;
  /** Evidence of plans that were removed. */
  readonly archive: string;
  readonly grants: string;
  readonly config: string;
  readonly ownerToken: string;
  readonly nodeFile: string;
  readonly lock: string;
  /** The node's log when it runs in the background. */
  readonly output: string;
}

const PRIVATE_DIR = 0o700;
const OTHERS = 0o077;

export function dataFolderAt(path: string): DataFolder {
  return {
    path,
    database: join(path, "kos.db"),
    logs: join(path, "logs"),
    blobs: join(path, "blobs"),
    keys: join(path, "keys"),
    snapshots: join(path, "snapshots"),
    playbooks: join(path, "playbooks"),
    archive: join(path, "archive"),
    grants: join(path, "grants"),
    config: join(path, "config"),
    ownerToken: join(path, "owner.token"),
    nodeFile: join(path, "node.json"),
    lock: join(path, "node.lock"),
    output: join(path, "node.log"),
  };
}

/**
 * Makes the folder and its parts with mode 0700. A folder that others may read is refused rather than mended: whoever opened it up should
 * know. Errors: FORBIDDEN (mode or owner), UNAVAILABLE (cannot be made).
 */
export function prepareDataFolder(path: string): DataFolder {
  const folder = dataFolderAt(path);
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE_DIR });
  } catch (cause) {
    throw new KosError("UNAVAILABLE", `The data folder ${path} cannot be made. Choose another with --data DIR or KOS_DATA.`, { cause });
  }
  refuseOpenDoors(path, "data folder");
  for (const part of [
    folder.blobs,
    folder.keys,
    folder.snapshots,
    folder.playbooks,
    folder.grants,
    folder.logs,
    folder.config,
    folder.archive,
  ]) {
    mkdirSync(part, { recursive: true, mode: PRIVATE_DIR });
    chmodSync(part, PRIVATE_DIR);
  }
  return folder;
}

/** Throws FORBIDDEN where a file or folder of ours may be read by others, belongs to another user or is a link. */
export function refuseOpenDoors(path: string, what: string): void {
  if (lstatSync(path).isSymbolicLink() && what !== "data folder") {
    throw new KosError("FORBIDDEN", `The ${what} ${path} is a link. Put the file itself there.`);
  }
  const stat = statSync(path);
  const mode = stat.mode & 0o777;
  if ((mode & OTHERS) !== 0) {
    const wanted = stat.isDirectory() ? "700" : "600";
    throw new KosError(
      "FORBIDDEN",
      `The ${what} ${path} is open to other users (mode ${mode.toString(8)}). Run: chmod ${wanted} '${path}'. If others may have read it, rotate the keys in it.`,
    );
  }
  const self = process.getuid?.();
  if (self !== undefined && stat.uid !== self) {
    throw new KosError(
      "FORBIDDEN",
      `The ${what} ${path} belongs to another user (uid ${stat.uid}). Run kOS as that user, or use another data folder.`,
    );
  }
}

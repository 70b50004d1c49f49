// Which folders a request may read. Over the network: the owner's `fs.roots`. From this machine: what a grant file in the data folder says,
// which only who may write there can have made; it is used once.

import { readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { KosError } from "@kos/klp";
import { refuseOpenDoors } from "./data-folder.ts";

export interface Grants {
  /**
   * Real absolute paths. One of the owner's folders that cannot be reached is left out: nothing in it can be read then.
   * Errors: FORBIDDEN (a grant that is unknown, used, old or open to others), NOT_FOUND (a folder of the grant that is not there).
   */
  roots(grant: string | undefined): Promise<readonly string[]>;
}

interface GrantFile {
  readonly roots: readonly string[];
  /** RFC 3339 UTC. */
  readonly expires_at: string;
}

export function createGrants(options: {
  readonly folder: string;
  readonly fsRoots: readonly string[];
  readonly now: () => number;
  /** Told of each of `fsRoots` that cannot be reached: once, and again when it was there in between. */
  readonly onMissing: (path: string, cause: unknown) => void;
}): Grants {
  const missing = new Set<string>();

  async function ownersFolder(path: string): Promise<readonly string[]> {
    try {
      const folder = await realpath(path);
      missing.delete(path);
      return [folder];
    } catch (cause) {
      if (!missing.has(path)) options.onMissing(path, cause);
      missing.add(path);
      return [];
    }
  }

  return {
    async roots(grant) {
      const granted = grant === undefined ? [] : await takeGrant(options.folder, grant, options.now());
      const [owners, asked] = await Promise.all([Promise.all(options.fsRoots.map(ownersFolder)), Promise.all(granted.map(realFolder))]);
      return [...owners.flat(), ...asked];
    },
  };
}

async function takeGrant(folder: string, id: string, now: number): Promise<readonly string[]> {
  const path = join(folder, `${id}.json`);
  let text: string;
  try {
    refuseOpenDoors(path, "grant");
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new KosError("FORBIDDEN", "This grant of folders is unknown or was used before. Run the command again.", { cause });
  }
  await rm(path, { force: true });
  const { roots, expires_at } = JSON.parse(text) as GrantFile;
  if (!(Date.parse(expires_at) > now)) throw new KosError("FORBIDDEN", "This grant of folders is too old. Run the command again.");
  return roots;
}

async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new KosError("NOT_FOUND", `The granted folder ${path} is not there or cannot be read.`, { cause });
  }
}

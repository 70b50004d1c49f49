// Which folders a request may read. Over the network: the owner's `fs.roots`. From this machine: what a grant file in the data folder says,
// which only who may write there can have made; it is used once.

import { readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { KosError } from "@kos/klp";
import { refuseOpenDoors } from "./data-folder.ts";

export interface Grants {
  /** Real absolute paths. Errors: FORBIDDEN (a grant that is unknown, used, old or open to others), NOT_FOUND (a folder that is not there). */
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
}): Grants {
  return {
    async roots(grant) {
      const paths =
        grant === undefined ? options.fsRoots : [...options.fsRoots, ...(await takeGrant(options.folder, grant, options.now()))];
      return Promise.all(paths.map(realFolder));
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

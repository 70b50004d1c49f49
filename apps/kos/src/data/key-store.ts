// Private keys of the node and its agents as files of mode 0600. It owns reading and making them; nothing else sees a seed but who asks here.

import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeKeyFile, encodeKeyFile, generateSeed, KosError } from "@kos/klp";
import { refuseOpenDoors } from "./data-folder.ts";

export interface KeyStore {
  /** The 32-byte seed of `node`, `tenant` or an agent id; made at first use. Errors: FORBIDDEN (open to others), INTERNAL (damaged). */
  seed(name: string): Uint8Array;
}

export function keyFileOf(folder: string, name: string): string {
  return join(folder, `${name.replace(/[^A-Za-z0-9_-]/g, "-")}.key`);
}

export function keyStore(folder: string): KeyStore {
  return {
    seed(name) {
      const path = keyFileOf(folder, name);
      if (!existsSync(path)) makeSeed(path);
      refuseOpenDoors(path, "key");
      return readSeed(path);
    },
  };
}

/** Written aside and linked in place, so that two processes at first start agree on one key and none sees half of it. */
function makeSeed(path: string): void {
  const aside = `${path}.${randomBytes(8).toString("hex")}`;
  writeFileSync(aside, encodeKeyFile(generateSeed()), { mode: 0o600, flush: true });
  try {
    linkSync(aside, path);
  } catch (cause) {
    if (!existsSync(path)) throw cause;
  } finally {
    rmSync(aside);
  }
}

function readSeed(path: string): Uint8Array {
  try {
    return decodeKeyFile(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new KosError(
      "INTERNAL",
      `The key file ${path} is damaged. Put it back from a backup; without it this node cannot prove who it is.`,
      { cause },
    );
  }
}

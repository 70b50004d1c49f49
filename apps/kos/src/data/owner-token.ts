// The local owner's bearer token: a file that only this user can read, good on loopback listeners only.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { refuseOpenDoors } from "./data-folder.ts";

const TOKEN_BYTES = 32;
const PREFIX = "kos_owner_";

/** The token in the file, made at first use. Errors: FORBIDDEN where others may read the file. */
export function ownerToken(path: string): string {
  if (!existsSync(path)) return rotateOwnerToken(path);
  refuseOpenDoors(path, "owner token");
  return readFileSync(path, "utf8").trim();
}

/** A new token in place of the old one, which ends at once. */
export function rotateOwnerToken(path: string): string {
  const token = PREFIX + randomBytes(TOKEN_BYTES).toString("base64url");
  const next = `${path}.new`;
  writeFileSync(next, `${token}\n`, { mode: 0o600, flush: true });
  renameSync(next, path);
  return token;
}

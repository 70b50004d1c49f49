// The files of the data folder that a client on this machine reads: where the node is, and the owner's token.

import { lstat, readFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { type NodeFile, parseNodeFile } from "@kos/api";
import { KosError } from "@kos/klp";
import type { Machine } from "../terminal/machine.ts";

const OTHERS = 0o077;

/** `--data`, else `KOS_DATA`, else `~/.kos`; absolute. */
export function dataFolderOf(machine: Pick<Machine, "env" | "cwd" | "home">, given: string | undefined): string {
  const fromEnv = machine.env["KOS_DATA"];
  return resolvePath(machine, given ?? (fromEnv === undefined || fromEnv === "" ? join(machine.home, ".kos") : fromEnv));
}

/** A path as the person wrote it, against the folder they stand in. A shell leaves `~` alone in `--path=~/x`. */
export function resolvePath(machine: Pick<Machine, "cwd" | "home">, path: string): string {
  if (path === "~" || path.startsWith("~/")) return join(machine.home, path.slice(1));
  return isAbsolute(path) ? resolve(path) : resolve(machine.cwd, path);
}

/** Undefined when no node wrote one, or it cannot be read as one. */
export async function readNodeFile(dataFolder: string): Promise<NodeFile | undefined> {
  try {
    return parseNodeFile(await readFile(join(dataFolder, "node.json"), "utf8"));
  } catch {
    return undefined;
  }
}

/** Errors: UNAUTHORIZED (there is none), FORBIDDEN (others may read it). */
export async function readOwnerToken(dataFolder: string): Promise<string> {
  const path = join(dataFolder, "owner.token");
  let mode: number;
  let text: string;
  try {
    mode = (await lstat(path)).mode;
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new KosError(
      "UNAUTHORIZED",
      `The owner's token ${path} cannot be read. Only the user who runs the node may use it; check --data and who you are.`,
      { cause },
    );
  }
  if ((mode & OTHERS) !== 0) {
    throw new KosError("FORBIDDEN", `The owner's token ${path} is open to other users. Run: chmod 600 '${path}', then rotate it.`);
  }
  return text.trim();
}

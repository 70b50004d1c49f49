// A one-time grant of folders: a file in the data folder that the node takes when a request names it. Who may write there is the owner.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "../terminal/machine.ts";

const LIFETIME_MS = 5 * 60_000;

/**
 * Makes the grant, hands its id to `use` and removes what the node did not take. Without roots there is no grant.
 */
export async function withGrant<Result>(
  machine: Pick<Machine, "now" | "newSecret">,
  dataFolder: string,
  roots: readonly string[],
  use: (grant: string | undefined) => Promise<Result>,
): Promise<Result> {
  if (roots.length === 0) return use(undefined);
  const folder = join(dataFolder, "grants");
  const id = machine.newSecret();
  const path = join(folder, `${id}.json`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const content = { roots, expires_at: new Date(machine.now() + LIFETIME_MS).toISOString() };
  await writeFile(path, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: "wx" });
  try {
    return await use(id);
  } finally {
    await rm(path, { force: true });
  }
}

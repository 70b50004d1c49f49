// Writes node.json: where the running node listens, for clients on this machine. There when it is ready, gone when it ends.

import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { NodeFile } from "@kos/api";

export function writeNodeFile(path: string, file: NodeFile): void {
  const next = `${path}.new`;
  writeFileSync(next, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}

export function removeNodeFile(path: string): void {
  rmSync(path, { force: true });
}

// node.json: where the running node listens, for clients on this machine. Written when it is ready, removed when it ends.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

export interface NodeFile {
  readonly pid: number;
  readonly url: string;
  readonly did: string;
  readonly version: string;
  readonly started_at: string;
  /** `job`: ends by itself when its last plan has ended. `service`: stays until told. */
  readonly mode: "job" | "service";
}

export function writeNodeFile(path: string, file: NodeFile): void {
  const next = `${path}.new`;
  writeFileSync(next, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}

/** Undefined when there is none or it cannot be read: then no node can be assumed. */
export function readNodeFile(path: string): NodeFile | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as NodeFile;
  } catch {
    return undefined;
  }
}

export function removeNodeFile(path: string): void {
  rmSync(path, { force: true });
}

// What git's index says about a path, looked up while a tree is walked. It reads nothing.

import type { IndexEntry } from "../git/git-index.ts";
import { foldAscii } from "../ignore/glob.ts";
import { type BytePath, parentOf } from "../paths/byte-path.ts";

export interface TrackedPaths {
  readonly entries: readonly IndexEntry[];
  has(path: BytePath): boolean;
  isSubmodule(path: BytePath): boolean;
  /** Whether anything below this folder is tracked. */
  hasBelow(folder: BytePath): boolean;
}

/** With `ignoreCase`, paths that differ only in ASCII case are one, as under git's core.ignoreCase. */
export function trackedPaths(entries: readonly IndexEntry[], ignoreCase: boolean): TrackedPaths {
  const key = (path: string): string => (ignoreCase ? foldAscii(path) : path);
  const files = new Map(entries.map((entry) => [key(entry.path), entry]));
  const folders = new Set<string>();
  for (const entry of entries) {
    for (let folder = parentOf(entry.path); folder !== "" && !folders.has(key(folder)); folder = parentOf(folder)) folders.add(key(folder));
  }
  return {
    entries,
    has: (path) => files.has(key(path)),
    isSubmodule: (path) => files.get(key(path))?.isSubmodule === true,
    hasBelow: (folder) => folders.has(key(folder)),
  };
}

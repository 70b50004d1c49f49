// The caller's own choice of files: `include` and `exclude` patterns in gitignore syntax, relative to the scanned folder. Tracked files obey it too.

import { parseIgnoreFile } from "../ignore/ignore-file.ts";
import { type BytePath, bytePathOf, EMPTY_PATH, parentOf } from "../paths/byte-path.ts";

export interface PathFilter {
  accepts(path: BytePath): boolean;
  /** Whether nothing below this folder can be accepted. */
  prunes(folder: BytePath): boolean;
}

export function pathFilter(include: readonly string[] = [], exclude: readonly string[] = []): PathFilter {
  const included = treeMatcher(include);
  const excluded = treeMatcher(exclude);
  return {
    accepts: (path) => (include.length === 0 || included(path, false)) && !excluded(path, false),
    prunes: (folder) => excluded(folder, true),
  };
}

/** Whether the patterns name a path or one of the folders it lies in; the answer for folders is kept. */
function treeMatcher(patterns: readonly string[]): (path: BytePath, isFolder: boolean) => boolean {
  const list = parseIgnoreFile(bytePathOf(patterns.join("\n")), EMPTY_PATH, false);
  const folders = new Map<BytePath, boolean>();
  const matches = (path: BytePath, isFolder: boolean): boolean => {
    if (path === "" || patterns.length === 0) return false;
    const known = isFolder ? folders.get(path) : undefined;
    if (known !== undefined) return known;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const answer = matches(parentOf(path), true) || list.decide(path, name, isFolder) === "ignored";
    if (isFolder) folders.set(path, answer);
    return answer;
  };
  return matches;
}

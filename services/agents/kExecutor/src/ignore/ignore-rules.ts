// The ignore lists that apply in one folder, in git's order: the deepest .gitignore first, the repository's info/exclude last.

import type { BytePath } from "../paths/byte-path.ts";
import type { IgnoreFile } from "./ignore-file.ts";

export interface IgnoreRules {
  /** Rules for the folder below, with its own .gitignore before the others. */
  with(file: IgnoreFile): IgnoreRules;
  isIgnored(path: BytePath, name: string, isFolder: boolean): boolean;
}

/** `lists` from the one asked first to the one asked last. */
export function ignoreRules(lists: readonly IgnoreFile[]): IgnoreRules {
  return {
    with: (file) => ignoreRules([file, ...lists]),
    isIgnored(path, name, isFolder) {
      for (const list of lists) {
        const decision = list.decide(path, name, isFolder);
        if (decision !== undefined) return decision === "ignored";
      }
      return false;
    },
  };
}

// What a scan lists: the entries of a tree and those it could not read.

import type { BytePath } from "../paths/byte-path.ts";
import { UNREADABLE_REASONS } from "../paths/guarded-open.ts";

/** `submodule`: the folder of another repository, tracked or not; it counts once and is not entered. `other`: a tracked path that is no file now. */
export const ENTRY_KINDS = ["file", "symlink", "submodule", "other"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface TreeEntry {
  /** Relative to the scanned folder. */
  readonly path: BytePath;
  /** Size on disk; of a symlink the length of its target; 0 for the other kinds. */
  readonly bytes: number;
  readonly kind: EntryKind;
}

export const SCAN_REFUSALS = [...UNREADABLE_REASONS, "too_big", "damaged"] as const;

export interface UnreadableEntry {
  readonly path: BytePath;
  readonly reason: (typeof SCAN_REFUSALS)[number];
}

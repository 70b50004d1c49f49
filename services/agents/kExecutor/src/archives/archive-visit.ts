// How the readers of archives hand over entries: the same for every format.

import type { ArchiveEntry } from "./archive-entry.ts";

/**
 * Called for each entry in order. `read` gives its content, once and before the visitor returns; what is not read is passed over.
 * Errors of `read`: as `unreadable`, among them `too_large` above `maxBytes`.
 */
export type Visitor = (entry: ArchiveEntry, read: (maxBytes: number) => Promise<Buffer>) => Promise<void>;

export interface VisitOptions {
  readonly signal: AbortSignal;
  readonly maxEntries: number;
}

export const WHAT = "The archive";

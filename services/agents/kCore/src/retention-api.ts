// What the engine offers to whoever keeps its data from growing for ever. Types only.

import type { ArchiveRef } from "./retention/archived-plan.ts";

/** A plan that has ended and that nothing needs any more. */
export interface FinishedPlan {
  readonly planId: string;
  readonly tenant: string;
  readonly goal: string;
  readonly status: string;
  readonly endedAtMs: number;
}

/** Every step is bounded and can be repeated: killed in the middle, the next call goes on. Errors: UNAVAILABLE, STORAGE_FULL and those named. */
export interface Retention {
  /**
   * Plans that ended before a time, the first to end first. Left out are those that an open fork takes results from, and the newest success of a
   * schedule.
   */
  finished(query: { readonly endedBeforeMs: number; readonly limit: number }): Promise<readonly FinishedPlan[]>;
  /** How many `finished` would give. */
  countFinished(endedBeforeMs: number): Promise<number>;
  /**
   * Removes a finished plan whose archive is on disk and verified: content first, then rows; what it named of `blobs` is noted for a sweep. Headers stay
   * until `cut`. Errors: CONFLICT (it has not ended, or somebody is at it).
   */
  prune(planId: string, archive: ArchiveRef, blobs: readonly string[]): Promise<void>;
  /** Where the archive of a plan lies, as long as that is remembered. */
  archiveOf(planId: string): Promise<(ArchiveRef & { readonly tenant: string; readonly archivedAtMs: number }) | undefined>;
  /** Removes what is older beside plans: records of archives, schedules that are over, old history of those that go on. Gives how many. */
  age(beforeMs: number): Promise<number>;
  /** Removes forgotten events from the beginning of the logs, behind a signed checkpoint. Gives how many. */
  cut(): Promise<number>;
}

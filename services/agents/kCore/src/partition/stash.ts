// What a plan in memory needs only now and then, made when it is first needed: most plans never do, and many are in memory at once.

import type { RowChange } from "@kos/store";
import type { Slot } from "../dispatcher/dispatcher.ts";
import type { TaskState } from "../plan/plan-state.ts";
import type { Job } from "./job.ts";

/** A review that was asked for. It is not in the log: asking again does no harm. */
interface ReviewUnderWay {
  readonly reviewId: string;
  readonly token: string;
  readonly slot: Slot;
  readonly deadlineMs: number;
}

type PutRow = RowChange & { readonly op: "put" };

export class Stash {
  /** Values read back, until they are used. */
  readonly values = new Map<string, unknown>();
  /** Under which key the checkpoints of a ready task are among the values, or on their way. */
  readonly checkpoints = new Map<TaskState, string>();
  /** Values on their way. */
  readonly loading = new Set<string>();
  /** Work that waits for values or a blob. */
  readonly parked = new Set<Job>();
  /** Blobs known to be stored. */
  readonly blobs = new Set<string>();
  /** Lists of `for_each` tasks. */
  readonly lists = new Map<TaskState, readonly unknown[]>();
  /** Reviews that were asked for, by task id; `output` for the plan's. */
  readonly reviews = new Map<string, ReviewUnderWay>();
  /** Rows of open approvals and questions. */
  readonly openRows: Map<string, PutRow> = new Map();
}

const EMPTY = new Stash();

/** For reading only. */
export function stashOf(resident: { readonly stash: Stash | undefined }): Stash {
  return resident.stash ?? EMPTY;
}

export function ownStash(resident: { stash: Stash | undefined }): Stash {
  resident.stash ??= new Stash();
  return resident.stash;
}

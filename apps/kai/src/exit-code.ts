// What kai's exit code says, for scripts.

import { isKosError } from "@kos/klp";
import type { PlanStatus } from "@kos/plan";

export const EXIT = { done: 0, failed: 1, usage: 2, needsPerson: 3, cancelled: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of a plan that is left alone now. One that goes on by itself counts as done: nothing is asked of the caller. */
export function exitCodeOf(status: PlanStatus): ExitCode {
  switch (status) {
    case "succeeded":
    case "draft":
    case "running":
      return EXIT.done;
    case "failed":
      return EXIT.failed;
    case "cancelled":
      return EXIT.cancelled;
    case "waiting_approval":
    case "waiting_input":
    case "paused":
    case "in_doubt":
      return EXIT.needsPerson;
  }
}

export function exitCodeOfError(thrown: unknown): ExitCode {
  if (isKosError(thrown, "BAD_REQUEST")) return EXIT.usage;
  if (isKosError(thrown, "CANCELLED")) return EXIT.cancelled;
  if (isKosError(thrown, "APPROVAL_REQUIRED") || isKosError(thrown, "IN_DOUBT")) return EXIT.needsPerson;
  return EXIT.failed;
}

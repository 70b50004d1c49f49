// Work of a plan that wants a slot, and what trying it can come to.

import { type CallKind, callKind } from "../dispatcher/dispatcher.ts";
import type { TaskState } from "../plan/plan-state.ts";
import { callOf } from "../plan/prepare-call.ts";

/** A task that is ready, or whose result waits for its review. `undefined` stands for the review of the plan's output. */
export interface Job {
  readonly kind: CallKind;
  readonly task: TaskState | undefined;
  readonly isReview: boolean;
}

/** `done`: events were recorded. `skip`: nothing to do any more. `parked`: it comes back by itself. `blocked`: by a pause or the budget. */
export type JobOutcome = "done" | "skip" | "parked" | "no_slot" | "blocked";

/** The capability that reviewers offer. */
export const REVIEW_CAPABILITY = "review.check";

export function taskJob(task: TaskState): Job {
  const isFallback = task.review?.fallback === true && task.shape.fallback !== undefined;
  return { kind: callKind(callOf(task).capability, isFallback ? undefined : task.shape.task.agent), task, isReview: false };
}

export function reviewJob(task: TaskState | undefined): Job {
  return { kind: callKind(REVIEW_CAPABILITY, undefined), task, isReview: true };
}

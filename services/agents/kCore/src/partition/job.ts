// Work of a plan that wants a slot, and what trying it can come to.

import { type CallKind, callKind } from "../dispatcher/dispatcher.ts";
import { REPLAN_CAPABILITY } from "../plan/decide-replan.ts";
import type { TaskState } from "../plan/plan-state.ts";
import { callOf } from "../plan/prepare-call.ts";

/** A task that is ready, or whose result waits for its review. `undefined` stands for the review of the plan's output. */
export interface Job {
  readonly kind: CallKind;
  readonly task: TaskState | undefined;
  readonly isReview: boolean;
  /** It was ready to be sent and found no slot: until there is one, nothing of it has to be worked out again. */
  lacksSlot: boolean;
}

/** `done`: events were recorded. `skip`: nothing to do any more. `parked`: it comes back by itself. `blocked`: by a pause or the budget. */
export type JobOutcome = "done" | "skip" | "parked" | "no_slot" | "blocked";

/** The capability that reviewers offer. */
export const REVIEW_CAPABILITY = "review.check";

export function taskJob(task: TaskState): Job {
  const call = callOf(task);
  return {
    kind: callKind(call.capability, call === task.shape.call ? task.shape.task.agent : undefined),
    task,
    isReview: false,
    lacksSlot: false,
  };
}

export function reviewJob(task: TaskState | undefined): Job {
  const capability = task?.review?.replan === "asking" ? REPLAN_CAPABILITY : REVIEW_CAPABILITY;
  return { kind: callKind(capability, undefined), task, isReview: true, lacksSlot: false };
}

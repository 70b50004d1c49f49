// Decides what a review leads to: accepted, tried again with the findings, the fallback, a person, or failed. Each bounded.

import type { Verdict } from "@kos/api";
import type { WireError } from "@kos/klp";
import { type DecideEnv, event, wireError } from "./decide-env.ts";
import { REVIEW_CHOICES } from "./decide-person.ts";
import { mayReplan } from "./decide-replan.ts";
import { isoTime } from "./iso-time.ts";
import type { PlanEvent, ReviewConsequence } from "./plan-event.ts";
import { findTask, type PlanState, type ReviewState, type TaskState } from "./plan-state.ts";

/** A reserved name, so no task has it: the review of the plan's own output. */
export const PLAN_REVIEW = "output";
const DEFAULT_ROUNDS = 2;
const MAX_REVIEW_TRIES = 3;
const REVIEW_RETRY_MS = 1000;

interface ReviewSubject {
  readonly task: TaskState | undefined;
  readonly review: ReviewState;
}

/** The review under way of that id; undefined when it has been settled already. */
export function findReview(state: PlanState, taskId: string, reviewId: string): ReviewSubject | undefined {
  if (state.phase !== "active") return undefined;
  const task = taskId === PLAN_REVIEW ? undefined : findTask(state, taskId);
  if (taskId !== PLAN_REVIEW && task?.status !== "reviewing") return undefined;
  const review = task === undefined ? state.review : task.review;
  return review?.id === reviewId && reviewId !== "" ? { task, review } : undefined;
}

export function decideVerdict(
  state: PlanState,
  word: { readonly taskId: string; readonly reviewId: string; readonly verdict: Verdict; readonly envelopeHash?: string | undefined },
  env: DecideEnv,
): PlanEvent[] {
  const subject = findReview(state, word.taskId, word.reviewId);
  if (subject === undefined) return [];
  const { task, review } = subject;
  // The verdict has been given: what is waited for is another way.
  if (review.replan === "asking") return [];
  const next = consequence(state, task, review, word.verdict, env);
  const decided = event("review.decided", {
    ...(task && { task_id: task.id }),
    review_id: review.id,
    verdict: word.verdict,
    next,
    ...(word.envelopeHash !== undefined && { envelope_hash: word.envelopeHash }),
  });
  const findings = word.verdict.findings.filter((finding) => finding.severity === "error").map((finding) => finding.message);
  return [decided, ...follow(task, next, `the review found: ${findings.slice(0, 5).join("; ") || "criteria not met"}`, env)];
}

function consequence(
  state: PlanState,
  task: TaskState | undefined,
  review: ReviewState,
  verdict: Verdict,
  env: DecideEnv,
): ReviewConsequence {
  if (verdict.accepted) return "accept";
  if (task === undefined) return "ask";
  if (state.halted !== undefined || state.cancelling !== undefined) return "fail";
  const wish = task.shape.task.review;
  if (review.round < (wish?.max_rounds ?? DEFAULT_ROUNDS)) return "retry";
  if (task.shape.fallback !== undefined && !review.fallback) return "fallback";
  return exhausted(task, env);
}

function exhausted(task: TaskState | undefined, env: DecideEnv): "replan" | "ask" | "fail" {
  const wish = task?.shape.task.review?.on_exhausted ?? "ask";
  return wish !== "replan" || mayReplan(task, env) ? wish : "ask";
}

function follow(task: TaskState | undefined, next: ReviewConsequence, why: string, env: DecideEnv): PlanEvent[] {
  const address = task === undefined ? {} : { task_id: task.id };
  const what = task === undefined ? "The result of the plan" : `The result of task ${task.id}`;
  switch (next) {
    case "accept":
    case "retry":
    case "replan":
      return [];
    case "fallback":
      return [event("task.fallback_started", { task_id: task?.id ?? "", capability: task?.shape.fallback?.capability ?? "" })];
    case "ask":
      return [
        event("input.requested", {
          input_id: env.newId(),
          ...address,
          purpose: "review",
          question: `${what} did not pass: ${why}. What shall be done?`,
          choices: task === undefined ? REVIEW_CHOICES.filter((choice) => choice !== "retry") : REVIEW_CHOICES,
        }),
      ];
    case "fail": {
      const error = wireError("CONFLICT", `${what} did not pass its review: ${why}.`, { review: "rejected" });
      return task === undefined
        ? [event("plan.halted", { error })]
        : [event("task.failed", { task_id: task.id, attempt: task.attempt, error })];
    }
  }
}

/** The reviewer failed, was lost or did not answer. Asked again a few times, then it goes on as if nothing were left to try. */
export function decideReviewFailed(
  state: PlanState,
  word: { readonly taskId: string; readonly reviewId: string; readonly error: WireError },
  env: DecideEnv,
): PlanEvent[] {
  const subject = findReview(state, word.taskId, word.reviewId);
  if (subject === undefined) return [];
  const { task, review } = subject;
  const address = { ...(task && { task_id: task.id }), review_id: review.id, error: word.error };
  const isReplan = review.replan === "asking";
  if (review.tries + 1 < MAX_REVIEW_TRIES && (!isReplan || word.error.retryable)) {
    const retryAt = isoTime(env.nowMs + Math.floor(REVIEW_RETRY_MS * 2 ** review.tries * env.random()));
    return [event("review.failed", { ...address, retry_at: retryAt })];
  }
  const next = exhausted(task, env);
  const why = isReplan ? `no other way to it was found (${word.error.message})` : `it could not be reviewed (${word.error.message})`;
  return [event("review.failed", { ...address, retry_at: null, next }), ...follow(task, next, why, env)];
}

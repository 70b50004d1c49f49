// Applies what a plan waits for: approvals, answers of people, reviews; and labels taken off by one of them.

import { KosError } from "@kos/klp";
import { nextGeneration } from "./apply-task.ts";
import { timeOf } from "./iso-time.ts";
import type {
  ApprovalDecided,
  ApprovalRequested,
  InputAnswered,
  PlanEvent,
  ReviewDecided,
  ReviewFailed,
  ReviewRequested,
} from "./plan-event.ts";
import { findTask, type InputState, type PlanState, type ReviewState, type TaskState } from "./plan-state.ts";
import { dropWait, endTask, newReview, outputOf, setReady, setStatus, touch } from "./task-change.ts";

export function applyWaitEvent(state: PlanState, event: PlanEvent, atMs: number): void {
  const task = waitingTask(state, event);
  switch (event.type) {
    case "approval.requested":
      return approvalRequested(state, task, event.payload);
    case "approval.decided":
      return approvalDecided(state, task, event.payload, atMs);
    case "approval.expired":
      if (task === undefined) state.approval = undefined;
      else dropWait(state, task);
      return;
    case "input.requested": {
      const input: InputState = {
        id: event.payload.input_id,
        purpose: event.payload.purpose,
        schema: event.payload.schema,
        choices: event.payload.choices,
        expiresAtMs: event.payload.expires_at === undefined ? 0 : timeOf(event.payload.expires_at),
      };
      state.waits.set(input.id, task);
      if (task === undefined) state.input = input;
      else {
        task.input = input;
        if (task.startedAtMs === 0) task.startedAtMs = atMs;
        setStatus(state, task, "waiting_input");
      }
      return;
    }
    case "input.answered":
      return inputAnswered(state, task, event.payload, atMs);
    case "input.expired":
      state.waits.delete(event.payload.input_id);
      if (task === undefined) state.input = undefined;
      else dropWait(state, task);
      return;
    case "review.requested":
      return reviewRequested(state, task, event.payload);
    case "review.decided":
      return reviewDecided(state, task, event.payload, atMs);
    case "review.failed": {
      const review = task === undefined ? state.review : task.review;
      if (review === undefined) return;
      review.tries++;
      review.retryAtMs = event.payload.retry_at === null ? 0 : timeOf(event.payload.retry_at);
      if (event.payload.retry_at === null) giveUpReview(review, event.payload.next);
      if (task !== undefined) touch(state, task);
      return;
    }
    case "value.declassified": {
      if (event.payload.how !== "person" || task?.output === undefined) return;
      const { labels } = event.payload;
      task.output.labels = task.output.labels.filter((label) => !labels.includes(label));
      return touch(state, task);
    }
    default:
      throw new KosError("INTERNAL", `The event ${event.type} is not known to this version.`);
  }
}

/** A review that did not come about may lead to another way; a question for another way that did not, to nothing more. */
function giveUpReview(review: ReviewState, next: ReviewFailed["next"]): void {
  if (next === "replan") return askForAnotherWay(review);
  review.id = "";
  if (review.replan === "asking") review.replan = "done";
}

/** The planner is asked under the id of the review that led to it. */
function askForAnotherWay(review: ReviewState): void {
  review.replan = "asking";
  review.tries = 0;
  review.retryAtMs = 0;
}

function waitingTask(state: PlanState, event: PlanEvent): TaskState | undefined {
  const { payload } = event;
  if (!("task_id" in payload) || payload.task_id === undefined) return undefined;
  const task = findTask(state, payload.task_id);
  if (task === undefined) throw new KosError("INTERNAL", `The event ${event.type} names a task that plan ${state.planId} does not have.`);
  return task;
}

function approvalRequested(state: PlanState, task: TaskState | undefined, payload: ApprovalRequested): void {
  const approval = { id: payload.approval_id, digest: payload.digest, status: "open" as const, decidedAtMs: 0, by: "" };
  state.waits.set(approval.id, task);
  if (task === undefined) {
    state.approval = approval;
    if (state.phase === "draft") state.phase = "approval";
    return;
  }
  task.approval = approval;
  setStatus(state, task, "waiting_approval");
}

/** Denied: the events that follow from it come with it. */
function approvalDecided(state: PlanState, task: TaskState | undefined, payload: ApprovalDecided, atMs: number): void {
  state.waits.delete(payload.approval_id);
  const approval = task === undefined ? state.approval : task.approval;
  if (approval === undefined) return;
  if (payload.decision === "denied") {
    if (task === undefined) state.approval = undefined;
    else task.approval = undefined;
    return;
  }
  approval.status = "approved";
  approval.decidedAtMs = atMs;
  approval.by = payload.by;
  if (task === undefined) state.approvedHash = payload.digest;
  else setReady(state, task, atMs, 0);
}

function inputAnswered(state: PlanState, task: TaskState | undefined, payload: InputAnswered, atMs: number): void {
  state.waits.delete(payload.input_id);
  if (task === undefined) {
    state.input = undefined;
    if (decisionOf(payload) === "accept") state.outputAccepted = true;
    return;
  }
  const purpose = task.input?.purpose;
  task.input = undefined;
  touch(state, task);
  if (purpose !== "review") return;
  const decision = decisionOf(payload);
  if (decision === "accept") return endTask(state, task, "succeeded", atMs);
  if (decision !== "retry") return;
  nextGeneration(state, task);
  task.output = undefined;
  setReady(state, task, atMs, 0);
}

function decisionOf(payload: InputAnswered): unknown {
  const answer = payload.answer.value;
  return typeof answer === "object" && answer !== null && "decision" in answer ? answer.decision : answer;
}

function reviewRequested(state: PlanState, task: TaskState | undefined, payload: ReviewRequested): void {
  const review: ReviewState = (task === undefined ? state.review : task.review) ?? newReview();
  review.id = payload.review_id;
  review.round = payload.round;
  review.tries = 0;
  review.retryAtMs = 0;
  const output = outputOf(state.seq, payload.output, payload);
  if (task === undefined) {
    state.review = review;
    state.output = output;
    return;
  }
  task.review = review;
  task.output = output;
  task.labels = payload.output.labels;
  task.lease = undefined;
  setStatus(state, task, "reviewing");
}

function reviewDecided(state: PlanState, task: TaskState | undefined, payload: ReviewDecided, atMs: number): void {
  const review = task === undefined ? state.review : task.review;
  if (review === undefined) return;
  review.id = "";
  if (task === undefined) {
    if (payload.next === "accept") state.outputAccepted = true;
    return;
  }
  touch(state, task);
  if (payload.next === "accept") return endTask(state, task, "succeeded", atMs);
  if (payload.next === "replan") {
    review.id = payload.review_id;
    return askForAnotherWay(review);
  }
  if (payload.next !== "retry" && payload.next !== "fallback") return;
  review.feedback = payload.verdict.findings.map((finding) => finding.message);
  review.feedbackLabels = task.output?.labels ?? [];
  task.output = undefined;
  nextGeneration(state, task);
  setReady(state, task, atMs, payload.retry_at === undefined ? 0 : timeOf(payload.retry_at));
}

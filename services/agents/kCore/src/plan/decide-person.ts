// Decides what people say: approvals, answers, settled doubts, labels taken off. Agents are refused ([R100]).

import { KosError } from "@kos/klp";
import type { Label } from "@kos/plan";
import { fitsSchema, schemaProblems } from "@kos/plan";
import { decideEngineResult } from "./decide-engine-result.ts";
import { PERSON_TARGET } from "./decide-engine-task.ts";
import { type Actor, conflict, event, notFound, refuseUnlessPerson, wireError } from "./decide-env.ts";
import type { PlanEvent } from "./plan-event.ts";
import { findTask, type InputState, type PlanState, type TaskState } from "./plan-state.ts";
import { labelled, type PreparedValue, prepareValue } from "./values.ts";

const MAX_ANSWER_BYTES = 30_000;

export interface ApprovalDecision {
  readonly approvalId: string;
  readonly decision: "approve" | "deny";
  readonly digest: string;
  readonly reason?: string | undefined;
}

/** Errors: FORBIDDEN, NOT_FOUND, CONFLICT for another digest or a request that is not open. */
export function decideApproval(state: PlanState, decision: ApprovalDecision, actor: Actor): PlanEvent[] {
  refuseUnlessPerson(actor, "decide an approval");
  const { approvalId } = decision;
  const task = state.waits.get(approvalId);
  const approval = task === undefined ? state.approval : task.approval;
  if (approval?.id !== approvalId || approval.status !== "open") {
    throw conflict(state, `Approval ${approvalId} is not open any more. Read the plan again.`, { approval_id: approvalId });
  }
  if (approval.digest !== decision.digest) {
    throw conflict(
      state,
      `Approval ${approvalId} is for digest ${approval.digest}, not for the one given. Look at what would run, then decide.`,
      {
        approval_id: approvalId,
        digest: approval.digest,
      },
    );
  }
  const reason = decision.reason === undefined ? {} : { reason: decision.reason };
  const decided = event("approval.decided", {
    approval_id: approvalId,
    ...(task && { task_id: task.id }),
    decision: decision.decision === "approve" ? "approved" : "denied",
    digest: decision.digest,
    by: actor.id,
    ...reason,
  });
  const follows = task === undefined ? planDecided(state, decision, actor) : taskDecided(task, decision, actor);
  return [decided, ...follows];
}

function planDecided(state: PlanState, decision: ApprovalDecision, actor: Actor): PlanEvent[] {
  if (decision.decision === "approve") return [event(state.phase === "approval" ? "plan.started" : "plan.resumed", { by: actor.id })];
  if (state.phase !== "approval") return [];
  return [event("plan.finished", { status: "failed", output: null, error: deniedError("The plan", decision, actor) })];
}

function taskDecided(task: TaskState, decision: ApprovalDecision, actor: Actor): PlanEvent[] {
  const isQuestion = task.shape.call.capability === "human.approve" && task.review?.fallback !== true;
  const isApproved = decision.decision === "approve";
  if (isQuestion && (isApproved || task.shape.call.params["continue_on_deny"] === true)) {
    const output = { approved: isApproved, by: actor.id, ...(decision.reason !== undefined && { reason: decision.reason }) };
    return [decideEngineResult(task, output, [], `${PERSON_TARGET}:${actor.id}`)];
  }
  if (isApproved) return [];
  return [event("task.failed", { task_id: task.id, attempt: task.attempt, error: deniedError(`Task ${task.id}`, decision, actor) })];
}

function deniedError(what: string, decision: ApprovalDecision, actor: Actor): ReturnType<typeof wireError> {
  const why = decision.reason === undefined ? "" : `: ${decision.reason}`;
  return wireError("POLICY_DENIED", `${what} was denied by ${actor.id}${why}.`, { approval_id: decision.approvalId });
}

export const REVIEW_CHOICES = ["accept", "retry", "fail"] as const;

/** Errors: FORBIDDEN, NOT_FOUND, BAD_REQUEST for an answer that does not fit, TOO_LARGE. */
export function decideAnswer(state: PlanState, inputId: string, answer: unknown, actor: Actor): PlanEvent[] {
  refuseUnlessPerson(actor, "answer");
  const task = state.waits.get(inputId);
  const input = task === undefined ? state.input : task.input;
  if (input?.id !== inputId) throw conflict(state, `Question ${inputId} is not open any more. Read the plan again.`, { input_id: inputId });
  refuseUnfit(input, answer);
  const prepared = prepareValue(answer);
  if (prepared.bytes > MAX_ANSWER_BYTES)
    throw new KosError("TOO_LARGE", `The answer has ${prepared.bytes} bytes; at most ${MAX_ANSWER_BYTES}. Put it into an artifact.`);
  const source = `person:${actor.id}`;
  const answered = event("input.answered", {
    input_id: inputId,
    ...(task && { task_id: task.id }),
    answer: labelled(prepared, [], source),
    by: actor.id,
  });
  if (input.purpose === "answer")
    return task === undefined ? [answered] : [answered, decideEngineResult(task, { answer, by: actor.id }, [], source)];
  if (reviewDecision(answer) !== "fail") return [answered];
  const error = wireError(
    "POLICY_DENIED",
    `${actor.id} rejected the result${task === undefined ? " of the plan" : ` of task ${task.id}`} after its review.`,
  );
  if (task === undefined) return [answered, event("plan.halted", { error })];
  return [answered, event("task.failed", { task_id: task.id, attempt: task.attempt, error })];
}

function reviewDecision(answer: unknown): unknown {
  return typeof answer === "object" && answer !== null && "decision" in answer ? answer.decision : answer;
}

function refuseUnfit(input: InputState, answer: unknown): void {
  if (input.purpose === "review") {
    const decision = reviewDecision(answer);
    if (input.choices?.includes(String(decision)) === true) return;
    throw new KosError("BAD_REQUEST", `The answer is one of ${input.choices?.join(", ") ?? ""}.`, { details: { choices: input.choices } });
  }
  if (input.choices !== undefined && !(typeof answer === "string" && input.choices.includes(answer))) {
    throw new KosError("BAD_REQUEST", `The answer is one of: ${input.choices.join(", ")}.`, { details: { choices: input.choices } });
  }
  if (typeof input.schema !== "object" || input.schema === null || fitsSchema(input.schema, answer)) return;
  const problems = schemaProblems(input.schema, answer, "$.answer");
  const [first] = problems;
  throw new KosError("BAD_REQUEST", `The answer does not fit: ${first?.path ?? "$.answer"}: ${first?.message ?? "wrong shape"}.`, {
    details: { problems: problems.map(({ path, message }) => ({ path, message })) },
  });
}

export interface Resolution {
  readonly taskId: string;
  readonly outcome: "succeeded" | "failed" | "run_again";
  readonly output: PreparedValue | undefined;
  readonly reason: string;
}

/** Errors: FORBIDDEN, NOT_FOUND, CONFLICT unless the task is in doubt. */
export function decideResolve(state: PlanState, resolution: Resolution, actor: Actor): PlanEvent[] {
  refuseUnlessPerson(actor, "settle a doubt");
  const { taskId, outcome, reason } = resolution;
  const task = findTask(state, taskId);
  if (task === undefined) throw notFound(state, `task ${taskId}`);
  if (task.status !== "in_doubt")
    throw conflict(state, `Task ${taskId} is ${task.status}, not in doubt: there is nothing to settle.`, { status: task.status });
  if (outcome === "run_again" && (state.cancelling !== undefined || state.halted !== undefined)) {
    throw conflict(state, `The plan is ending; settle task ${taskId} as succeeded or failed, then retry the plan.`);
  }
  if (outcome !== "succeeded") return [event("task.resolved", { task_id: taskId, outcome, by: actor.id, reason })];
  const output = resolution.output ?? prepareValue(null);
  return [
    event("task.resolved", {
      task_id: taskId,
      outcome,
      output: labelled(output, [], `person:${actor.id}`),
      output_hash: output.hash,
      output_bytes: output.bytes,
      by: actor.id,
      reason,
    }),
  ];
}

/** A person takes labels off an output, for whatever reads it from now on. */
export function decideDeclassify(state: PlanState, taskId: string, labels: readonly Label[], reason: string, actor: Actor): PlanEvent[] {
  refuseUnlessPerson(actor, "declassify a value");
  const task = findTask(state, taskId);
  if (task === undefined) throw notFound(state, `task ${taskId}`);
  if (state.phase === "finished" || task.output === undefined) throw conflict(state, `Task ${taskId} has no output in a plan that runs.`);
  const off = labels.filter((label) => task.output?.labels.includes(label));
  return off.length === 0 ? [] : [event("value.declassified", { task_id: taskId, labels: off, how: "person", by: actor.id, reason })];
}

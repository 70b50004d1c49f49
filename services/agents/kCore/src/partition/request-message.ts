// The messages that carry a call or a review to an agent.

import { type MessageToAgent, RECONCILE_SUFFIX } from "@kos/agent";
import { timeOf } from "../plan/iso-time.ts";
import { findTask, type PlanState, type TaskState } from "../plan/plan-state.ts";
import type { TaskDispatched } from "../plan/task-event.ts";
import type { PartitionCore } from "./partition-core.ts";

export function taskRequest(
  core: PartitionCore,
  state: PlanState,
  task: TaskState,
  dispatch: TaskDispatched,
  params: unknown,
  checkpoints: readonly unknown[] | undefined,
): MessageToAgent {
  const feedback = task.review?.feedback;
  const isReconcile = dispatch.mode === "reconcile";
  return {
    type: "TASK_REQUEST",
    plan_id: state.planId,
    task_id: task.id,
    ...traceOf(core, state),
    payload: {
      attempt: dispatch.attempt,
      lease_token: dispatch.lease_token,
      capability: isReconcile ? `${dispatch.capability}${RECONCILE_SUFFIX}` : dispatch.capability,
      params,
      labels: dispatch.labels,
      generation: dispatch.generation,
      timeout_ms: timeOf(dispatch.timeout_at) - core.nowMs,
      idempotency_key: core.ports.idempotencyKey({
        tenant: state.tenant,
        plan_id: state.planId,
        task_id: task.id,
        generation: dispatch.generation,
      }),
      fs_roots: state.grants.fs_roots,
      ...(feedback && { feedback }),
      ...(checkpoints && { checkpoints }),
    },
  };
}

export interface ReviewCall {
  readonly taskId: string;
  readonly token: string;
  readonly attempt: number;
  readonly capability: string;
  readonly params: unknown;
  readonly timeoutMs: number;
}

/** A call of a reviewer, or of a planner that looks for another way. */
export function reviewRequest(
  core: PartitionCore,
  state: PlanState,
  type: "REVIEW_REQUEST" | "PLAN_REQUEST",
  review: ReviewCall,
): MessageToAgent {
  const task = findTask(state, review.taskId);
  return {
    type,
    plan_id: state.planId,
    task_id: review.taskId,
    ...traceOf(core, state),
    payload: {
      attempt: review.attempt,
      lease_token: review.token,
      capability: review.capability,
      params: review.params,
      labels: task?.output?.labels ?? state.output?.labels ?? [],
      generation: task?.generation ?? 1,
      timeout_ms: review.timeoutMs,
      idempotency_key: `review:${review.token}`,
      fs_roots: [],
    },
  };
}

/** W3C traceparent; the span is this message's. */
function traceOf(core: PartitionCore, state: PlanState): { readonly trace?: string } {
  if (state.traceId === undefined) return {};
  core.tokens++;
  return { trace: `00-${state.traceId}-${core.tokens.toString(16).padStart(16, "0")}-01` };
}

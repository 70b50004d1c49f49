// Whether a person has to say yes to a call first, whether somebody has, and the question if nobody has ([R100]).

import type { FlowConcern, Label } from "@kos/plan";
import { callDigest } from "./call-digest.ts";
import { type DecideEnv, event } from "./decide-env.ts";
import type { PlanEvent } from "./plan-event.ts";
import type { PlanState, TaskState } from "./plan-state.ts";
import { labelled, type PreparedValue } from "./values.ts";

/** A decision that was not acted on within this time is asked again. */
const APPROVAL_TTL_MS = 600_000;

/** What a yes is for. */
export interface ApprovedCall {
  readonly capability: string;
  readonly params: PreparedValue;
  readonly labels: readonly Label[];
  /** Who would carry it out. */
  readonly target: string;
}

/** Why a person has to approve each call of this task; undefined when nobody has to. */
export function approvalReason(task: TaskState, concerns: readonly FlowConcern[]): string | undefined {
  const reasons = concerns.map((concern) => concern.reason);
  const { approval } = task.shape.task;
  if (approval === true) reasons.push("the plan asks for approval of this task");
  else if (typeof approval === "object") reasons.push(approval.reason ?? "the plan asks for approval of this task");
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join("; ");
}

/** The events that ask; undefined when a fresh yes to exactly this call is there. */
export function askUnlessApproved(
  state: PlanState,
  task: TaskState,
  call: ApprovedCall,
  reason: string,
  env: DecideEnv,
): PlanEvent[] | undefined {
  const digest = callDigest(state, task, call.capability, call.params.hash, call.target);
  const { approval } = task;
  const events: PlanEvent[] = [];
  if (approval !== undefined) {
    const isFresh = Math.abs(env.nowMs - approval.decidedAtMs) <= APPROVAL_TTL_MS;
    if (approval.status === "approved" && approval.digest === digest && isFresh) return undefined;
    const cause = approval.digest === digest ? "stale" : "changed";
    events.push(event("approval.expired", { approval_id: approval.id, task_id: task.id, cause }));
  }
  events.push(
    event("approval.requested", {
      approval_id: env.newId(),
      kind: "call",
      task_id: task.id,
      digest,
      title: task.shape.task.title,
      reason,
      capability: call.capability,
      target: call.target,
      generation: task.generation,
      params: labelled(call.params, call.labels, "params"),
    }),
  );
  return events;
}

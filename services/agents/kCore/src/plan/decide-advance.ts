// Decides what follows by itself once nothing else does: items join, a failed or cancelled plan ends, a plan that is through gives its output.

import type { WireError } from "@kos/klp";
import { isKosError, toWireError } from "@kos/klp";
import { joinLabels, resolveReferences } from "@kos/plan";
import { joinedHash } from "./decide-dispatch.ts";
import { type DecideEnv, event } from "./decide-env.ts";
import { voidWaits } from "./decide-void.ts";
import type { PlanEvent, PlanFinished } from "./plan-event.ts";
import { hasEnded, type PlanState, type TaskState, underWay } from "./plan-state.ts";
import { labelled, labelsOfTask, outputNamed, type PreparedValue, prepareValue, type ReadOutput } from "./values.ts";

/** Asked again after every event until it has nothing to say. */
export function decideAdvance(state: PlanState): PlanEvent[] {
  if (state.phase !== "active") return [];
  const events: PlanEvent[] = [];
  for (const task of state.joinable) {
    const labels = joinLabels(task.labels, ...(task.items?.list ?? []).map(labelsOfTask));
    events.push(event("task.joined", { task_id: task.id, output_hash: joinedHash(task), labels }));
  }
  if (events.length > 0) return events;
  if (underWay(state) > 0 || state.counts.in_doubt > 0 || (state.cancelling === undefined && state.halted === undefined)) return [];
  const unasked = tasksAndItems(state).filter((task) => task.reconciling && !hasEnded(task.status));
  if (unasked.length > 0)
    return unasked.map((task) => event("task.in_doubt", { task_id: task.id, attempt: task.attempt, cause: "unknown" }));
  if (state.cancelling !== undefined) {
    const { reason } = state.cancelling;
    return finishEvents(state, "cancelled", { code: "CANCELLED", message: `The plan was cancelled: ${reason}.`, retryable: false });
  }
  return state.halted === undefined ? [] : finishEvents(state, "failed", state.halted);
}

function tasksAndItems(state: PlanState): readonly TaskState[] {
  return state.tasks.flatMap((task) => (task.items === undefined ? [task] : task.items.list));
}

export function finishEvents(state: PlanState, status: "failed" | "cancelled", error: WireError): PlanEvent[] {
  const events = voidWaits(state);
  for (const task of state.tasks) {
    if (task.items?.error === undefined || hasEnded(task.status)) continue;
    events.push(event("task.failed", { task_id: task.id, attempt: task.attempt, error: task.items.error }));
  }
  events.push(event("plan.finished", { status, output: null, error }));
  return events;
}

/** True when every task is through and only the plan's own output is missing. */
export function wantsOutput(state: PlanState): boolean {
  const mayEnd =
    state.phase === "active" && state.open === 0 && state.halted === undefined && state.cancelling === undefined && !state.paused;
  return mayEnd && state.joinable.size === 0 && (state.outputAccepted || state.review === undefined);
}

export type PlanOutput = { readonly output: PreparedValue; readonly labels: PlanFinished["output"] } | { readonly error: WireError };

/** What the plan gives back. An output that does not resolve fails the plan. */
export function preparePlanOutput(state: PlanState, read: ReadOutput): PlanOutput {
  const { graph } = state.shape;
  try {
    const { value, labels } = resolveReferences(graph.output, (name) => outputNamed(state, name, read), {
      at: "$.output",
      labels: graph.labels ?? [],
    });
    const output = prepareValue(value);
    return { output, labels: labelled(output, labels, "plan") };
  } catch (error) {
    if (!isKosError(error)) throw error;
    return { error: { ...toWireError(error), retryable: false } };
  }
}

/** The output is reviewed first where the plan has criteria. */
export function decideOutput(state: PlanState, prepared: PlanOutput, env: DecideEnv): PlanEvent[] {
  if (!wantsOutput(state)) return [];
  if ("error" in prepared) return [event("plan.halted", { error: prepared.error })];
  const { output, labels: value } = prepared;
  if (value === null) return [];
  const common = { output: value, output_hash: output.hash, output_bytes: output.bytes };
  if ((state.shape.graph.criteria ?? []).length > 0 && !state.outputAccepted) {
    return [event("review.requested", { review_id: env.newId(), attempt: 1, round: 1, artifacts: [], ...common })];
  }
  return [event("plan.finished", { status: "succeeded", ...common })];
}

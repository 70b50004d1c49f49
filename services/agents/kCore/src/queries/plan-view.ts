// What doors show of a plan and its tasks, in the shapes of the API.

import type { Approval, InputRequest, PlanView, TaskView } from "@kos/api";
import type { Plan } from "@kos/plan";
import { hasEnded, type PlanState, statusOf, type TaskState } from "../plan/plan-state.ts";
import type { ReadApproval, ReadInput, ReadPlan } from "./plan-reader.ts";

/** Items of one task shown in a plan at most; ended ones are left out first. */
const MAX_ITEMS_SHOWN = 500;

export function planDocument(state: PlanState): Plan {
  const { graph } = state.shape;
  return {
    plan_id: state.planId,
    ...graph,
    // Subtasks have been added to what was submitted.
    tasks: state.shape.tasks.map((shape) => shape.task),
    status: statusOf(state),
    created_by: state.createdBy,
    created_at: iso(state.createdAtMs),
    hash: state.hash,
  };
}

export function planView(plan: ReadPlan, output: unknown): PlanView {
  const { state } = plan;
  const verdict = plan.verdicts.get("output");
  return {
    plan: planDocument(state),
    tasks: state.tasks.flatMap((task) => [task, ...shownItems(task)]).map((task) => taskView(plan, task)),
    approvals: [...plan.approvals.values()].map((approval) => approvalView(state.planId, approval)),
    inputs: [...plan.inputs.values()].map((input) => inputView(state.planId, input)),
    ...(output !== undefined && { output }),
    ...(state.error && { error: { ...state.error, plan_id: state.planId } }),
    ...(verdict && { verdict }),
    ...(state.schedule && { schedule: { ...state.schedule, notes: [...state.schedule.notes] } }),
    ...(state.startedAtMs > 0 && { started_at: iso(state.startedAtMs) }),
    ...(state.endedAtMs > 0 && { ended_at: iso(state.endedAtMs) }),
    seq: state.seq,
  };
}

function shownItems(task: TaskState): readonly TaskState[] {
  const list = task.items?.list ?? [];
  if (list.length <= MAX_ITEMS_SHOWN) return list;
  const notable = list.filter((item) => item.status !== "pending" && item.status !== "succeeded");
  return notable.slice(0, MAX_ITEMS_SHOWN);
}

export function taskView(plan: ReadPlan, task: TaskState): TaskView {
  const { task: definition } = task.shape;
  const verdict = plan.verdicts.get(task.id);
  return {
    task_id: task.id,
    title: definition.title,
    capability: definition.capability,
    status: task.status,
    ...(task.agent !== undefined && { agent: task.agent }),
    attempt: task.attempt,
    generation: task.generation,
    depends_on: task.item >= 0 ? [] : task.shape.needs.map((need) => plan.state.shape.tasks[need]?.task.task_id ?? ""),
    ...(task.parent !== undefined && { parent_id: task.parent.id }),
    ...(task.parent === undefined && definition.parent_id !== undefined && { parent_id: definition.parent_id }),
    ...(task.items && { items_total: task.items.list.length, items_done: task.items.list.length - task.items.left }),
    ...(task.readyAtMs > 0 && { ready_at: iso(task.readyAtMs) }),
    ...(task.startedAtMs > 0 && { started_at: iso(task.startedAtMs) }),
    ...(task.endedAtMs > 0 && { ended_at: iso(task.endedAtMs) }),
    ...(task.retryAtMs > 0 && { retry_at: iso(task.retryAtMs) }),
    labels: [...(task.output?.labels ?? task.labels)],
    ...(task.output && hasEnded(task.status) && { output_hash: task.output.hash }),
    ...(task.error && { error: { ...task.error, task_id: task.id, plan_id: plan.state.planId } }),
    ...(verdict && { verdict }),
  };
}

export function approvalView(planId: string, { requested, requestedAtMs, decided, decidedAtMs, isVoid }: ReadApproval): Approval {
  const { approval_id, task_id, kind, digest, title, reason, capability, target, generation, params } = requested;
  const subject = capability === undefined ? undefined : { capability, target, generation, params: params?.value ?? params?.blob };
  return {
    approval_id,
    plan_id: planId,
    ...(task_id !== undefined && { task_id }),
    kind,
    status: isVoid ? "void" : (decided?.decision ?? "open"),
    digest,
    title,
    reason,
    ...(subject && { subject }),
    requested_at: iso(requestedAtMs),
    ...(decidedAtMs !== undefined && { decided_at: iso(decidedAtMs) }),
    ...(decided && { decided_by: decided.by }),
  };
}

export function inputView(planId: string, { requested, requestedAtMs, status }: ReadInput): InputRequest {
  const { input_id, task_id, question, schema, choices } = requested;
  return {
    input_id,
    plan_id: planId,
    task_id: task_id ?? "output",
    question,
    ...(schema !== undefined && { schema }),
    ...(choices && { choices: [...choices] }),
    status,
    requested_at: iso(requestedAtMs),
  };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

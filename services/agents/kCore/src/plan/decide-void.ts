// Closes what people were still asked when it does not matter any more, so that no open question outlives its reason.

import { event } from "./decide-env.ts";
import type { PlanEvent } from "./plan-event.ts";
import type { PlanState, TaskState } from "./plan-state.ts";

/** The open approval or question of one task. */
export function voidWait(task: TaskState): PlanEvent[] {
  const events: PlanEvent[] = [];
  if (task.approval?.status === "open")
    events.push(event("approval.expired", { approval_id: task.approval.id, task_id: task.id, cause: "void" }));
  if (task.input !== undefined) events.push(event("input.expired", { input_id: task.input.id, task_id: task.id, cause: "void" }));
  return events;
}

/** Everything the plan waits for. */
export function voidWaits(state: PlanState): PlanEvent[] {
  const events: PlanEvent[] = [];
  if (state.approval?.status === "open") events.push(event("approval.expired", { approval_id: state.approval.id, cause: "void" }));
  if (state.input !== undefined) events.push(event("input.expired", { input_id: state.input.id, cause: "void" }));
  for (const task of state.waits.values()) if (task !== undefined) events.push(...voidWait(task));
  return events;
}

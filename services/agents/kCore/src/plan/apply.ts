// Turns events into state. Pure but for the state object itself, which it changes in place; applying a stream again gives an equal state.

import { KosError } from "@kos/klp";
import { applyPlanEvent, createPlanState } from "./apply-plan.ts";
import { applyTaskEvent } from "./apply-task.ts";
import { applyWaitEvent } from "./apply-wait.ts";
import type { EventContext } from "./event-context.ts";
import type { PlanEvent } from "./plan-event.ts";
import type { PlanState } from "./plan-state.ts";

/** The state after the event. `undefined` stands for a plan without events; only `plan.created` can follow it. */
export function apply(state: PlanState | undefined, event: PlanEvent, context: EventContext): PlanState {
  if (state === undefined) {
    if (event.type !== "plan.created") throw new KosError("INTERNAL", `A plan begins with plan.created, not ${event.type}.`);
    return createPlanState(event.payload, context);
  }
  state.seq++;
  if (event.type.startsWith("task.")) applyTaskEvent(state, event, context.atMs);
  else if (event.type.startsWith("plan.") || event.type === "subtasks.added") applyPlanEvent(state, event, context.atMs);
  else applyWaitEvent(state, event, context.atMs);
  return state;
}

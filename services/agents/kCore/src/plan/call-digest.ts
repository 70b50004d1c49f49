// What a call approval binds.

import { canonicalJson, hashText } from "@kos/klp";
import type { PlanState, TaskState } from "./plan-state.ts";

/** hash(actor, capability, resolved params, target, generation), within this plan and task ([R100]). */
export function callDigest(state: PlanState, task: TaskState, capability: string, paramsHash: string, target: string): string {
  return hashText(
    canonicalJson({
      actor: state.createdBy,
      capability,
      generation: task.generation,
      params: paramsHash,
      plan: state.planId,
      target,
      task: task.id,
    }),
  );
}

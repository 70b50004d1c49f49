// The plans that are measured.

import type { PlanGraph, Task } from "@kos/plan";
import { STEPS_PER_PLAN } from "../../peers/src/peer.ts";
import { HANG, STEP } from "./bench-agent.ts";

/** Ten steps, each after the one before. Every plan is another document, so that each is checked and none is known already. */
export function sequentialPlan(name: string): PlanGraph {
  const tasks = Array.from({ length: STEPS_PER_PLAN }, (_, index) =>
    task(name, `step${index + 1}`, STEP, index, index === 0 ? [] : [`step${index}`]),
  );
  return { goal: name, strategy: "explicit", tasks, output: `\${step${STEPS_PER_PLAN}}` };
}

/** So many items of one task at once, then a task that needs them all. */
export function fanOutPlan(name: string, items: number): PlanGraph {
  const list = Array.from({ length: items }, (_, index) => index);
  return {
    goal: name,
    strategy: "explicit",
    tasks: [
      { ...task(name, "fan", STEP, 0, []), params: { plan: name, n: "${item}" }, for_each: list },
      task(name, "join", STEP, 0, ["fan"]),
    ],
    output: "${join}",
  };
}

/** Ten tasks, the first of which is under way and does not end. */
export function openPlan(name: string): PlanGraph {
  const tasks = Array.from({ length: STEPS_PER_PLAN }, (_, index) =>
    task(name, `step${index + 1}`, index === 0 ? HANG : STEP, index, index === 0 ? [] : [`step${index}`]),
  );
  return { goal: name, strategy: "explicit", tasks, output: `\${step${STEPS_PER_PLAN}}` };
}

function task(plan: string, id: string, capability: string, n: number, dependsOn: readonly string[]): Task {
  return { task_id: id, title: `Step ${id}`, capability, params: { plan, n }, depends_on: [...dependsOn] };
}

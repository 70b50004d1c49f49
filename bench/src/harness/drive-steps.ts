// Plans whose steps are awaited here, as floors have them.

import { type PlanRun, STEPS_PER_PLAN } from "../../peers/src/peer.ts";
import { createStepTimes } from "../../peers/src/step-times.ts";

/** `concurrency` plans at once until `plans` have ended; a plan's next step begins when the one before is done. */
export function driveSteps(concurrency: number, plans: number, step: (plan: number, step: number) => Promise<void>): Promise<PlanRun> {
  const times = createStepTimes();
  return times.drive(concurrency, plans, async (name, plan) => {
    for (let index = 1; index <= STEPS_PER_PLAN; index++) {
      await step(plan, index);
      times.mark(name);
    }
  });
}

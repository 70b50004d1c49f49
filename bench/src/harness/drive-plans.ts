// Runs plans of sequential steps, so many at once, and keeps how long each step took.

import { perSecond } from "./rate.ts";
import { quantile } from "./statistics.ts";

export const STEPS_PER_PLAN = 10;

export interface PlanRun {
  readonly steps: number;
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
}

/** `concurrency` plans at once until `plans` have ended; a plan's next step begins when the one before is done. */
export async function drivePlans(
  concurrency: number,
  plans: number,
  step: (plan: number, step: number) => Promise<void>,
): Promise<PlanRun> {
  const latenciesMs: number[] = [];
  let next = 0;
  const start = performance.now();
  const lane = async (): Promise<void> => {
    for (let plan = next++; plan < plans; plan = next++) {
      let before = performance.now();
      for (let index = 1; index <= STEPS_PER_PLAN; index++) {
        await step(plan, index);
        const now = performance.now();
        latenciesMs.push(now - before);
        before = now;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, plans) }, () => lane()));
  return { steps: plans * STEPS_PER_PLAN, elapsedMs: performance.now() - start, latenciesMs };
}

/** As a reading: `<id>_rate`, `<id>_p50`, `<id>_p99`. */
export function planReading(id: string, { steps, elapsedMs, latenciesMs }: PlanRun): Readonly<Record<string, number>> {
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  return { [`${id}_rate`]: perSecond(steps, elapsedMs), [`${id}_p50`]: quantile(sorted, 0.5), [`${id}_p99`]: quantile(sorted, 0.99) };
}

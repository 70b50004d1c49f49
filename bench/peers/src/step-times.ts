// Runs plans in lanes and notes when each step of each plan ran.

import { type PlanRun, STEPS_PER_PLAN } from "./peer.ts";

export interface StepTimes {
  /** Called by the body of a step. */
  mark(plan: string): void;
  /** `run` resolves when the plan has ended. */
  drive(concurrency: number, plans: number, run: (plan: string, index: number) => Promise<unknown>): Promise<PlanRun>;
}

export function createStepTimes(): StepTimes {
  const last = new Map<string, number>();
  let latenciesMs: number[] = [];
  let turn = 0;
  return {
    mark(plan) {
      const before = last.get(plan);
      if (before === undefined) return;
      const now = performance.now();
      latenciesMs.push(now - before);
      last.set(plan, now);
    },
    async drive(concurrency, plans, run) {
      latenciesMs = [];
      const prefix = `plan-${turn++}`;
      const start = performance.now();
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let index = next++; index < plans; index = next++) {
          const plan = `${prefix}-${index}`;
          last.set(plan, performance.now());
          await run(plan, index);
          last.delete(plan);
        }
      };
      await Promise.all(Array.from({ length: Math.min(concurrency, plans) }, () => lane()));
      const elapsedMs = performance.now() - start;
      const steps = plans * STEPS_PER_PLAN;
      // A system that does not run every step is not being measured.
      if (latenciesMs.length !== steps) throw new Error(`${latenciesMs.length} steps ran where ${steps} should have`);
      return { steps, elapsedMs, latenciesMs };
    },
  };
}

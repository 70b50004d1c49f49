// A run of plans as figures.

import type { PlanRun } from "../../peers/src/peer.ts";
import type { FigureSpec, Reading, Target } from "./figure.ts";
import { watchProcessorTime } from "./processor-time.ts";
import { perSecond } from "./rate.ts";
import { quantile } from "./statistics.ts";

/** Runs plans and reads them: `<id>_rate`, `<id>_p50`, `<id>_p99`, and `<id>_cpu`, the processor time of a step in this process. */
export async function measurePlans(id: string, run: () => Promise<PlanRun>): Promise<Reading> {
  const since = watchProcessorTime();
  const done = await run();
  return { ...planReading(id, done), [`${id}_cpu`]: since() / done.steps };
}

/** `<id>_rate`, `<id>_p50`, `<id>_p99`. */
export function planReading(id: string, { steps, elapsedMs, latenciesMs }: PlanRun): Reading {
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  return { [`${id}_rate`]: perSecond(steps, elapsedMs), [`${id}_p50`]: quantile(sorted, 0.5), [`${id}_p99`]: quantile(sorted, 0.99) };
}

export interface PlanFigures {
  readonly id: string;
  readonly title: string;
  /** Id of the run they stand beside. */
  readonly beside?: string;
  readonly unit?: string;
  readonly rate?: Target;
  readonly p50?: Target;
  readonly cpu?: boolean;
}

export function planFigures({ id, title, beside, unit = "steps/s", rate, p50, cpu = false }: PlanFigures): readonly FigureSpec[] {
  const next = (kind: string) => (beside === undefined ? {} : { beside: `${beside}_${kind}` });
  return [
    { id: `${id}_rate`, title, unit, better: "higher", ...next("rate"), ...(rate && { target: rate }) },
    { id: `${id}_p50`, title: `${title}, p50`, unit: "ms", better: "lower", ...next("p50"), ...(p50 && { target: p50 }) },
    { id: `${id}_p99`, title: `${title}, p99`, unit: "ms", better: "lower", ...next("p99") },
    ...(cpu ? [{ id: `${id}_cpu`, title: `${title}, processor time a step`, unit: "µs", better: "lower", ...next("cpu") } as const] : []),
  ];
}

// A run of plans as figures.

import type { PlanRun } from "../../peers/src/peer.ts";
import type { FigureSpec, Reading, Target } from "./figure.ts";
import { perSecond } from "./rate.ts";
import { quantile } from "./statistics.ts";

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
}

export function planFigures({ id, title, beside, unit = "steps/s", rate, p50 }: PlanFigures): readonly FigureSpec[] {
  const next = (kind: string) => (beside === undefined ? {} : { beside: `${beside}_${kind}` });
  return [
    { id: `${id}_rate`, title, unit, better: "higher", ...next("rate"), ...(rate && { target: rate }) },
    { id: `${id}_p50`, title: `${title}, p50`, unit: "ms", better: "lower", ...next("p50"), ...(p50 && { target: p50 }) },
    { id: `${id}_p99`, title: `${title}, p99`, unit: "ms", better: "lower", ...next("p99") },
  ];
}

// What a step costs in operations. The same on every machine; operation-counts.test.ts holds them to a bound.

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { countsPerItem, countsPerStep, type OperationCounts } from "../engine/operation-counts.ts";
import type { FigureSpec, Reading, Suite } from "../harness/figure.ts";

const KINDS = [
  ["commits", "commits"],
  ["events", "events"],
  ["rows", "rows"],
  ["statements", "SQL statements"],
  ["bytes", "bytes of events and rows"],
] as const satisfies readonly (readonly [keyof OperationCounts, string])[];

export const counts: Suite = {
  name: "counts",
  title: "Operations, counted: do not depend on the machine",
  figures: [
    ...figures("step", "a step of a plan of 10, one plan at a time"),
    ...figures("item", "an item of a fan-out of 1,000"),
    { id: "event_bytes", title: "bytes an event, its rows included", unit: "", better: "lower" },
  ],
  open({ folder }) {
    const contender = {
      name: "counts",
      async measure(): Promise<Reading> {
        const step = await countsPerStep(mkdtempSync(join(folder, "step-")));
        const item = await countsPerItem(mkdtempSync(join(folder, "item-")), 1_000);
        return { ...reading("step", step), ...reading("item", item), event_bytes: step.bytes / step.events };
      },
    };
    return Promise.resolve({ contenders: [contender], warmUps: 0, [Symbol.asyncDispose]: () => Promise.resolve() });
  },
};

function figures(id: string, of: string): readonly FigureSpec[] {
  return KINDS.map(([kind, title]) => ({ id: `${id}_${kind}`, title: `${title}: ${of}`, unit: "", better: "lower" }));
}

function reading(id: string, operations: OperationCounts): Reading {
  return Object.fromEntries(KINDS.map(([kind]) => [`${id}_${kind}`, operations[kind]]));
}

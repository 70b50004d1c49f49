// Brings events of older versions to today's form. Pure. An event whose payload changes its meaning gets a number `v` in the new form and a
// step here from the old one; the golden history shows that old logs still replay ([R114]).

import { KosError } from "@kos/klp";
import { PLAN_EVENT_TYPES, type PlanEvent, type PlanEventType } from "./plan-event.ts";

type Step = (payload: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/** By type: the steps from version 1 on. */
const STEPS: { readonly [Type in PlanEventType]?: readonly Step[] } = {};

const KNOWN: ReadonlySet<string> = new Set(PLAN_EVENT_TYPES);

/** Errors: STORE_NEWER for a type this version does not know. */
export function upcast(type: string, payload: unknown): PlanEvent {
  if (!KNOWN.has(type)) {
    throw new KosError("STORE_NEWER", `The log holds an event ${type}, which this version does not know. Start the newer version.`);
  }
  let current = payload as Readonly<Record<string, unknown>>;
  const steps = STEPS[type as PlanEventType] ?? [];
  const version = typeof current["v"] === "number" ? current["v"] : 1;
  for (const step of steps.slice(version - 1)) current = step(current);
  return { type, payload: current } as unknown as PlanEvent;
}

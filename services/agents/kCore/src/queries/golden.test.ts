import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PLAN_EVENT_TYPES } from "../plan/plan-event.ts";
import { upcast } from "../plan/upcast.ts";
import { type ReadPlan, takeEvent } from "./plan-reader.ts";
import { planView } from "./plan-view.ts";

interface GoldenPlan {
  readonly plan_id: string;
  readonly events: readonly { readonly type: string; readonly at: string; readonly payload: string }[];
  readonly view: unknown;
}

const folder = new URL("../../golden/", import.meta.url);
const histories = readdirSync(folder).filter((name) => name.endsWith(".json"));

function readHistory(name: string): readonly GoldenPlan[] {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as readonly GoldenPlan[];
}

function replayed({ plan_id: planId, events }: GoldenPlan): ReadPlan | undefined {
  let plan: ReadPlan | undefined;
  for (const { type, at, payload } of events) plan = takeEvent(plan, upcast(type, JSON.parse(payload)), planId, "local", Date.parse(at));
  return plan;
}

describe("golden histories", () => {
  it.each(histories)("[R114] %s replays to the state it had when it was written", (name) => {
    const plans = readHistory(name);
    expect(plans.length).toBeGreaterThan(0);
    for (const golden of plans) {
      const plan = replayed(golden);
      expect(plan && JSON.parse(JSON.stringify(planView(plan, undefined)))).toEqual(golden.view);
    }
  });

  it("hold every kind of event there is: a new kind comes with a new history (golden/README.md)", () => {
    const types = new Set(histories.flatMap(readHistory).flatMap((plan) => plan.events.map((event) => event.type)));
    expect(PLAN_EVENT_TYPES.filter((type) => !types.has(type))).toEqual([]);
  });

  it("refuses a history of a newer version instead of guessing", () => {
    expect(() => upcast("task.teleported", {})).toThrow(expect.objectContaining({ code: "STORE_NEWER" }));
  });
});

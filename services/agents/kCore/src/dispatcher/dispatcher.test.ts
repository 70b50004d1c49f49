import { describe, expect, it } from "vitest";
import { AgentRegistry } from "../registry/agent-registry.ts";
import { SIM_AGENTS } from "../simulation/sim-capabilities.ts";
import { callKind, Dispatcher, type Slot, type Waiter } from "./dispatcher.ts";

const LIMITS = { breakerThreshold: 2, breakerOpenMs: 1000 };
const calc = callKind("calc.pure", undefined);

function open() {
  const registry = new AgentRegistry();
  for (const agent of SIM_AGENTS) registry.register(agent, 0);
  return { registry, dispatcher: new Dispatcher(registry, LIMITS) };
}

describe("dispatcher", () => {
  it("gives out no more than the agents and the capability allow", () => {
    const { dispatcher } = open();
    const slots = Array.from({ length: 10 }, () => dispatcher.acquire(calc, 0, false)).filter((slot) => slot !== undefined);
    expect(slots).toHaveLength(6); // four of one agent, two of the other
    const posts = Array.from({ length: 5 }, () => dispatcher.acquire(callKind("web.post", undefined), 0, false)).filter(
      (slot) => slot !== undefined,
    );
    expect(posts).toHaveLength(2); // max_concurrent
  });

  it("sends a call only to the agent that the plan names", () => {
    const { dispatcher } = open();
    const far = callKind("calc.pure", "kExecutor:far");
    expect([1, 2, 3].map(() => dispatcher.acquire(far, 0, false)?.agent)).toEqual(["kExecutor:far", "kExecutor:far", undefined]);
    expect(dispatcher.acquire(callKind("calc.pure", "kExecutor:none"), 0, false)).toBeUndefined();
  });

  it("serves waiting plans in turn, one call each, and lets nobody jump the line", () => {
    const { dispatcher } = open();
    const busy = Array.from({ length: 6 }, () => dispatcher.acquire(calc, 0, false)).filter((slot): slot is Slot => slot !== undefined);
    const left = new Map([
      ["p1", 3],
      ["p2", 1],
      ["p3", 2],
    ]);
    const served: string[] = [];
    const waiter: Waiter = {
      serve(planId) {
        if (dispatcher.acquire(calc, 0, true) === undefined) return "no_slot";
        served.push(planId);
        left.set(planId, (left.get(planId) ?? 0) - 1);
        return (left.get(planId) ?? 0) > 0 ? "more" : "none";
      },
    };
    for (const planId of left.keys()) dispatcher.wait("calc.pure", waiter, planId);
    for (const slot of busy) {
      dispatcher.release(slot, "ok", 0);
      expect(dispatcher.acquire(calc, 0, false)).toBeUndefined();
      dispatcher.pump(0);
    }
    expect(served).toEqual(["p1", "p2", "p3", "p1", "p3", "p1"]);
  });

  it("gives nothing to agents that are paused or offline, and goes on when they are back", () => {
    const { registry, dispatcher } = open();
    for (const record of registry.agents()) record.imposed = "paused";
    expect(dispatcher.acquire(calc, 0, false)).toBeUndefined();
    const main = registry.agent("kExecutor:main");
    if (main !== undefined) main.imposed = undefined;
    expect(dispatcher.acquire(calc, 0, false)?.agent).toBe("kExecutor:main");
  });

  it("[R118] opens the circuit after failures in a row, lets one probe through later, and closes it with a success", () => {
    const { dispatcher } = open();
    const fail = (nowMs: number) => {
      const slot = dispatcher.acquire(calc, nowMs, false);
      return slot !== undefined && dispatcher.release(slot, "failed", nowMs);
    };
    expect([fail(0), fail(0)]).toEqual([false, true]);
    expect(dispatcher.acquire(calc, 999, false)).toBeUndefined();
    expect(dispatcher.nextProbeMs()).toBe(1000);
    const probe = dispatcher.acquire(calc, 1000, false);
    expect(probe).toBeDefined();
    expect(dispatcher.acquire(calc, 1000, false)).toBeUndefined();
    if (probe !== undefined) dispatcher.release(probe, "ok", 1000);
    expect(dispatcher.acquire(calc, 1000, false)).toBeDefined();
  });

  it("gives out nothing once it is closed", () => {
    const { dispatcher } = open();
    dispatcher.close();
    expect(dispatcher.acquire(calc, 0, false)).toBeUndefined();
  });
});

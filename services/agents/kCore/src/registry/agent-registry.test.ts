import { describe, expect, it } from "vitest";
import { SIM_AGENTS } from "../simulation/sim-capabilities.ts";
import { AgentRegistry } from "./agent-registry.ts";

function open() {
  const registry = new AgentRegistry();
  for (const agent of SIM_AGENTS) registry.register(agent, 0);
  const record = (id: string) => {
    const found = registry.agent(id);
    if (found === undefined) throw new Error(id);
    return found;
  };
  return { registry, record };
}

describe("agent registry", () => {
  it("marks a remote agent offline after three missed heartbeats, and ready with the next one", () => {
    const { registry, record } = open();
    registry.heartbeat("kExecutor:far", 5_000, undefined);
    expect(registry.sweep(35_000)).toEqual([]);
    expect(registry.sweep(35_001)).toEqual(["kExecutor:far"]);
    expect(registry.stateOf(record("kExecutor:far"))).toBe("offline");
    registry.heartbeat("kExecutor:far", 40_000, undefined);
    expect(registry.stateOf(record("kExecutor:far"))).toBe("ready");
  });

  it("expects heartbeats of a local agent only while it has work in a process", () => {
    const { registry, record } = open();
    expect(registry.sweep(100_000)).toEqual(["kExecutor:far"]);
    registry.heartbeat("kExecutor:main", 100_000, undefined);
    expect(registry.sweep(200_000)).toEqual([]);
    registry.count("kExecutor:main", 1, 200_000);
    expect(registry.sweep(229_000)).toEqual([]);
    expect(registry.sweep(231_000)).toEqual(["kExecutor:main"]);
    expect(registry.holds("kExecutor:main", "any")).toBe(false);
    expect(registry.isUsable(record("kExecutor:main"))).toBe(true);
    expect(registry.isUsable(record("kExecutor:far"))).toBe(false);
    registry.count("kExecutor:main", -1, 231_000);
    registry.sweep(232_000);
    expect(registry.stateOf(record("kExecutor:main"))).toBe("ready");
  });

  it("is busy while it holds calls, and what a person imposed stands above that", () => {
    const { registry, record } = open();
    registry.count("kExecutor:main", 1, 0);
    expect(registry.stateOf(record("kExecutor:main"))).toBe("busy");
    record("kExecutor:main").imposed = "quarantined";
    expect(registry.stateOf(record("kExecutor:main"))).toBe("quarantined");
    expect(registry.holds("kExecutor:main", "any")).toBe(false);
  });

  it("resolves a capability to the agents that offer it, and refuses two versions of one", () => {
    const { registry } = open();
    expect(registry.agentsFor("calc.pure")).toEqual(["kExecutor:main", "kExecutor:far"]);
    const [first] = SIM_AGENTS;
    if (first === undefined) throw new Error("no agents");
    expect(() => registry.register({ ...first, id: "kExecutor:new", version: "2.0.0" }, 0)).toThrow(
      expect.objectContaining({ code: "CONFLICT" }),
    );
    registry.register({ ...first, capabilities: [] }, 0);
    expect(registry.agentsFor("calc.pure")).toEqual(["kExecutor:far"]);
    expect(registry.offer("web.read")).toBeUndefined();
  });
});

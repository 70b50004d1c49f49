import type { EventLog, StoredEvent } from "@kos/store";
import { describe, expect, it } from "vitest";
import { ADA, openTestEngine } from "../engine/engine.fixture.ts";
import { PlanReader } from "./plan-reader.ts";

type StreamQuery = Parameters<EventLog["readStream"]>[0];

describe("plan reader", () => {
  it("shows to whoever asks after a change that change, also while somebody else is reading", async () => {
    const test = await openTestEngine();
    const planId = await test.run([{ task_id: "ask", capability: "human.ask", params: { question: "?" } }]);
    const gates: (() => void)[] = [];
    const { log } = test.store;
    const slow = {
      async readStream(query: StreamQuery): Promise<readonly StoredEvent[]> {
        const events = await log.readStream(query);
        await new Promise<void>((resolve) => void gates.push(resolve));
        return events;
      },
    } as unknown as EventLog;
    const reader = new PlanReader({
      log: slow,
      blobs: { put: () => Promise.reject(new Error("none")), get: () => Promise.reject(new Error("none")) },
      partitionOf: () => 0,
    });
    const early = reader.read("local", planId);
    await test.settle();
    await test.engine.command(ADA, { kind: "pause", planId });
    const late = [reader.read("local", planId), reader.read("local", planId)];
    const open = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) {
        for (const gate of gates.splice(0)) gate();
        await test.settle();
      }
    };
    await open();
    await early;
    for (const plan of await Promise.all(late)) expect(plan.state.paused).toBe(true);
  });

  it("does not let one failed reading spoil the next", async () => {
    const test = await openTestEngine();
    const planId = await test.run([{ task_id: "ask", capability: "human.ask", params: { question: "?" } }]);
    let failures = 1;
    const log = {
      readStream: (query: StreamQuery) => (failures-- > 0 ? Promise.reject(new Error("once")) : test.store.log.readStream(query)),
    } as unknown as EventLog;
    const reader = new PlanReader({
      log,
      blobs: { put: () => Promise.reject(new Error("none")), get: () => Promise.reject(new Error("none")) },
      partitionOf: () => 0,
    });
    const [first, second] = await Promise.allSettled([reader.read("local", planId), reader.read("local", planId)]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
  });
});

// Memory that an open plan of ten tasks takes: one whose call is under way elsewhere, and one that waits for a person.

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { benchAgent, hangingAgent } from "../engine/bench-agent.ts";
import { openBenchEngine } from "../engine/bench-engine.ts";
import { openPlan } from "../engine/bench-plan.ts";
import type { Suite } from "../harness/figure.ts";

const CALLER = { tenant: "local", id: "person:owner", kind: "person" } as const;

export const engineMemory: Suite = {
  name: "engine-memory",
  title: "Engine: memory of an open plan of 10 tasks (heap and buffers of the process after a collection)",
  figures: [
    { id: "running", title: "a call is under way", unit: "kB/plan", better: "lower", target: { of: "value", must: 12, aim: 5 } },
    { id: "waiting", title: "waits for a person", unit: "kB/plan", better: "lower", target: { of: "value", must: 12, aim: 5 } },
  ],
  nodeArguments: ["--expose-gc"],
  async open({ folder, quick }) {
    const plans = quick ? 500 : 5_000;
    const measure = async (approval: boolean): Promise<number> => {
      const hanging = hangingAgent();
      await using bench = await openBenchEngine({
        folder: mkdtempSync(join(folder, "memory-")),
        agents: [benchAgent(() => undefined), hanging],
        silent: new Set([hanging.id]),
        limits: { residentPlans: 2 * plans },
        closeMs: 0,
      });
      const submit = async (count: number, name: string): Promise<void> => {
        for (let index = 0; index < count; index++) {
          await bench.engine.submit({ caller: CALLER, graph: openPlan(`${name} ${index}`), start: true, approval });
        }
      };
      await submit(plans / 5, "before");
      const before = await usedBytes();
      await submit(plans, "counted");
      return ((await usedBytes()) - before) / plans / 1_000;
    };
    return {
      contenders: [
        { name: "running", measure: async () => ({ running: await measure(false) }) },
        { name: "waiting", measure: async () => ({ waiting: await measure(true) }) },
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

async function usedBytes(): Promise<number> {
  // What is on its way to disk is let go first.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

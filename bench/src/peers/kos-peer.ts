// kOS in the shape of the comparison: the engine embedded, as the others are.

import { join } from "node:path";
import type { Peer } from "../../peers/src/peer.ts";
import { createStepTimes } from "../../peers/src/step-times.ts";
import { benchAgent } from "../engine/bench-agent.ts";
import { type BenchEngine, openBenchEngine } from "../engine/bench-engine.ts";
import { fanOutPlan, sequentialPlan } from "../engine/bench-plan.ts";

export function createPeer(): Peer {
  const times = createStepTimes();
  let bench: BenchEngine | undefined;
  let fans = 0;
  const engine = (): BenchEngine => {
    if (bench === undefined) throw new Error("not started");
    return bench;
  };
  return {
    name: "kOS, embedded",
    durable: "fsynced (SQLite synchronous=FULL), signed",
    isFsynced: true,
    async start(folder) {
      bench = await openBenchEngine({ folder: join(folder, "kos"), agents: [benchAgent(times.mark)] });
    },
    runPlans: (concurrency, plans) => times.drive(concurrency, plans, (plan) => engine().run(sequentialPlan(plan))),
    async fanOut(steps) {
      const start = performance.now();
      await engine().run(fanOutPlan(`fan ${fans++}`, steps));
      return performance.now() - start;
    },
    servers: () => [],
    stop: async () => bench?.[Symbol.asyncDispose](),
  };
}

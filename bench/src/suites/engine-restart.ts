// Restart with many plans open, each with a call that was under way when the engine went.

import { fork } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { benchAgent, hangingAgent } from "../engine/bench-agent.ts";
import { openBenchEngine } from "../engine/bench-engine.ts";
import { openPlan } from "../engine/bench-plan.ts";
import type { RestartTimes } from "../engine/restart-child.ts";
import type { Suite } from "../harness/figure.ts";

export const engineRestart: Suite = {
  name: "engine-restart",
  title: "Engine: restart with open plans of 10 tasks, one call under way in each, in a fresh process",
  figures: [
    { id: "ready", title: "to ready", unit: "ms", better: "lower", target: { of: "value", must: 3_000, aim: 1_000 } },
    { id: "under_way", title: "to every call given out again", unit: "ms", better: "lower" },
  ],
  async open({ folder, quick, note }) {
    const plans = quick ? 1_000 : 10_000;
    note(`${plans.toLocaleString("en-GB")} plans are open`);
    const template = join(folder, "template");
    const hanging = hangingAgent();
    const prepared = await openBenchEngine({
      folder: template,
      agents: [benchAgent(() => undefined), hanging],
      silent: new Set([hanging.id]),
      limits: { residentPlans: 2 * plans },
      closeMs: 0,
    });
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let index = next++; index < plans; index = next++) await prepared.submit(openPlan(`open ${index}`));
    };
    await Promise.all(Array.from({ length: 64 }, () => lane()));
    while (prepared.dispatched < plans) await new Promise((resolve) => setTimeout(resolve, 10));
    await prepared[Symbol.asyncDispose]();
    return {
      contenders: [
        {
          name: "restart",
          async measure() {
            const copy = join(folder, "copy");
            cpSync(template, copy, { recursive: true });
            try {
              const { readyMs, underWayMs } = await restart(copy, plans);
              return { ready: readyMs, under_way: underWayMs };
            } finally {
              rmSync(copy, { recursive: true });
            }
          },
        },
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

async function restart(folder: string, plans: number): Promise<RestartTimes> {
  const child = fork(new URL("../engine/restart-child.ts", import.meta.url), [folder, `${plans}`], { execArgv: [] });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const times = await new Promise<RestartTimes | undefined>((resolve) => {
    child.once("message", (message: RestartTimes) => resolve(message));
    child.once("close", () => resolve(undefined));
  });
  const code = await closed;
  if (times === undefined) throw new Error(`the engine did not restart, its process ended with code ${code}`);
  return times;
}

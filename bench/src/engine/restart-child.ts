// A process of its own that opens an engine on a folder with open plans and says how long that took, its code already loaded.

import { benchAgent, hangingAgent } from "./bench-agent.ts";
import { openBenchEngine } from "./bench-engine.ts";

export interface RestartTimes {
  readonly readyMs: number;
  /** Until every call of the run before was given out again. */
  readonly underWayMs: number;
}

const [folder, plans] = process.argv.slice(2);
if (folder === undefined || plans === undefined) throw new Error("restart-child FOLDER PLANS");
const wanted = Number(plans);
const hanging = hangingAgent();
const start = performance.now();
const bench = await openBenchEngine({
  folder,
  agents: [benchAgent(() => undefined), hanging],
  silent: new Set([hanging.id]),
  limits: { residentPlans: 2 * wanted },
  closeMs: 0,
});
const readyMs = performance.now() - start;
while (bench.dispatched < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
const times: RestartTimes = { readyMs, underWayMs: performance.now() - start };
process.send?.(times, undefined, undefined, () => process.exit());

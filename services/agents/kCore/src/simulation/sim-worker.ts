// The worker thread of run-seeds.ts.

import { parentPort, workerData } from "node:worker_threads";
import type { FailedSeed, SeedReport, WorkerTask } from "./run-seeds.ts";
import { simulate } from "./simulate.ts";

const SLICE = 250;
const { from, count, planted } = workerData as WorkerTask;

for (let start = from; start < from + count; start += SLICE) {
  let plans = 0;
  let events = 0;
  const failures: FailedSeed[] = [];
  const end = Math.min(start + SLICE, from + count);
  for (let seed = start; seed < end; seed++) {
    const result = simulate({ seed, planted });
    plans += result.plans;
    events += result.events;
    if (result.violations.length > 0) failures.push({ seed, violations: result.violations.slice(0, 5) });
  }
  const report: SeedReport = { seeds: end - start, plans, events, failures };
  parentPort?.postMessage(report);
}

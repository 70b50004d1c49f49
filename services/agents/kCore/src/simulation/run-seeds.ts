// Runs many seeds over worker threads and gathers what went wrong.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { PlantedFaults } from "./sim-world.ts";

interface SeedRange {
  readonly from: number;
  readonly count: number;
}

export interface FailedSeed {
  readonly seed: number;
  readonly violations: readonly string[];
}

export interface SeedReport {
  readonly seeds: number;
  readonly plans: number;
  readonly events: number;
  readonly failures: readonly FailedSeed[];
}

/** What a worker is given, and what it posts: one `SeedReport` for each of its slices. */
export interface WorkerTask extends SeedRange {
  readonly planted: PlantedFaults;
}

export interface RunOptions extends SeedRange {
  readonly threads?: number;
  readonly planted?: PlantedFaults;
  readonly onProgress?: (report: SeedReport) => void;
}

/** Errors: whatever a worker dies of. */
export async function runSeeds({ from, count, threads, planted = {}, onProgress }: RunOptions): Promise<SeedReport> {
  const width = Math.min(threads ?? availableParallelism(), count);
  const share = Math.ceil(count / width);
  let total: SeedReport = { seeds: 0, plans: 0, events: 0, failures: [] };
  await Promise.all(
    Array.from({ length: width }, (_, index) => {
      const begin = from + index * share;
      const task: WorkerTask = { from: begin, count: Math.max(0, Math.min(share, from + count - begin)), planted };
      return runWorker(task, (report) => {
        total = {
          seeds: total.seeds + report.seeds,
          plans: total.plans + report.plans,
          events: total.events + report.events,
          failures: [...total.failures, ...report.failures],
        };
        onProgress?.(total);
      });
    }),
  );
  return total;
}

function runWorker(task: WorkerTask, take: (report: SeedReport) => void): Promise<void> {
  const worker = new Worker(new URL("./sim-worker.ts", import.meta.url), { workerData: task });
  return new Promise((resolve, reject) => {
    worker.on("message", take);
    worker.on("error", reject);
    worker.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a simulation thread ended with code ${code}`))));
  });
}

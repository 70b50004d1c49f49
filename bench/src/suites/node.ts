// The node as a whole process: start, idle memory, and the main job from the command to a verified result.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Contender, Reading, Suite } from "../harness/figure.ts";
import { memoryOfTree } from "../node/process-memory.ts";
import { makeSampleRepository } from "../node/sample-repository.ts";
import { bareNodeMs, kai, startByScript, startNodeRole } from "../node/whole-node.ts";

const IDLE_MS = 5_000;
const FIRST_RESULT_MS = 30_000;

export const node: Suite = {
  name: "node",
  title: "Node: whole processes from bundles, empty data folder, no model configured",
  figures: [
    { id: "bare", title: "floor: a bare Node starts and ends", unit: "ms", better: "lower" },
    {
      id: "ready",
      title: "the node's process, start to ready",
      unit: "ms",
      better: "lower",
      beside: "bare",
      target: { of: "value", must: 1_000, aim: 400 },
    },
    {
      id: "start",
      title: "npm start (without npm), to an answer of /ready",
      unit: "ms",
      better: "lower",
      beside: "bare",
      target: { of: "value", must: 1_000, aim: 400 },
    },
    { id: "rss", title: "idle memory, node and children, RSS", unit: "MB", better: "lower", target: { of: "value", must: 120, aim: 90 } },
    { id: "pss", title: "idle memory, node and children, PSS", unit: "MB", better: "lower" },
    { id: "result", title: "kai run repo-report, to the reviewed report", unit: "ms", better: "lower" },
    {
      id: "verified",
      title: "… and on to evidence that kai verify accepts",
      unit: "ms",
      better: "lower",
      target: { of: "value", must: FIRST_RESULT_MS, aim: FIRST_RESULT_MS },
    },
  ],
  async open({ folder, quick }) {
    const sample = join(folder, "sample");
    makeSampleRepository(sample);
    const inFreshData = async (measure: (data: string) => Promise<Reading>): Promise<Reading> => {
      const data = mkdtempSync(join(folder, "data-"));
      try {
        return await measure(data);
      } finally {
        rmSync(data, { recursive: true, force: true });
      }
    };
    const contenders: readonly Contender[] = [
      { name: "bare", measure: async () => ({ bare: await bareNodeMs() }) },
      { name: "ready and idle", measure: () => inFreshData((data) => readyAndIdle(data, quick ? 1_000 : IDLE_MS)) },
      { name: "start", measure: () => inFreshData(byScript) },
      { name: "first result", measure: () => inFreshData((data) => firstResult(data, sample)) },
    ];
    return { contenders, [Symbol.asyncDispose]: () => Promise.resolve() };
  },
};

async function readyAndIdle(data: string, idleMs: number): Promise<Reading> {
  const running = await startNodeRole(data);
  await pause(idleMs);
  const memory = memoryOfTree(running.pid);
  await running.stop();
  return { ready: running.readyMs, ...(memory && { rss: memory.rssMb, pss: memory.pssMb }) };
}

async function byScript(data: string): Promise<Reading> {
  const running = await startByScript(data);
  await running.stop();
  return { start: running.readyMs };
}

async function firstResult(data: string, sample: string): Promise<Reading> {
  try {
    const run = await succeeded("run", "repo-report", "--path", sample, "--data", data, "--json");
    const evidence = await succeeded("show", "last", "--evidence", "--data", data);
    const file = join(data, "run.kos.json");
    writeFileSync(file, evidence.stdout);
    const verify = await succeeded("verify", file, "--data", data);
    return { result: run.elapsedMs, verified: run.elapsedMs + evidence.elapsedMs + verify.elapsedMs };
  } finally {
    await kai("stop", "--data", data);
  }
}

async function succeeded(...args: readonly string[]) {
  const result = await kai(...args);
  if (result.code !== 0)
    throw new Error(`kai ${args[0]} ended with ${result.code}: ${result.stderr.slice(-500)}${result.stdout.slice(-500)}`);
  return result;
}

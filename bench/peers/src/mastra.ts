// Mastra: a plan is a workflow of ten steps, its snapshot kept in libSQL after each.

import { join } from "node:path";
import { Mastra } from "@mastra/core";
import { createStep, createWorkflow } from "@mastra/core/workflows";
import { LibSQLStore } from "@mastra/libsql";
import { z } from "zod";
import { type Peer, STEP_RESULT, STEPS_PER_PLAN } from "./peer.ts";
import { createStepTimes } from "./step-times.ts";

const PlanInput = z.object({ plan: z.string() });
const Result = z.object({ ok: z.boolean(), text: z.string() });
const StepOutput = z.object({ plan: z.string(), result: Result });
const FAN_CONCURRENCY = 64;

export function createPeer(): Peer {
  const times = createStepTimes();
  let mastra: Mastra | undefined;

  const steps = Array.from({ length: STEPS_PER_PLAN }, (_, index) =>
    createStep({
      id: `step-${index + 1}`,
      inputSchema: PlanInput,
      outputSchema: StepOutput,
      execute: async ({ inputData }) => {
        times.mark(inputData.plan);
        return { plan: inputData.plan, result: STEP_RESULT };
      },
    }),
  );
  let plan = createWorkflow({ id: "plan", inputSchema: PlanInput, outputSchema: StepOutput });
  for (const step of steps) plan = plan.then(step);
  plan.commit();
  const item = createStep({ id: "item", inputSchema: z.number(), outputSchema: Result, execute: async () => STEP_RESULT });
  const fan = createWorkflow({ id: "fan", inputSchema: z.array(z.number()), outputSchema: z.array(Result) })
    .foreach(item, { concurrency: FAN_CONCURRENCY })
    .commit();

  return {
    name: "Mastra 1.71 workflows, libSQL",
    durable: "no fsync per step",
    isFsynced: false,
    async start(folder) {
      mastra = new Mastra({
        workflows: { plan, fan },
        storage: new LibSQLStore({ id: "bench", url: `file:${join(folder, "mastra.db")}` }),
        logger: false,
      });
      await mastra.getStorage()?.init();
    },
    runPlans: (concurrency, plans) =>
      times.drive(concurrency, plans, async (name) => {
        const run = await mastra?.getWorkflow("plan").createRun({ runId: name });
        const result = await run?.start({ inputData: { plan: name } });
        if (result?.status !== "success") throw new Error(`a plan of Mastra ended ${result?.status}`);
      }),
    async fanOut(count) {
      const start = performance.now();
      const run = await mastra?.getWorkflow("fan").createRun();
      const result = await run?.start({ inputData: Array.from({ length: count }, (_, index) => index) });
      if (result?.status !== "success") throw new Error(`the fan-out of Mastra ended ${result?.status}`);
      return performance.now() - start;
    },
    servers: () => [],
    async stop() {
      mastra = undefined;
    },
  };
}

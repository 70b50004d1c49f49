// DBOS: a plan is a workflow of ten steps, kept in PostgreSQL.

import { DBOS } from "@dbos-inc/dbos-sdk";
import { type Peer, STEP_RESULT, STEPS_PER_PLAN } from "./peer.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { createStepTimes } from "./step-times.ts";

export function createPeer(): Peer {
  const times = createStepTimes();
  let postgres: Postgres | undefined;

  const plan = DBOS.registerWorkflow(
    async (name: string) => {
      for (let step = 1; step <= STEPS_PER_PLAN; step++) {
        await DBOS.runStep(
          async () => {
            times.mark(name);
            return STEP_RESULT;
          },
          { name: `step-${step}` },
        );
      }
    },
    { name: "plan" },
  );
  const fan = DBOS.registerWorkflow(
    async (steps: number) => {
      const all = Array.from({ length: steps }, (_, index) => DBOS.runStep(async () => STEP_RESULT, { name: `item-${index}` }));
      return (await Promise.all(all)).length;
    },
    { name: "fan" },
  );

  return {
    name: "DBOS 5.3, PostgreSQL",
    durable: "fsynced (PostgreSQL, synchronous_commit on)",
    isFsynced: true,
    async start(folder) {
      postgres = await startPostgres(folder);
      DBOS.setConfig({ name: "bench", systemDatabaseUrl: postgres.url, logLevel: "error" });
      await DBOS.launch();
    },
    runPlans: (concurrency, plans) =>
      times.drive(concurrency, plans, async (name) => {
        const handle = await DBOS.startWorkflow(plan, { workflowID: name })(name);
        await handle.getResult();
      }),
    async fanOut(steps) {
      const start = performance.now();
      const handle = await DBOS.startWorkflow(fan)(steps);
      await handle.getResult();
      return performance.now() - start;
    },
    servers: () => (postgres === undefined ? [] : [postgres.process.pid]),
    async stop() {
      await DBOS.shutdown();
      await postgres?.process.stop();
    },
  };
}

// kExecutor:data: the agent that queries and profiles data sets. Each call has a process of its own that reads; this one only opens and waits.

import { type Agent, defineAgent } from "@kos/agent";
import { dataProfile } from "./data/data-profile.ts";
import { dataQuery } from "./data/data-query.ts";
import { dataRecount } from "./data/data-recount.ts";
import { dataReport } from "./data/report/data-report.ts";
import { type DataProgram, processRunner } from "./data/run-order.ts";

const VERSION = "0.1.0";

export function createDataAgent(program: DataProgram): Agent {
  const run = processRunner(program);
  return defineAgent({
    class: "kExecutor",
    name: "data",
    version: VERSION,
    description: "Queries data sets with SQL, and profiles them.",
    capabilities: [dataQuery(run), dataProfile(run), dataRecount(run), dataReport],
  });
}

// Planning as the doors need it: every submission becomes a checked graph by one call of kPlanner.

import type { PlaybookView, Preview, TaskRequest } from "@kos/api";
import { KosError } from "@kos/klp";
import type { PlanGraph } from "@kos/plan";
import type { AgentHost } from "../agents/agent-host.ts";

/** Its findings are warnings: a plan with errors is refused. */
interface MadePlan extends Omit<Preview, "plan"> {
  readonly graph: PlanGraph;
}

export interface Planning {
  /** Errors: BAD_REQUEST with `details.findings` or with what is missing, UNKNOWN_CAPABILITY, NOT_FOUND (no such playbook). */
  make(request: TaskRequest, traceId: string): Promise<MadePlan>;
  playbooks(): Promise<readonly PlaybookView[]>;
  /** Errors: NOT_FOUND. */
  playbook(name: string): Promise<PlaybookView>;
}

const PLANNER_ID = "kPlanner:main";
const PLAN_TIMEOUT_MS = 30_000;

/** What the submission says about how to run, not about what to plan. */
const NOT_FOR_THE_PLANNER: ReadonlySet<string> = new Set(["parent", "approval", "plan_id"]);

export function createPlanning(options: {
  readonly host: Pick<AgentHost, "ask">;
  readonly playbooks: () => Promise<readonly PlaybookView[]>;
}): Planning {
  return {
    async make(request, traceId) {
      const params = Object.fromEntries(Object.entries(request).filter(([name]) => !NOT_FOR_THE_PLANNER.has(name)));
      const question = {
        type: "PLAN_REQUEST",
        agentId: PLANNER_ID,
        capability: "plan.make",
        params,
        traceId,
        timeoutMs: PLAN_TIMEOUT_MS,
      } as const;
      return (await options.host.ask(question)) as MadePlan;
    },
    playbooks: options.playbooks,
    async playbook(name) {
      const all = await options.playbooks();
      const found = all.find((playbook) => playbook.name === name);
      if (!found)
        throw new KosError("NOT_FOUND", `There is no playbook ${name.slice(0, 80)}. There are: ${all.map((one) => one.name).join(", ")}.`);
      return found;
    },
  };
}

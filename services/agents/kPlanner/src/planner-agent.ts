// The agent kPlanner:main.

import type { Agent } from "@kos/agent";
import { defineAgent } from "@kos/agent";
import type { CapabilityCatalogue, CheckOptions } from "@kos/plan";
import { planAlternative } from "./plan-alternative.ts";
import { planMake } from "./plan-make.ts";
import type { PlaybookLibrary } from "./playbook-library.ts";

export interface PlannerOptions {
  readonly playbooks: PlaybookLibrary;
  /** A live view: what can be called at the moment of planning. */
  readonly catalogue: CapabilityCatalogue;
  /** Limits and flow policy of the check; the engine must be given the same. */
  readonly check?: CheckOptions;
}

export function createPlannerAgent(options: PlannerOptions): Agent {
  const { playbooks: library, catalogue, check } = options;
  return defineAgent({
    class: "kPlanner",
    name: "main",
    version: "0.1.0",
    description: "Turns plans, playbooks, single calls and what is given and wanted into checked plan graphs.",
    capabilities: [planMake({ library, catalogue, ...(check !== undefined && { check }) }), planAlternative({ catalogue })],
  });
}

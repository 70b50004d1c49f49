// All handlers of the node, one for every route of the contract; a missing one does not compile.

import type { Handlers } from "@kos/gateway";
import type { ConsoleBuilder } from "../console/console-builder.ts";
import type { RetentionService } from "../retention/retention-service.ts";
import { type AgentHandlerOptions, agentHandlers } from "./agent-handlers.ts";
import { type ArtifactHandlerOptions, artifactHandlers } from "./artifact-handlers.ts";
import { consoleHandlers } from "./console-handlers.ts";
import { type NodeHandlerOptions, nodeHandlers } from "./node-handlers.ts";
import { type PlanHandlerOptions, planHandlers } from "./plan-handlers.ts";
import { type PlaybookHandlerOptions, playbookHandlers } from "./playbook-handlers.ts";
import { retentionHandlers } from "./retention-handlers.ts";
import { type ScheduleHandlerOptions, scheduleHandlers } from "./schedule-handlers.ts";

export interface HandlerOptions {
  readonly plans: PlanHandlerOptions;
  readonly playbooks: PlaybookHandlerOptions;
  readonly schedules: ScheduleHandlerOptions;
  readonly retention: RetentionService;
  readonly agents: AgentHandlerOptions;
  readonly artifacts: ArtifactHandlerOptions;
  readonly node: NodeHandlerOptions;
  readonly console: ConsoleBuilder;
}

export function createHandlers(options: HandlerOptions): Handlers {
  return {
    ...planHandlers(options.plans),
    ...playbookHandlers(options.playbooks),
    ...scheduleHandlers(options.schedules),
    ...retentionHandlers(options.retention),
    ...agentHandlers(options.agents),
    ...artifactHandlers(options.artifacts),
    ...nodeHandlers(options.node),
    ...consoleHandlers(options.console),
  };
}

/** The public face of kCore. */

export { createCoreAgent } from "./agent.ts";
export { createEngine } from "./engine/engine.ts";
export type {
  AgentRegistration,
  AgentStatusEntry,
  Caller,
  Clock,
  Engine,
  EngineLimits,
  EngineMetrics,
  HintQueue,
  LostCall,
  PlanCommand,
  Published,
  Queries,
  Registry,
  SubmitRequest,
  Transport,
} from "./engine-api.ts";
export type { PlanEventPayloads } from "./plan/plan-event.ts";
export { KCORE_MIGRATIONS } from "./projection/kcore-migrations.ts";
export type { FinishedPlan, Retention } from "./retention-api.ts";
export type { ScheduledRequest } from "./schedules-api.ts";

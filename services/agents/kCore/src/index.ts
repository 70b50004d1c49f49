/** The public face of kCore. */

export { createCoreAgent } from "./agent.ts";
export { createEngine } from "./engine/engine.ts";
export type {
  AgentRegistration,
  AgentStatusEntry,
  BlobPort,
  Caller,
  CapabilityOffer,
  Clock,
  Engine,
  EngineLimits,
  EngineLogger,
  EngineMetrics,
  EngineOptions,
  HintQueue,
  LostCall,
  Page,
  PageRequest,
  PlanCommand,
  Published,
  Publisher,
  Queries,
  ReadyHint,
  Registry,
  RerunRequest,
  SubmitRequest,
  Transport,
} from "./engine-api.ts";
export type { PlanEvent, PlanEventPayloads, PlanEventType } from "./plan/plan-event.ts";
export { KCORE_MIGRATIONS } from "./projection/kcore-migrations.ts";
export { RECONCILE_SUFFIX } from "./reconcile.ts";

/** The public face of kCore. */

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

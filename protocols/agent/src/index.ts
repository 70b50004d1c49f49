export type { Agent, AgentClass, AgentLimits, AgentOptions, ManifestDraft } from "./agent.ts";
export { AGENT_CLASSES, defineAgent, draftManifest } from "./agent.ts";
export type { AgentRunner, AgentRunnerOptions } from "./agent-runner.ts";
export { createAgentRunner } from "./agent-runner.ts";
export type {
  Capability,
  CapabilityDescription,
  CapabilityOptions,
  Effect,
  Placement,
  Reconciliation,
  RetryDefaults,
} from "./capability.ts";
export { defineCapability, RECONCILE_SUFFIX } from "./capability.ts";
export { checkpointText, MAX_CHECKPOINT_BYTES, MAX_CHECKPOINTS } from "./checkpoint.ts";
export type { ArtifactRef, ArtifactSink, CallAddress, CapabilityContext, Progress, TaskLogger } from "./context.ts";
export type {
  CheckpointWords,
  LeaseRef,
  MessageFromAgent,
  MessageToAgent,
  RequestType,
  ResultAckPayload,
  ResultType,
  TaskCancelPayload,
  TaskErrorPayload,
  TaskProgressPayload,
  TaskRequestPayload,
  TaskResultPayload,
} from "./message.ts";

// Bodies and answers about agents, capabilities, playbooks, artifacts and the node itself.

import Type, { type Static } from "typebox";
import { Page, Timestamp } from "./common-schema.ts";

export const AGENT_STATES = ["registered", "ready", "busy", "paused", "degraded", "quarantined", "offline", "terminated"] as const;
export type AgentState = (typeof AGENT_STATES)[number];

export const AgentStatusSchema = Type.Object({
  agent_id: Type.String(),
  class: Type.String(),
  version: Type.String(),
  description: Type.String(),
  state: Type.Enum([...AGENT_STATES]),
  /** did:key of the agent's own key. */
  key: Type.String(),
  capabilities: Type.Array(Type.String()),
  in_flight: Type.Integer(),
  max_tasks: Type.Integer(),
  /** Processes it runs in now; 0 before first use and when it lives beside the engine. */
  processes: Type.Integer(),
  last_heartbeat_at: Type.Optional(Timestamp),
  heartbeat_age_ms: Type.Optional(Type.Integer()),
});
export type AgentStatus = Static<typeof AgentStatusSchema>;

export const NodeStatusSchema = Type.Object({
  node: Type.Object({ did: Type.String(), version: Type.String(), started_at: Timestamp, data: Type.String(), plans_open: Type.Integer() }),
  agents: Type.Array(AgentStatusSchema),
});
export type NodeStatus = Static<typeof NodeStatusSchema>;

export const CapabilityViewSchema = Type.Object({
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  agent_id: Type.String(),
  version: Type.String(),
  input: Type.Unknown(),
  output: Type.Unknown(),
  effects: Type.Array(Type.String()),
  idempotent: Type.Boolean(),
  timeout_ms: Type.Integer(),
});
export type CapabilityView = Static<typeof CapabilityViewSchema>;

/** `ephemeral` a day, `session` a week, `standard` three months by default (`retention.artifacts_…`), `permanent` until somebody deletes it. */
export const ARTIFACT_RETENTIONS = ["ephemeral", "session", "standard", "permanent"] as const;
export type ArtifactRetention = (typeof ARTIFACT_RETENTIONS)[number];

export const ArtifactSchema = Type.Object({
  artifact_id: Type.String(),
  name: Type.String(),
  media_type: Type.String(),
  bytes: Type.Integer(),
  hash: Type.String(),
  plan_id: Type.Optional(Type.String()),
  task_id: Type.Optional(Type.String()),
  labels: Type.Array(Type.String()),
  created_by: Type.String(),
  created_at: Timestamp,
  version: Type.Integer(),
  retention: Type.Optional(Type.Enum([...ARTIFACT_RETENTIONS])),
});
export type Artifact = Static<typeof ArtifactSchema>;
export const ArtifactPage = Page(ArtifactSchema);

/** A link under which an artifact may be fetched without a token, until `expires_at`. */
export const ShareSchema = Type.Object({
  share_id: Type.String(),
  artifact_id: Type.String(),
  created_by: Type.String(),
  created_at: Timestamp,
  expires_at: Timestamp,
});
export type Share = Static<typeof ShareSchema>;
/** The answer that makes a link is the only one that holds its address. */
export const NewShareSchema = Type.Object({ ...ShareSchema.properties, url: Type.String() });

/** Good for one visit within the time. */
export const PreviewSchema = Type.Object({ url: Type.String(), expires_at: Timestamp });

export const ConfigExplanationSchema = Type.Object({
  key: Type.String(),
  value: Type.Unknown(),
  layer: Type.String(),
  file: Type.Optional(Type.String()),
  /** The file whose `@locked` holds it fast. */
  locked_by: Type.Optional(Type.String()),
  overridden: Type.Array(Type.Object({ layer: Type.String(), file: Type.Optional(Type.String()), value: Type.Unknown() })),
});
export type ConfigExplanation = Static<typeof ConfigExplanationSchema>;

const LogRecordSchema = Type.Object({
  at: Timestamp,
  level: Type.String(),
  agent: Type.Optional(Type.String()),
  message: Type.String(),
  task_id: Type.Optional(Type.String()),
  plan_id: Type.Optional(Type.String()),
  trace_id: Type.Optional(Type.String()),
  fields: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type LogRecord = Static<typeof LogRecordSchema>;
export const LogPage = Page(LogRecordSchema);

export const TraceSchema = Type.Object({
  plan_id: Type.String(),
  total_ms: Type.Number(),
  attempts: Type.Array(
    Type.Object({
      task_id: Type.String(),
      attempt: Type.Integer(),
      outcome: Type.String(),
      queued_ms: Type.Number(),
      run_ms: Type.Number(),
      review_ms: Type.Number(),
      commit_ms: Type.Number(),
      started_at: Type.Optional(Timestamp),
    }),
  ),
  critical_path: Type.Array(Type.Object({ task_id: Type.String(), ms: Type.Number() })),
});
export type Trace = Static<typeof TraceSchema>;

export const AuditReportSchema = Type.Object({
  ok: Type.Boolean(),
  /** Events that were checked. */
  checked: Type.Integer(),
  partitions: Type.Array(
    Type.Object({
      partition: Type.Integer(),
      events: Type.Integer(),
      /** Events under a head with a valid signature; the newest may still wait for theirs. */
      signed_size: Type.Integer(),
      payloads_removed: Type.Integer(),
      /** Events before this position were removed behind a signed checkpoint. */
      pruned: Type.Optional(Type.Integer()),
      /** Outside checkpoints it was compared with. */
      checkpoints: Type.Integer(),
      ok: Type.Boolean(),
      /** Position of the first event that is not as it was written. */
      first_bad: Type.Optional(Type.Integer()),
      problem: Type.Optional(Type.String()),
      plan_id: Type.Optional(Type.String()),
    }),
  ),
});
export type AuditReport = Static<typeof AuditReportSchema>;

export const LoginLinkSchema = Type.Object({ url: Type.String(), expires_at: Timestamp });

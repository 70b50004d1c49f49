export type {
  AgentState,
  AgentStatus,
  Artifact,
  ArtifactRetention,
  AuditReport,
  CapabilityView,
  ConfigExplanation,
  LogRecord,
  NodeStatus,
  Share,
  Trace,
} from "./agent-api.ts";
export { AGENT_STATES } from "./agent-api.ts";
export { DEFAULT_SHARED_MS } from "./artifact-routes.ts";
export type { CallInput, CallOptions, Client, ClientOptions } from "./client.ts";
export { createClient } from "./client.ts";
export type { ProblemDocument } from "./common-schema.ts";
export type { ConsoleStatus } from "./console-routes.ts";
export type { ClientFrame, ServerFrame, ServerFrameType } from "./frame.ts";
export { ClientFrameSchema, SERVER_FRAME_TYPES, TRANSIENT_FRAME_TYPES } from "./frame.ts";
export type { FrameStreamOptions } from "./frame-stream.ts";
export { frameStream } from "./frame-stream.ts";
export type { NodeFile } from "./node-file.ts";
export { parseNodeFile } from "./node-file.ts";
export { openApiDocument } from "./openapi.ts";
export type {
  Approval,
  DeadTask,
  Decision,
  Estimate,
  Explanation,
  ForkRequest,
  InputRequest,
  PlanEventView,
  PlanFinding,
  Planned,
  PlanSummary,
  PlanView,
  Preview,
  ResolveRequest,
  RetryRequest,
  TaskAccepted,
  TaskRequest,
  TaskView,
  Verdict,
} from "./plan-api.ts";
export type { PlaybookCheck, PlaybookFinding, PlaybookText, PlaybookView, SavedPlaybook } from "./playbook-api.ts";
export { reduceFrame } from "./reduce-frame.ts";
export type { RetentionPreview, RetentionReport, RetentionView } from "./retention-api.ts";
export type { AnswerOf, BodyOf, Method, PathParams, QueryOf, Route, Scope } from "./route.ts";
export { SCOPES } from "./route.ts";
export type { RouteName } from "./routes.ts";
export { ROUTES } from "./routes.ts";
export type { Progress, RunState, TaskRow } from "./run-state.ts";
export { isEnded, isTaskEnded, runStateOf } from "./run-state.ts";
export type { DueTimes, SchedulePatch, ScheduleRequest, ScheduleRun, ScheduleRunAccepted, ScheduleView } from "./schedule-api.ts";

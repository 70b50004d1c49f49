// What the engine offers to doors and to the composition root, and what it needs from outside. Types only; createEngine fulfils them.

import type { AgentClass, CapabilityDescription, Effect, MessageFromAgent, MessageToAgent } from "@kos/agent";
import type {
  AgentState,
  Approval,
  DeadTask,
  InputRequest,
  PlanEventView,
  PlanSummary,
  PlanView,
  TaskAccepted,
  TaskView,
  Trace,
} from "@kos/api";
import type { KosError } from "@kos/klp";
import type { BlobRef, Label, Plan, PlanGraph, PlanStatus } from "@kos/plan";
import type { EventLog, Tables } from "@kos/store";
import type { Caller, IdempotencyKey, Page, PageRequest } from "./caller.ts";
import type { Retention } from "./retention-api.ts";
import type { ScheduledRequest, Schedules } from "./schedules-api.ts";

export type { Caller, Page } from "./caller.ts";

export interface SubmitRequest {
  readonly caller: Caller;
  readonly graph: PlanGraph;
  /** False keeps it a draft. */
  readonly start: boolean;
  /** Ask a person to approve the plan's hash first. */
  readonly approval?: boolean;
  /** Absolute real paths the plan may read under. */
  readonly fsRoots?: readonly string[];
  readonly traceId?: string;
  readonly idempotency?: IdempotencyKey;
}

export type PlanCommand =
  | { readonly kind: "start"; readonly planId: string }
  | { readonly kind: "change"; readonly planId: string; readonly graph: PlanGraph; readonly baseHash: string }
  | { readonly kind: "cancel"; readonly planId: string; readonly taskId?: string; readonly reason?: string }
  | { readonly kind: "pause"; readonly planId: string; readonly reason?: string }
  | { readonly kind: "resume"; readonly planId: string; readonly reason?: string }
  | {
      readonly kind: "decide";
      readonly approvalId: string;
      readonly decision: "approve" | "deny";
      readonly digest: string;
      readonly reason?: string;
    }
  | { readonly kind: "answer"; readonly inputId: string; readonly answer: unknown }
  | {
      readonly kind: "resolve";
      readonly planId: string;
      readonly taskId: string;
      readonly outcome: "succeeded" | "failed" | "run_again";
      readonly output?: unknown;
      readonly reason: string;
    }
  | {
      readonly kind: "declassify";
      readonly planId: string;
      readonly taskId: string;
      readonly labels: readonly Label[];
      readonly reason: string;
    }
  | { readonly kind: "addSubtasks"; readonly planId: string; readonly taskId: string; readonly graph: PlanGraph };

export interface RerunRequest {
  readonly caller: Caller;
  readonly planId: string;
  /** `retry`: the failed tasks (or `tasks`) again. `fork`: everything from `from` on, or whatever the new graph or params change. */
  readonly kind: "retry" | "fork";
  readonly tasks?: readonly string[];
  readonly from?: string;
  readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** A graph made anew from the playbook with other params. */
  readonly graph?: PlanGraph;
  readonly acceptChanged?: boolean;
  readonly confirmEffects?: boolean;
  readonly fsRoots?: readonly string[];
  readonly idempotency?: IdempotencyKey;
}

/** Reads of what is durable. Everything is scoped to a tenant; what another tenant owns is not found. Errors: NOT_FOUND, BAD_REQUEST (cursor). */
export interface Queries {
  plans(request: PageRequest & { readonly status?: readonly PlanStatus[] }): Promise<Page<PlanSummary>>;
  plan(tenant: string, planId: string): Promise<PlanView>;
  /** The plan document alone. */
  graph(tenant: string, planId: string): Promise<Plan>;
  task(tenant: string, planId: string, taskId: string): Promise<TaskView>;
  /** `since`: a cursor of a frame or event, or a plan_seq; events after it. */
  events(tenant: string, planId: string, options?: { readonly since?: string; readonly limit?: number }): Promise<Page<PlanEventView>>;
  approvals(request: PageRequest & { readonly planId?: string; readonly status?: Approval["status"] }): Promise<Page<Approval>>;
  approval(tenant: string, approvalId: string): Promise<Approval>;
  inputs(request: PageRequest & { readonly planId?: string; readonly status?: InputRequest["status"] }): Promise<Page<InputRequest>>;
  input(tenant: string, inputId: string): Promise<InputRequest>;
  /** Tasks that lost their worker on every attempt, newest first. */
  deadTasks(request: PageRequest): Promise<Page<DeadTask>>;
  trace(tenant: string, planId: string): Promise<Trace>;
}

export interface AgentRegistration {
  /** `kClass:name`. */
  readonly id: string;
  readonly class: AgentClass;
  readonly version: string;
  readonly description: string;
  /** did:key of its own key. */
  readonly key: string;
  readonly capabilities: readonly CapabilityOffer[];
  /** Calls in flight at once. */
  readonly maxTasks: number;
  /** It lives and dies with this engine: a child process, or beside it. A call of such an agent is lost when the engine ends. */
  readonly local: boolean;
}

/** A capability as the engine needs it: its description, and the pure refinements where its code is at hand. */
interface CapabilityOffer {
  readonly description: CapabilityDescription;
  /** The owner's bound on one attempt, whatever the description or a task says. */
  readonly maxTimeoutMs?: number;
  readonly isIdempotent?: (params: never) => boolean;
  readonly idempotentForMs?: (params: never) => number | undefined;
  readonly effectsOf?: (params: never) => readonly Effect[];
}

export interface AgentStatusEntry {
  readonly id: string;
  readonly class: AgentClass;
  readonly version: string;
  readonly description: string;
  readonly key: string;
  readonly state: AgentState;
  readonly capabilities: readonly string[];
  readonly inFlight: number;
  readonly maxTasks: number;
  readonly lastHeartbeatAtMs: number | undefined;
}

/** The agents this engine can dispatch to. Changes of state are published under topic `agents`. Errors: UNKNOWN_AGENT, CONFLICT, QUARANTINED. */
export interface Registry {
  register(registration: AgentRegistration): void;
  /** `calls`: lease tokens it holds, where it knows; a call it does not name is lost when its lease ends. */
  heartbeat(agentId: string, calls?: readonly string[]): void;
  pause(agentId: string, by: string): Promise<void>;
  resume(agentId: string, by: string): Promise<void>;
  terminate(agentId: string, by: string): Promise<void>;
  /** Back to `ready` after `terminate`; the host has started it anew. */
  restart(agentId: string, by: string): Promise<void>;
  quarantine(agentId: string, by: string, reason: string): Promise<void>;
  /** Only a person releases. */
  release(agentId: string, caller: Caller): Promise<void>;
  list(): readonly AgentStatusEntry[];
  get(agentId: string): AgentStatusEntry | undefined;
  /** The capability, its version and who offers it. */
  capability(
    name: string,
  ): { readonly description: CapabilityDescription; readonly version: string; readonly agents: readonly string[] } | undefined;
  capabilities(): readonly { readonly description: CapabilityDescription; readonly version: string; readonly agentId: string }[];
}

/** Which call was lost together with the process that ran it. */
export interface LostCall {
  readonly planId: string;
  readonly taskId: string;
  readonly leaseToken: string;
  readonly reason: string;
}

export interface Engine extends AsyncDisposable {
  readonly queries: Queries;
  readonly schedules: Schedules;
  readonly retention: Retention;
  readonly registry: Registry;
  /** Resolves once it is durable. Errors: BAD_REQUEST (with `details.findings`), UNKNOWN_CAPABILITY, CONFLICT (key used with another body), UNAVAILABLE. */
  submit(request: SubmitRequest): Promise<TaskAccepted>;
  /** Resolves once it is durable. Errors: NOT_FOUND, CONFLICT, FORBIDDEN, BAD_REQUEST, UNAVAILABLE. */
  command(caller: Caller, command: PlanCommand): Promise<TaskAccepted>;
  /** A new plan that keeps what is finished. Errors: DEFINITION_CHANGED (`details.stale`), CONFLICT (`details.effects`: they would repeat). */
  rerun(request: RerunRequest): Promise<TaskAccepted>;
  /** A verified message of an agent. `envelopeHash` goes into the log as evidence. */
  receive(agentId: string, message: MessageFromAgent, evidence?: { readonly envelopeHash: string }): void;
  /** Processes of an agent died with these calls in them. */
  lost(calls: readonly LostCall[]): void;
  /** A hint that a plan may have something to do; it may be wrong, repeated or late. */
  hint(hint: ReadyHint): void;
  /** Takes no new work, waits for what is on its way to disk and to agents, at most `withinMs` (default 10 s). */
  close(withinMs?: number): Promise<void>;
}

/** A hint that a plan has ready work. At most once; a sweep of the store makes up for lost ones. */
export interface ReadyHint {
  readonly partition: number;
  readonly plan_id: string;
}

/** Moves messages to agents: seals them and crosses process boundaries. Never throws; what cannot be delivered is reported by `Engine.lost`. */
export interface Transport {
  send(agentId: string, message: MessageToAgent): void;
}

export interface HintQueue {
  push(hint: ReadyHint): void;
  /** Returns the way to stop. */
  subscribe(listener: (hint: ReadyHint) => void): () => void;
}

/** What the engine tells the world after a commit (or, for progress and agents, at once). */
export type Published =
  | {
      readonly kind: "event";
      readonly tenant: string;
      readonly plan_id: string;
      readonly seq: number;
      readonly type: string;
      readonly at: string;
      readonly payload: unknown;
      readonly cursor: string;
      /** The plan's status after the commit it came with. */
      readonly plan_status: PlanStatus;
    }
  | {
      readonly kind: "progress";
      readonly tenant: string;
      readonly plan_id: string;
      readonly task_id: string;
      readonly agent: string;
      readonly at: string;
      readonly progress: unknown;
    }
  | {
      readonly kind: "schedule";
      readonly tenant: string;
      readonly schedule_id: string;
      readonly type: string;
      readonly at: string;
      readonly payload: unknown;
    }
  | { readonly kind: "agent"; readonly agent: string; readonly state: AgentState; readonly at: string; readonly reason?: string };

export interface Publisher {
  /** Topics: `plan:<id>`, `plans`, `agent:<id>`, `agents`, `system` (schedules). Never throws. */
  publish(topic: string, message: Published): void;
}

export interface BlobPort {
  /** Durable when it resolves. Errors: STORAGE_FULL. */
  put(bytes: Uint8Array, mediaType: string): Promise<BlobRef>;
  /** Checked against the hash. Errors: NOT_FOUND, INTERNAL where damaged. */
  get(hash: string): Promise<Uint8Array>;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Returns the way to stop it. */
  after(ms: number, run: () => void): () => void;
}

export interface EngineMetrics {
  taskEnded(sample: {
    readonly capability: string;
    readonly agent: string;
    readonly outcome: string;
    readonly queuedMs: number;
    readonly runMs: number;
  }): void;
  taskRetried(sample: { readonly capability: string; readonly cause: string }): void;
  committed(sample: { readonly partition: number; readonly events: number; readonly rows: number; readonly ms: number }): void;
  inFlight(sample: { readonly capability: string; readonly count: number }): void;
  inDoubt(count: number): void;
}

export interface EngineLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface EngineOptions {
  readonly log: EventLog;
  readonly tables: Tables;
  readonly blobs: BlobPort;
  readonly queue: HintQueue;
  readonly bus: Publisher;
  readonly transport: Transport;
  readonly clock: Clock;
  /** UUIDv7. */
  readonly newId: () => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** HMAC(tenant key, address): the idempotency key of a call. */
  readonly idempotencyKey: (address: {
    readonly tenant: string;
    readonly plan_id: string;
    readonly task_id: string;
    readonly generation: number;
  }) => string;
  readonly metrics?: EngineMetrics;
  readonly logger?: EngineLogger;
  /** Current hash of a playbook, to tell whether a definition has changed. Undefined: gone. */
  readonly playbookHash?: (name: string) => Promise<string | undefined>;
  /** Makes the graph of a scheduled run from its request, as it is understood now. Without it runs are refused. Errors: as of planning. */
  readonly scheduledGraph?: (run: ScheduledRequest) => Promise<PlanGraph>;
  /** Default 1. Fixed for a store: plans are spread by hash. */
  readonly partitions?: number;
  /** Partitions this engine owns; default all. */
  readonly owns?: readonly number[];
  readonly limits?: Partial<EngineLimits>;
  /** A partition has stopped for good: the disk failed, or another engine has taken it over. Nothing of it is acknowledged any more. */
  readonly onStopped?: (error: KosError) => void;
}

export interface EngineLimits {
  readonly leaseMs: number;
  /** How long a cancelled or timed out call may take to end before it is given up. */
  readonly cancelGraceMs: number;
  readonly sweepEveryMs: number;
  /** Failures in a row after which a capability is not called for a while. */
  readonly breakerThreshold: number;
  readonly breakerOpenMs: number;
  /** Plans kept in memory although they wait. */
  readonly residentPlans: number;
  /** Plans that have not ended; a new one beyond that is refused. */
  readonly openPlans: number;
  /** Tasks of one plan, with those that are added to it later. */
  readonly planTasks: number;
  /** How long a reviewer may take. */
  readonly reviewTimeoutMs: number;
}

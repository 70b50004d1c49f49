// The metrics port: what happens in a node, in the words of a node. Nothing here can fail, wait or grow without bound.

export const ATTEMPT_OUTCOMES = ["succeeded", "failed", "cancelled", "timed_out", "in_doubt", "put_back"] as const;
/** How one attempt at a task ended. `put_back`: its lease ran out or its process ended before any effect. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

export const AGENT_STATES = ["registered", "ready", "busy", "paused", "degraded", "quarantined", "offline", "terminated"] as const;
type AgentState = (typeof AGENT_STATES)[number];

/** Whose work it is. Beyond 200 different values each is counted under `other`. */
export interface WorkLabels {
  /** `kExecutor:files`. */
  readonly agent: string;
  /** `fs.scan`. */
  readonly capability: string;
}

export interface NodeMetrics extends Disposable {
  /** An attempt has ended that waited `queuedMs` from ready to dispatched and ran `runMs`. */
  attemptEnded(work: WorkLabels, outcome: AttemptOutcome, times: { readonly queuedMs: number; readonly runMs: number }): void;
  /** A further attempt at a task was scheduled; `cause` is how the one before ended. */
  retryScheduled(capability: string, cause: AttemptOutcome): void;
  /** Calls of a capability that run now. */
  capabilityInFlight(capability: string, calls: number): void;
  /** Calls an agent holds now. */
  agentInFlight(agent: string, calls: number): void;
  /** How many plans have a task in doubt now. */
  inDoubt(plans: number): void;
  agentState(agent: string, state: AgentState): void;
  /** A heartbeat arrived just now; its age is told at each scrape. */
  heartbeat(agent: string): void;
  /** The agent is gone: its state and heartbeat are no longer told. */
  agentRemoved(agent: string): void;
  /** A commit reached the disk. */
  committed(commit: { readonly events: number; readonly rows: number; readonly ms: number }): void;
  /** Waiting hints of one queue, now. */
  queueSize(queue: string, size: { readonly ready: number; readonly delayed: number }): void;
  /** Log records dropped since start. */
  logRecordsDropped(total: number): void;
  /** Everything in the Prometheus text format, and its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

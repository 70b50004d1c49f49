// What a running capability is given by its host, and all it may reach: no global clock, network, file or environment beside it.

/** Where in which plan this call stands. */
export interface CallAddress {
  readonly plan_id: string;
  /** Local task name; a `for_each` item is `name[i]`. */
  readonly task_id: string;
  /** Counts dispatches of this task from 1. */
  readonly attempt: number;
  /** Rises when params change (feedback) or a person says "run again"; part of the idempotency key. */
  readonly generation: number;
  readonly trace_id: string;
}

/** Progress is transient: the latest state counts, some may never be seen. */
export interface Progress {
  /** 0 to 1 when known. */
  readonly fraction?: number;
  readonly done?: number;
  readonly total?: number;
  /** One short line in plain words. */
  readonly message?: string;
}

export interface TaskLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A written artifact. A capability returns it inside its output (`x-kos-type: artifact`), which is how the engine learns of it. */
export interface ArtifactRef {
  readonly name: string;
  readonly media_type: string;
  readonly bytes: number;
  /** `sha256:<hex>`; the bytes lie in the blob store under it. */
  readonly hash: string;
}

export interface ArtifactSink {
  /** Durable when it resolves. Errors: STORAGE_FULL, TOO_LARGE. */
  put(artifact: { readonly name: string; readonly media_type: string; readonly content: Uint8Array | string }): Promise<ArtifactRef>;
  /** Verified against the hash. Errors: NOT_FOUND, TOO_LARGE. */
  get(hash: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array>;
}

export interface CapabilityContext {
  readonly call: CallAddress;
  /** Aborts on cancel, timeout and shutdown; after a grace period the process is killed. */
  readonly signal: AbortSignal;
  /** HMAC(tenant key, plan, task, item, generation): the same for every attempt with the same params. */
  readonly idempotencyKey: string;
  /** Absolute real paths that this plan may read under. Empty: none. */
  readonly fsRoots: readonly string[];
  /** Findings of the last review of this task, when this is a retry after one. */
  readonly feedback?: readonly string[];
  /** What earlier attempts of this generation recorded with `checkpoint`, oldest first. What this attempt records is not added to it. */
  readonly checkpoints: readonly unknown[];
  readonly log: TaskLogger;
  readonly artifacts: ArtifactSink;
  progress(progress: Progress): void;
  /**
   * Resolves once the engine has durably recorded that an effect may now happen. To be awaited right before the first effect of a
   * call that is not idempotent, or is so for a time only: cut off before it, the call is simply put back; after it, it ends `in_doubt`.
   */
  beginEffect(): Promise<void>;
  /**
   * Records how far the call has come, for the attempt that follows should this one be cut off. Resolves once it is durable; many may be under
   * way at once, they are kept in the order of the calls. Awaiting each costs a round trip and a sync to disk: record batches of work.
   * Errors: BAD_REQUEST for what is not JSON or has over 4 KiB as canonical JSON, RESOURCE_LIMIT_EXCEEDED past 10,000 in a generation, and the
   * signal's reason once the call is cut off: whether it was recorded is then not known.
   */
  checkpoint(value: unknown): Promise<void>;
  /** Milliseconds since the epoch, from the host's clock. */
  now(): number;
}

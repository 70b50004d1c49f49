// The queue port: hints that a task may be ready. A hint grants nothing: the worker claims the task in the store, which alone holds leases.

/** Data that may cross a wire; the same key means the same task. */
export interface TaskHint {
  /** Which workers it is for: a capability class or an agent, `kExecutor`. */
  readonly queue: string;
  /** Unique within its queue: `plan_id/task_id`. */
  readonly key: string;
  /** Hints of one group take turns with those of others: the plan's id. */
  readonly group: string;
  /** Milliseconds since the epoch; not handed out earlier. Absent: at once. */
  readonly not_before_ms?: number;
}

export interface QueueSize {
  /** Waiting to be taken. */
  readonly ready: number;
  /** Not due yet. */
  readonly delayed: number;
}

/** Time as the queue needs it; tests turn it by hand. */
export interface QueueTimers {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after that many milliseconds, unless the function it returns is called before. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Hints may be lost, repeated and reordered by every driver; the embedded one does so only when it is full or when told to. */
export interface TaskQueue extends AsyncDisposable {
  /** Returns at once. A key that already waits in its queue is kept once, at the earlier of both times. After disposal it does nothing. */
  push(hint: TaskHint): void;
  /** Waits for the next hint that is due. Errors: CANCELLED when the signal aborts, UNAVAILABLE when the queue is disposed. */
  take(queue: string, signal: AbortSignal): Promise<TaskHint>;
  /** For metrics and back-pressure. */
  size(queue: string): QueueSize;
}

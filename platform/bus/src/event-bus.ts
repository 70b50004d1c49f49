// The event bus port: broadcasts by topic. A message is a hint, delivered at most once; whoever must not miss anything reads the store.

export interface BusMessage {
  /** Dotted: `plan.changed`. */
  readonly topic: string;
  /** Plain JSON data. Publisher and receivers leave it unchanged. */
  readonly payload: unknown;
}

export interface SubscribeOptions {
  /** Messages that may wait while the handler is busy; beyond it the oldest is dropped. Default 1024. */
  readonly maxWaiting?: number;
}

/** Disposing ends it: nothing more is handed over, what waits is dropped, and it resolves once a running handler has ended. */
export interface Subscription extends AsyncDisposable {
  /** Messages dropped for want of room since it began. */
  readonly dropped: number;
}

export interface EventBus extends AsyncDisposable {
  /** Returns at once, before any handler runs; who is listening does not matter to the publisher. Errors: BAD_REQUEST for a malformed topic. */
  publish(topic: string, payload: unknown): void;
  /**
   * `pattern` is a topic, `plan.*` for every topic below `plan` at any depth, or `*` for all. The handler gets one message at a time, in the
   * order of publishing; what it throws goes to the bus's error listener and ends nothing.
   * Errors: BAD_REQUEST for a malformed pattern, UNAVAILABLE once the bus is disposed.
   */
  subscribe(pattern: string, handler: (message: BusMessage) => void | Promise<void>, options?: SubscribeOptions): Subscription;
}

// A log record: plain data that crosses pipes and sockets, so it is written as on the wire. It makes no records and keeps none.

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Which work a record belongs to. */
export interface TaskTags {
  readonly plan_id?: string;
  /** Local task name; a `for_each` item is `name[i]`. */
  readonly task_id?: string;
  /** 32 hex digits. */
  readonly trace_id?: string;
}

export interface LogRecord extends TaskTags {
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly level: LogLevel;
  /** One line: control characters are written as escapes. */
  readonly message: string;
  /** Who speaks: `kExecutor:files`, `gateway`. */
  readonly agent?: string;
  /** JSON data without secrets. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Takes records. It neither throws nor waits: what it cannot keep it drops and counts. */
export interface LogSink extends AsyncDisposable {
  write(record: LogRecord): void;
  /** Resolves once everything written so far is where it belongs. */
  flush(): Promise<void>;
}

/** 0 for trace to 5 for fatal. */
export function levelRank(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}

export function isLogLevel(value: unknown): value is LogLevel {
  return (LOG_LEVELS as readonly unknown[]).includes(value);
}

// Makes log records: level, time, tags of the running task, clean fields. Where they go is the sink's business.

import { pino } from "pino";
import { isLogLevel, type LogLevel, type LogRecord, type LogSink } from "./log-record.ts";
import { createRedactor, type Redactor } from "./redactor.ts";
import { createSanitiser } from "./sanitise.ts";
import { currentTaskTags } from "./task-context.ts";

type LogFields = Readonly<Record<string, unknown>>;

/** Errors go into a field: `log.error("commit failed", { error })`. Logging never throws. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  fatal(message: string, fields?: LogFields): void;
  /** A logger that speaks as `agent` and adds `fields` to every record; level and sink stay shared. */
  child(options: { readonly agent?: string; readonly fields?: LogFields }): Logger;
  isEnabled(level: LogLevel): boolean;
  /** For this logger and all its relatives. */
  setLevel(level: LogLevel): void;
}

export interface LoggerOptions {
  readonly sink: LogSink;
  /** The least severe level that is kept. */
  readonly level: LogLevel;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly agent?: string;
  readonly redactor?: Redactor;
}

export function createLogger(options: LoggerOptions): Logger {
  const sanitiser = createSanitiser(options.redactor ?? createRedactor());
  const instance = pino(
    {
      level: options.level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"at":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => options.sink.write(JSON.parse(line) as LogRecord) },
  );

  function speaker(agent: string | undefined, bound: LogFields): Logger {
    const method = (level: LogLevel) => (message: string, fields?: LogFields) => {
      if (!instance.isLevelEnabled(level)) return;
      const all = fields === undefined ? bound : { ...bound, ...fields };
      const clean = sanitiser.fields(all);
      const { plan_id, task_id, trace_id } = currentTaskTags();
      instance[level](
        {
          ...(agent !== undefined && { agent }),
          ...(plan_id !== undefined && { plan_id }),
          ...(task_id !== undefined && { task_id }),
          ...(trace_id !== undefined && { trace_id }),
          ...(Object.keys(clean).length > 0 && { fields: clean }),
        },
        sanitiser.text(message),
      );
    };
    return {
      trace: method("trace"),
      debug: method("debug"),
      info: method("info"),
      warn: method("warn"),
      error: method("error"),
      fatal: method("fatal"),
      child: (more) => speaker(more.agent ?? agent, { ...bound, ...more.fields }),
      isEnabled: (level) => instance.isLevelEnabled(level),
      setLevel(level) {
        if (isLogLevel(level)) instance.level = level;
      },
    };
  }
  return speaker(options.agent, {});
}

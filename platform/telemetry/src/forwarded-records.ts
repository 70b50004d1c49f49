// Records that another process made, on their way into this one's sink. The other process is not trusted: everything is checked and cleaned anew.

import { isLogLevel, type LogRecord, type LogSink, type TaskTags } from "./log-record.ts";
import { createRedactor, type Redactor } from "./redactor.ts";
import { createSanitiser } from "./sanitise.ts";

const AT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

export interface ForwardedRecordsOptions {
  readonly sink: LogSink;
  /** Milliseconds since the epoch; stamps a record that brings no time. */
  readonly now: () => number;
  readonly redactor?: Redactor;
}

export interface ForwardedRecords {
  /**
   * Takes what came over the pipe for work that this side dispatched. `tags` and `agent` are what this side knows and win over what the
   * record claims. What is no record at all becomes one at level warn, so nothing vanishes silently.
   */
  accept(raw: unknown, known: TaskTags & { readonly agent?: string }): void;
}

export function forwardedRecords(options: ForwardedRecordsOptions): ForwardedRecords {
  const sanitiser = createSanitiser(options.redactor ?? createRedactor());
  return {
    accept(raw, known) {
      const { at, level, message, agent, plan_id, task_id, trace_id, fields } = recordParts(raw);
      const claimed = { agent, plan_id, task_id, trace_id };
      const clean = isObject(fields) ? sanitiser.fields(fields) : {};
      const record: LogRecord = {
        at: typeof at === "string" && AT.test(at) && !Number.isNaN(Date.parse(at)) ? at : new Date(options.now()).toISOString(),
        level: isLogLevel(level) ? level : "warn",
        message: sanitiser.text(typeof message === "string" ? message : "a child process sent something that is no log record"),
        ...texts({ ...claimed, ...known }, sanitiser.text),
        ...(Object.keys(clean).length > 0 && { fields: clean }),
      };
      options.sink.write(record);
    },
  };
}

function recordParts(raw: unknown): Readonly<Record<string, unknown>> {
  return isObject(raw) ? raw : { fields: { received: raw } };
}

function texts(values: Readonly<Record<string, unknown>>, clean: (text: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (typeof value === "string" ? [[key, clean(value)]] : [])));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

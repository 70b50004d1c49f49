// The topic `log` of `/ws`: records as they are written, for whoever listens at that moment. What was written is in the log store.

import type { ServerFrame } from "@kos/api";
import type { LogRecord, LogSink } from "@kos/telemetry";

export interface LogTopic {
  /** Takes records and keeps none. */
  readonly sink: LogSink;
  /** Returns the way to stop. */
  listen(listener: (frame: ServerFrame) => void): () => void;
}

export function createLogTopic(): LogTopic {
  const listeners = new Set<(frame: ServerFrame) => void>();
  return {
    sink: {
      write(record) {
        if (listeners.size === 0) return;
        const frame = logFrame(record);
        for (const listener of listeners) listener(frame);
      },
      async flush() {},
      async [Symbol.asyncDispose]() {
        listeners.clear();
      },
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function logFrame(record: LogRecord): ServerFrame {
  return {
    type: "LOG",
    agent: record.agent ?? "node",
    task_id: record.task_id ?? null,
    ...(record.plan_id !== undefined && { plan_id: record.plan_id }),
    payload: { status: record.level, data: record },
    timestamp: record.at,
  };
}

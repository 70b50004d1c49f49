// Sinks made of other sinks, and one that remembers, for tests.

import type { LogRecord, LogSink } from "./log-record.ts";

/** Writes to all. A sink that throws all the same costs the others nothing. */
export function fanOutSink(sinks: readonly LogSink[], onError: (error: unknown) => void): LogSink {
  return {
    write(record) {
      for (const sink of sinks) {
        try {
          sink.write(record);
        } catch (error) {
          onError(error);
        }
      }
    },
    async flush() {
      await Promise.all(sinks.map((sink) => sink.flush()));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sinks.map((sink) => sink[Symbol.asyncDispose]()));
    },
  };
}

/** Keeps every record in `records`. */
export function memorySink(): LogSink & { readonly records: readonly LogRecord[] } {
  const records: LogRecord[] = [];
  return {
    records,
    write: (record) => void records.push(record),
    async flush() {},
    async [Symbol.asyncDispose]() {},
  };
}

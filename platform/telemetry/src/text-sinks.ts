// Sinks that write lines of text: JSON for machines, a readable form for people. Records arrive clean; texts are made safe again all the same.

import { inspect } from "node:util";
import { safeText } from "@kos/klp";
import { type LogLevel, type LogRecord, type LogSink, levelRank } from "./log-record.ts";

export interface TextSinkOptions {
  /** Gets one line with its newline. */
  readonly write: (text: string) => void;
  /** The least severe level written; default all. */
  readonly level?: LogLevel;
}

export interface PrettySinkOptions extends TextSinkOptions {
  readonly color?: boolean;
  /** IANA time zone of the times shown; default UTC. */
  readonly timeZone?: string;
}

/** One JSON object a line. */
export function jsonLinesSink(options: TextSinkOptions): LogSink {
  return textSink(options, (record) =>
    JSON.stringify(record, (_, value: unknown) => (typeof value === "string" ? safeText(value) : value)),
  );
}

/** `12:03:04.120 WARN  kExecutor:files 019a…/scan  slow folder  path=/srv ms=2100` */
export function prettySink(options: PrettySinkOptions): LogSink {
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: options.timeZone ?? "UTC",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  });
  const paint = (code: number, text: string) => (options.color === true ? `\u001b[${code}m${text}\u001b[0m` : text);
  return textSink(options, (record) => {
    const place = [record.plan_id === undefined ? undefined : shortId(record.plan_id), record.task_id]
      .filter((part) => part !== undefined)
      .join("/");
    const fields = Object.entries(record.fields ?? {}).map(([key, value]) => `${paint(DIM, `${safeText(key)}=`)}${fieldText(value)}`);
    const parts = [
      paint(DIM, time.format(new Date(record.at))),
      paint(COLORS[record.level], record.level.toUpperCase().padEnd(5)),
      [record.agent, place]
        .filter((part) => part !== undefined && part !== "")
        .map((part) => paint(DIM, safeText(part ?? "")))
        .join(" "),
      safeText(record.message),
      fields.join(" "),
    ];
    return parts.filter((part) => part !== "").join(" ");
  });
}

const DIM = 2;
const COLORS: Readonly<Record<LogLevel, number>> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 35 };

function textSink(options: TextSinkOptions, format: (record: LogRecord) => string): LogSink {
  const least = levelRank(options.level ?? "trace");
  return {
    write(record) {
      if (levelRank(record.level) >= least) options.write(`${format(record)}\n`);
    },
    async flush() {},
    async [Symbol.asyncDispose]() {},
  };
}

/** The random end of a UUIDv7 tells plans apart; its start is the time. */
function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

function fieldText(value: unknown): string {
  if (typeof value === "string" && /^[^\s="]+$/.test(value)) return safeText(value);
  return safeText(typeof value === "object" ? inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 }) : JSON.stringify(value));
}

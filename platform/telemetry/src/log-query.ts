// A query, checked and with every bound filled in, and whether a record fits it.

import { KosError } from "@kos/klp";
import { type LogRecord, levelRank } from "./log-record.ts";
import type { LogQuery } from "./log-store.ts";

export interface ResolvedQuery {
  readonly planId: string | null;
  readonly taskId: string | null;
  readonly traceId: string | null;
  readonly agent: string | null;
  readonly rank: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly after: number | undefined;
  readonly limit: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

/** @throws KosError BAD_REQUEST for a bad time or limit. */
export function resolveLogQuery(query: LogQuery): ResolvedQuery {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_LIMIT)
    throw new KosError("BAD_REQUEST", `A limit is a whole number from 0 to ${MAX_LIMIT}.`);
  return {
    planId: query.plan_id ?? null,
    taskId: query.task_id ?? null,
    traceId: query.trace_id ?? null,
    agent: query.agent ?? null,
    rank: query.level === undefined ? 0 : levelRank(query.level),
    sinceMs: query.since === undefined ? Number.MIN_SAFE_INTEGER : readTime(query.since),
    untilMs: query.until === undefined ? Number.MAX_SAFE_INTEGER : readTime(query.until),
    after: query.after,
    limit,
  };
}

export function fitsLogQuery(record: LogRecord, query: ResolvedQuery): boolean {
  const atMs = Date.parse(record.at);
  return (
    levelRank(record.level) >= query.rank &&
    (query.planId === null || record.plan_id === query.planId) &&
    (query.taskId === null || record.task_id === query.taskId) &&
    (query.traceId === null || record.trace_id === query.traceId) &&
    (query.agent === null || record.agent === query.agent) &&
    atMs >= query.sinceMs &&
    atMs < query.untilMs
  );
}

function readTime(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new KosError("BAD_REQUEST", `"${text.slice(0, 40)}" is not a time. Write it like 2026-11-22T12:00:00Z.`);
  return ms;
}

// Where the time of a plan went, from its events alone: what each attempt spent queued, running, in review and being recorded, and which chain
// of tasks the plan had to wait for. Pure; events it does not know, or whose payload was removed, are passed over.

import { type Attempt, AttemptBook } from "./attempt-book.ts";
import { criticalPath, type PathStep } from "./critical-path.ts";

/** An event of one plan, as read from its stream. */
export interface TraceEvent {
  /** `task.dispatched`. */
  readonly type: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** Null once forgotten. */
  readonly payload: unknown;
}

export interface TraceInput {
  readonly plan_id: string;
  /** In the order of plan_seq. */
  readonly events: readonly TraceEvent[];
  /** Which tasks each waits for, declared or implied by a reference; subtasks included. Items `name[i]` go by `name`. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
}

interface AttemptSpan {
  readonly task_id: string;
  /** Counts dispatches from 1; 0 for what the engine does itself (timers, questions). */
  readonly attempt: number;
  /** `succeeded`, `failed`, `rejected` (by review), `lost`, `cancelled`, `in_doubt` or `running`. */
  readonly outcome: string;
  /** From ready to dispatched: waiting for a worker, a limit, a pause or the next item's turn. */
  readonly queued_ms: number;
  /** As the agent measured it; without its word, from dispatched to answered. */
  readonly run_ms: number;
  readonly review_ms: number;
  /** What is left between dispatched and recorded: commits to disk and hand-over. */
  readonly commit_ms: number;
  /** RFC 3339 UTC of the dispatch. */
  readonly started_at: string;
}

export interface PlanTrace {
  readonly plan_id: string;
  /** From the plan's start to its end, or to its last event while it runs. */
  readonly total_ms: number;
  readonly attempts: readonly AttemptSpan[];
  /** Tasks in the order they ran, each with the time between the end of the one before and its own end. */
  readonly critical_path: readonly PathStep[];
}

export function buildTrace(input: TraceInput): PlanTrace {
  const book = new AttemptBook(input.dependencies);
  let startedMs: number | undefined;
  let lastMs = 0;
  let finishedMs: number | undefined;
  for (const { type, at, payload } of input.events) {
    const atMs = Date.parse(at);
    if (Number.isNaN(atMs)) continue;
    lastMs = Math.max(lastMs, atMs);
    if (type === "plan.created") startedMs ??= atMs;
    if (type === "plan.started") startedMs = atMs;
    if (type === "plan.finished") finishedMs = atMs;
    if (startedMs !== undefined) book.startedMs = startedMs;
    book.apply(type, atMs, payload);
  }
  const beginMs = startedMs ?? lastMs;
  return {
    plan_id: input.plan_id,
    total_ms: Math.max(0, (finishedMs ?? lastMs) - beginMs),
    attempts: book.attempts.map((attempt) => spanOf(attempt, lastMs)),
    critical_path: criticalPath(book.ends, input.dependencies, beginMs),
  };
}

function spanOf(attempt: Attempt, lastMs: number): AttemptSpan {
  const endMs = attempt.endMs ?? lastMs;
  const wallMs = Math.max(0, endMs - attempt.startedMs);
  const reviewMs = Math.min(
    wallMs,
    attempt.reviewMs + (attempt.reviewSinceMs === undefined ? 0 : Math.max(0, endMs - attempt.reviewSinceMs)),
  );
  const answeredMs = Math.min(wallMs - reviewMs, Math.max(0, (attempt.answeredMs ?? endMs) - attempt.startedMs));
  const runMs = Math.min(wallMs - reviewMs, attempt.runMs ?? answeredMs);
  return {
    task_id: attempt.taskId,
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    queued_ms: Math.max(0, attempt.startedMs - attempt.readyMs),
    run_ms: runMs,
    review_ms: reviewMs,
    commit_ms: wallMs - reviewMs - runMs,
    started_at: new Date(attempt.startedMs).toISOString(),
  };
}

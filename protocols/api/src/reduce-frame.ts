// What the node says of a run, frame by frame, reduced to the state of its rows. Pure: no clock, no screen.

import type { PlanStatus, TaskStatus } from "@kos/plan";
import type { ServerFrame } from "./frame.ts";
import type { Verdict } from "./plan-api.ts";
import { ITEM, type Progress, type RunState, type TaskRow } from "./run-state.ts";

type Data = Readonly<Record<string, unknown>>;
type Row = Partial<TaskRow>;
/** A key whose value is undefined is taken away. */
type Change = { readonly [Key in keyof Row]: Row[Key] | undefined };

/** The state after a frame. Frames of other plans and of kinds that say nothing about a run change nothing. */
export function reduceFrame(state: RunState, frame: ServerFrame): RunState {
  if (frame.plan_id !== state.planId) return state;
  if (frame.seq !== undefined && frame.seq <= state.seq) return state;
  const data = record(frame.payload.data);
  if (frame.type === "TASK_PROGRESS") return frame.task_id === null ? state : withProgress(state, frame.task_id, data);
  const event = text(data["event"]);
  if (event === undefined) return state;
  const atMs = Date.parse(frame.timestamp);
  const planStatus = text(data["plan_status"]) as PlanStatus | undefined;
  const next: RunState = { ...state, seq: frame.seq ?? state.seq, status: planStatus ?? state.status };
  return withTask(withPlan(next, event, data, atMs), event, frame.task_id, data, atMs);
}

function withPlan(state: RunState, event: string, data: Data, atMs: number): RunState {
  switch (event) {
    case "plan.started":
      return { ...state, startedAtMs: atMs };
    case "plan.halted":
      return problemIn(state, data);
    case "plan.finished": {
      const status = (text(data["status"]) as PlanStatus | undefined) ?? state.status;
      return { ...problemIn(state, data), status, endedAtMs: atMs, approvals: new Set(), inputs: new Set() };
    }
    case "approval.requested":
      return { ...state, approvals: withId(state.approvals, data["approval_id"]) };
    case "approval.decided":
    case "approval.expired":
      return { ...state, approvals: withoutId(state.approvals, data["approval_id"]) };
    case "input.requested":
      return { ...state, inputs: withId(state.inputs, data["input_id"]) };
    case "input.answered":
    case "input.expired":
      return { ...state, inputs: withoutId(state.inputs, data["input_id"]) };
    case "review.decided":
      return data["task_id"] === undefined && isVerdict(data["verdict"]) ? { ...state, verdict: data["verdict"] } : state;
    case "subtasks.added":
      return withSubtasks(state, data);
    default:
      return state;
  }
}

function withSubtasks(state: RunState, data: Data): RunState {
  const added = (Array.isArray(data["tasks"]) ? data["tasks"] : []).map(record).flatMap((task): [string, TaskRow][] => {
    const taskId = text(task["task_id"]);
    if (taskId === undefined) return [];
    const row: TaskRow = {
      taskId,
      title: text(task["title"]) ?? taskId,
      capability: text(task["capability"]) ?? "",
      status: "pending",
      attempt: 0,
      retries: 0,
      dependsOn: Array.isArray(task["depends_on"]) ? task["depends_on"].map(String) : [],
      ...(text(data["parent_id"]) !== undefined && { parentId: String(data["parent_id"]) }),
    };
    return [[taskId, row]];
  });
  return { ...state, tasks: new Map([...state.tasks, ...added]) };
}

function withTask(state: RunState, event: string, taskId: string | null, data: Data, atMs: number): RunState {
  if (taskId === null) return state;
  const parent = ITEM.exec(taskId)?.[1];
  if (parent !== undefined && !state.tasks.has(taskId)) return withItem(state, parent, event, data, atMs);
  const row = state.tasks.get(taskId);
  const change = row && changeOf(row, event, data, atMs);
  return row && change ? { ...state, tasks: new Map(state.tasks).set(taskId, merge(row, change)) } : state;
}

function merge(row: TaskRow, change: Change): TaskRow {
  return Object.fromEntries(Object.entries({ ...row, ...change }).filter(([, value]) => value !== undefined)) as unknown as TaskRow;
}

const AT_REST = { progress: undefined, retryAtMs: undefined } as const;

function changeOf(row: TaskRow, event: string, data: Data, atMs: number): Change | undefined {
  const ended = (status: TaskStatus): Change => ({ ...AT_REST, status, endedAtMs: atMs, startedAtMs: row.startedAtMs ?? atMs });
  switch (event) {
    case "task.dispatched":
      return { ...AT_REST, status: "running", attempt: count(data["attempt"]) ?? row.attempt + 1, startedAtMs: row.startedAtMs ?? atMs };
    case "task.timer_set":
      return { status: "running", startedAtMs: row.startedAtMs ?? atMs };
    case "task.expanded":
      return { status: "running", startedAtMs: atMs, items: { total: count(data["count"]) ?? 0, done: 0, failed: 0 } };
    case "task.attempt_failed":
      return again(row, data, text(record(data["error"])["message"]) ?? "the attempt failed");
    case "task.attempt_lost":
      return again(row, data, `the attempt was cut off (${(text(data["cause"]) ?? "unknown").replaceAll("_", " ")})`);
    case "task.fallback_started":
      return { status: "ready", capability: text(data["capability"]) ?? row.capability, progress: undefined };
    case "review.requested":
      return { status: "reviewing", progress: undefined };
    case "review.decided":
      return reviewed(row, data, ended("succeeded"));
    case "approval.requested":
      return { status: "waiting_approval" };
    case "approval.decided":
      return { status: "ready" };
    case "input.requested":
      return { status: "waiting_input" };
    case "input.answered":
      return answered(row, data, ended("succeeded"));
    case "task.succeeded":
    case "task.joined":
      return { ...ended("succeeded"), problem: undefined };
    case "task.reused":
      return { ...ended("succeeded"), isReused: true };
    case "task.skipped":
      return ended("skipped");
    case "task.cancelled":
      return ended("cancelled");
    case "task.failed":
      return { ...ended("failed"), problem: text(record(data["error"])["message"]) };
    case "task.in_doubt":
      return { ...AT_REST, status: "in_doubt" };
    case "task.resolved":
      return text(data["outcome"]) === "run_again" ? { status: "ready" } : ended(data["outcome"] === "failed" ? "failed" : "succeeded");
    default:
      return undefined;
  }
}

function again(row: TaskRow, data: Data, problem: string) {
  return { status: "pending", progress: undefined, problem, retries: row.retries + 1, retryAtMs: timeOf(data["retry_at"]) } as const;
}

/** What follows on a question or a refusal comes as events of its own. */
function reviewed(row: TaskRow, data: Data, accepted: Change): Change | undefined {
  const { verdict, next } = data;
  if (!isVerdict(verdict)) return undefined;
  switch (next) {
    case "accept":
      return { ...accepted, verdict, problem: undefined };
    case "retry":
    case "fallback":
      return { ...again(row, data, verdict.findings[0]?.message ?? "the review did not accept it"), verdict };
    default:
      return { verdict };
  }
}

/** A person who accepts a result that did not pass its review ends the task with it. */
function answered(row: TaskRow, data: Data, accepted: Change): Change {
  const decision = record(record(data["answer"])["value"])["decision"];
  if (row.verdict === undefined || row.verdict.accepted) return { status: "running" };
  return decision === "accept" ? { ...accepted, problem: undefined } : { status: "ready" };
}

/** Items of a `for_each` are counted, not listed: there may be ten thousand. */
function withItem(state: RunState, parent: string, event: string, data: Data, atMs: number): RunState {
  const row = state.tasks.get(parent);
  if (!row?.items) return state;
  const { items } = row;
  const next = event === "review.decided" ? data["next"] : undefined;
  const done = ["task.succeeded", "task.reused", "task.skipped", "task.cancelled"].includes(event) || next === "accept";
  const failed = event === "task.failed";
  const retried = event === "task.attempt_failed" || event === "task.attempt_lost" || next === "retry" || next === "fallback";
  if (!done && !failed && !retried) return state;
  const change: Row = {
    startedAtMs: row.startedAtMs ?? atMs,
    retries: row.retries + Number(retried),
    items: { ...items, done: items.done + Number(done || failed), failed: items.failed + Number(failed) },
  };
  return { ...state, tasks: new Map(state.tasks).set(parent, { ...row, ...change }) };
}

function withProgress(state: RunState, taskId: string, data: Data): RunState {
  const row = state.tasks.get(taskId);
  if (!row || row.status !== "running") return state;
  const progress: Progress = {
    ...(typeof data["fraction"] === "number" && { fraction: Math.min(1, Math.max(0, data["fraction"])) }),
    ...(typeof data["done"] === "number" && { done: data["done"] }),
    ...(typeof data["total"] === "number" && { total: data["total"] }),
    ...(typeof data["message"] === "string" && { message: data["message"] }),
  };
  return { ...state, tasks: new Map(state.tasks).set(taskId, { ...row, progress }) };
}

function problemIn(state: RunState, data: Data): RunState {
  const problem = text(record(data["error"])["message"]);
  return problem === undefined ? state : { ...state, problem };
}

function withId(ids: ReadonlySet<string>, id: unknown): ReadonlySet<string> {
  return typeof id === "string" ? new Set([...ids, id]) : ids;
}

function withoutId(ids: ReadonlySet<string>, id: unknown): ReadonlySet<string> {
  return new Set([...ids].filter((known) => known !== id));
}

function isVerdict(value: unknown): value is Verdict {
  return typeof value === "object" && value !== null && Array.isArray((value as Data)["findings"]);
}

function record(value: unknown): Data {
  return typeof value === "object" && value !== null ? (value as Data) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

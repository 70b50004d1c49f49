// A run as it looks from outside: a row for each task of a plan. reduce-frame.ts moves it on.

import type { PlanStatus, TaskStatus } from "@kos/plan";
import type { PlanView, TaskView, Verdict } from "./plan-api.ts";

export interface Progress {
  /** 0 to 1. */
  readonly fraction?: number;
  readonly done?: number;
  readonly total?: number;
  readonly message?: string;
}

export interface TaskRow {
  readonly taskId: string;
  readonly title: string;
  readonly capability: string;
  readonly status: TaskStatus;
  readonly attempt: number;
  readonly dependsOn: readonly string[];
  readonly parentId?: string;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** Set while it waits for another attempt. */
  readonly retryAtMs?: number;
  readonly retries: number;
  readonly progress?: Progress;
  readonly items?: { readonly total: number; readonly done: number; readonly failed: number };
  /** Why the last attempt or review did not pass. */
  readonly problem?: string;
  readonly verdict?: Verdict;
  readonly isReused?: boolean;
}

export interface RunState {
  readonly planId: string;
  readonly goal: string;
  readonly status: PlanStatus;
  readonly seq: number;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly tasks: ReadonlyMap<string, TaskRow>;
  readonly verdict?: Verdict;
  /** Ids of what waits for a person. */
  readonly approvals: ReadonlySet<string>;
  readonly inputs: ReadonlySet<string>;
  readonly problem?: string;
}

const ENDED: ReadonlySet<string> = new Set<PlanStatus>(["succeeded", "failed", "cancelled"]);
const TASK_ENDED: ReadonlySet<string> = new Set<TaskStatus>(["succeeded", "failed", "skipped", "cancelled"]);
/** Items of a `for_each`: `name[3]`. */
export const ITEM = /^(.+)\[\d+\]$/;

export function isEnded(status: PlanStatus): boolean {
  return ENDED.has(status);
}

export function isTaskEnded(status: TaskStatus): boolean {
  return TASK_ENDED.has(status);
}

export function runStateOf(view: PlanView): RunState {
  const { plan } = view;
  const items = Map.groupBy(
    view.tasks.filter(({ task_id }) => ITEM.test(task_id)),
    ({ task_id }) => ITEM.exec(task_id)?.[1] ?? "",
  );
  const rows = view.tasks.filter(({ task_id }) => !ITEM.test(task_id)).map((task) => rowOf(task, items.get(task.task_id) ?? []));
  return {
    planId: plan.plan_id,
    goal: plan.goal,
    status: plan.status,
    seq: view.seq,
    startedAtMs: Date.parse(view.started_at ?? plan.created_at),
    ...(view.ended_at !== undefined && { endedAtMs: Date.parse(view.ended_at) }),
    tasks: new Map(rows.map((row) => [row.taskId, row])),
    ...(view.verdict && { verdict: view.verdict }),
    approvals: new Set(view.approvals.filter(({ status }) => status === "open").map(({ approval_id }) => approval_id)),
    inputs: new Set(view.inputs.filter(({ status }) => status === "open").map(({ input_id }) => input_id)),
    ...(view.error && { problem: view.error.message }),
  };
}

function rowOf(task: TaskView, items: readonly TaskView[]): TaskRow {
  const failed = items.filter(({ status }) => status === "failed").length;
  return {
    taskId: task.task_id,
    title: task.title,
    capability: task.capability,
    status: task.status,
    attempt: task.attempt,
    dependsOn: task.depends_on,
    retries: Math.max(0, task.attempt - 1),
    ...(task.parent_id !== undefined && { parentId: task.parent_id }),
    ...(task.started_at !== undefined && { startedAtMs: Date.parse(task.started_at) }),
    ...(task.ended_at !== undefined && { endedAtMs: Date.parse(task.ended_at) }),
    ...(task.retry_at !== undefined && !isTaskEnded(task.status) && { retryAtMs: Date.parse(task.retry_at) }),
    ...(task.items_total !== undefined && { items: { total: task.items_total, done: task.items_done ?? 0, failed } }),
    ...(task.error && { problem: task.error.message }),
    ...(task.verdict && { verdict: task.verdict }),
  };
}

// A plan whose events are written down beforehand: what a node would say of it, step by step, for tests without an engine.

import { formatTimestamp } from "@kos/klp";
import type { PlanStatus, TaskStatus } from "@kos/plan";
import type { ServerFrame } from "./frame.ts";
import type { PlanView, TaskView } from "./plan-api.ts";

export const PLAN_ID = "019a8c3e-7b1a-7000-8000-0000a1b2c3d4";
export const STARTED_AT_MS = Date.UTC(2026, 10, 22, 12, 0, 0);
export const HASH = `sha256:${"ab".repeat(32)}`;

export interface Step {
  readonly event: string;
  readonly taskId?: string;
  readonly planStatus?: PlanStatus;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Frame `seq` of a run; a second lies between two. */
export function frameOf(step: Step, seq: number, planId: string = PLAN_ID): ServerFrame {
  return {
    type: step.taskId === undefined ? "PLAN_UPDATE" : "TASK_UPDATE",
    agent: "kCore:main",
    task_id: step.taskId ?? null,
    plan_id: planId,
    payload: {
      status: step.planStatus ?? "running",
      data: { event: step.event, plan_status: step.planStatus ?? "running", ...step.fields },
    },
    timestamp: formatTimestamp(STARTED_AT_MS + seq * 1000),
    seq,
    cursor: String(seq),
  };
}

export function taskView(taskId: string, change: Partial<TaskView> = {}): TaskView {
  return {
    task_id: taskId,
    title: `Do ${taskId}`,
    capability: "test.echo",
    status: "pending" satisfies TaskStatus,
    attempt: 0,
    generation: 0,
    depends_on: [],
    labels: [],
    ...change,
  };
}

export function planView(tasks: readonly TaskView[], change: Partial<PlanView> & { readonly status?: PlanStatus } = {}): PlanView {
  const { status = "running", ...rest } = change;
  return {
    plan: {
      plan_id: PLAN_ID,
      status,
      created_by: "person:owner",
      created_at: formatTimestamp(STARTED_AT_MS),
      hash: HASH,
      goal: "Report on /src",
      strategy: "playbook",
      tasks: tasks.map(({ task_id, title, capability, depends_on }) => ({ task_id, title, capability, params: {}, depends_on })),
      output: null,
    },
    tasks: [...tasks],
    approvals: [],
    inputs: [],
    started_at: formatTimestamp(STARTED_AT_MS),
    seq: 1,
    ...rest,
  };
}

// Plans of tests: short ways to write them, to hand them in, and to wait for what becomes of them, by frames and never by time.

import type { PlanEventView, PlanView, ServerFrame, TaskAccepted, TaskView } from "@kos/api";
import type { Door } from "./node.fixture.ts";

export interface StepOptions {
  readonly depends_on?: readonly string[];
  readonly [field: string]: unknown;
}

export function step(taskId: string, capability: string, params: object = {}, options: StepOptions = {}): object {
  return { task_id: taskId, title: taskId, capability, params, depends_on: [], ...options };
}

export function plan(tasks: readonly object[], more: object = {}): Record<string, unknown> {
  return { goal: "a test", tasks, output: null, ...more };
}

/** A cheap step in a worker process. */
export function write(taskId: string, json: unknown, options: StepOptions = {}): object {
  return step(taskId, "artifact.put", { name: `${taskId}.json`, media_type: "application/json", json }, options);
}

export function submitPlan(door: Door, graph: Record<string, unknown>, ...roots: readonly string[]): Promise<TaskAccepted> {
  return submit(door, { plan: graph }, ...roots);
}

export async function submit(door: Door, body: Record<string, unknown>, ...roots: readonly string[]): Promise<TaskAccepted> {
  return door.client.call("submit", { body }, roots.length === 0 ? {} : await door.grant(...roots));
}

const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);

/** The plan once it has ended. */
export function ended(door: Door, planId: string): Promise<PlanView> {
  return until(door, planId, (view) => ENDED.has(view.plan.status));
}

/** The view, where the plan succeeded; for what a suite builds on. */
export function succeeded(view: PlanView): PlanView {
  if (view.plan.status === "succeeded") return view;
  throw new Error(
    `the plan is ${view.plan.status}: ${JSON.stringify(view.error ?? view.tasks.map(({ task_id, error }) => ({ task_id, error })))}`,
  );
}

/** Submits and waits for the end. */
export async function run(door: Door, graph: Record<string, unknown>, ...roots: readonly string[]): Promise<PlanView> {
  return ended(door, (await submitPlan(door, graph, ...roots)).plan_id);
}

/** The plan as soon as it is as wanted; looked at once at first and then after every frame of it. */
export async function until(door: Door, planId: string, wanted: (view: PlanView) => boolean): Promise<PlanView> {
  const stop = new AbortController();
  try {
    const frames = door.frames([`plan:${planId}`], stop.signal);
    for (;;) {
      const view = await door.client.call("plan", { params: { plan_id: planId } });
      if (wanted(view)) return view;
      const { done } = await nextNew(frames, view.seq);
      if (done === true) throw new Error(`plan ${planId} is ${view.plan.status}, and its frames have ended`);
    }
  } finally {
    stop.abort();
  }
}

/** The next durable frame after the seq. */
async function nextNew(frames: AsyncGenerator<ServerFrame, void, undefined>, seq: number): Promise<IteratorResult<ServerFrame, void>> {
  for (;;) {
    const next = await frames.next();
    if (next.done === true || (next.value.seq !== undefined && next.value.seq > seq)) return next;
  }
}

export function taskOf(view: PlanView, taskId: string): TaskView {
  const found = view.tasks.find((task) => task.task_id === taskId);
  if (found === undefined) throw new Error(`there is no task ${taskId}`);
  return found;
}

export async function eventsOf(door: Door, planId: string): Promise<readonly PlanEventView[]> {
  const events: PlanEventView[] = [];
  let since: string | undefined;
  for (;;) {
    const query = { limit: 1000, ...(since !== undefined && { since }) };
    const page = await door.client.call("planEvents", { params: { plan_id: planId }, query });
    events.push(...page.items);
    if (page.next_cursor === null || page.items.length === 0) return events;
    since = page.next_cursor;
  }
}

export async function outputOf(door: Door, planId: string, taskId: string): Promise<Readonly<Record<string, unknown>>> {
  const view = await door.client.call("task", { params: { plan_id: planId, task_id: taskId } });
  return (view.output ?? {}) as Readonly<Record<string, unknown>>;
}

/** An artifact's bytes by its name within a plan. */
export async function artifactNamed(door: Door, planId: string, name: string): Promise<Buffer> {
  const { items } = await door.client.call("searchArtifacts", { query: { plan_id: planId, limit: 100 } });
  const found = items.find((artifact) => artifact.name === name);
  if (found === undefined) throw new Error(`plan ${planId} has no artifact ${name}, but ${items.map((item) => item.name).join(", ")}`);
  const response = await door.client.open("artifactContent", { params: { artifact_id: found.artifact_id } });
  return Buffer.from(await response.arrayBuffer());
}

/** The error a call must end with, as the node names it. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly details: Readonly<Record<string, unknown>> }> {
  const value = await call.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if ("answer" in value) throw new Error(`it was not refused but answered ${JSON.stringify(value.answer).slice(0, 300)}`);
  const { code, message, details } = value.error as { code?: string; message?: string; details?: Readonly<Record<string, unknown>> };
  if (code === undefined) throw value.error;
  return { code, message: message ?? "", details: details ?? {} };
}

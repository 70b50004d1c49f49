// Kills a worker process of a running plan, and tells from the log what became of the work it held.

import type { PlanEventView, ServerFrame } from "@kos/api";
import { eachItem, type Session } from "../connection/session.ts";
import type { OwnNode } from "../own-node/own-node.ts";

export interface WorkerLoss {
  /** Attempts that ended because their process was gone, each by task. */
  readonly lost: readonly string[];
  /** Tasks that had finished and were not started again afterwards. */
  readonly kept: number;
  /** Tasks that had finished and were dispatched once more: none, or a promise is broken. */
  readonly repeated: readonly string[];
}

/** Resolves with true once a process was killed while `isUnderWay` said so of a frame; with false when `signal` aborts first. */
export async function killWorkerDuring(
  node: Pick<OwnNode, "killWorker">,
  session: Session,
  planId: string,
  isUnderWay: (frame: ServerFrame) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const frame of session.frames({ topics: [`plan:${planId}`], since: "0", signal })) {
    // The oldest child is an executor: the first task was its.
    if (isUnderWay(frame) && (await node.killWorker(() => 0))) return true;
  }
  return false;
}

export async function workerLossOf(session: Session, planId: string): Promise<WorkerLoss> {
  const events: PlanEventView[] = [];
  for await (const event of eachItem(session.client, "planEvents", { params: { plan_id: planId }, query: { limit: 500 } }))
    events.push(event);
  return workerLoss(events);
}

export function workerLoss(events: readonly PlanEventView[]): WorkerLoss {
  const lost: string[] = [];
  const finished = new Set<string>();
  const repeated = new Set<string>();
  for (const { type, payload } of events) {
    const { task_id: task, cause, next } = (payload ?? {}) as Readonly<Record<"task_id" | "cause" | "next", unknown>>;
    if (typeof task !== "string") continue;
    if (type === "task.attempt_lost" && cause === "worker_lost") lost.push(task);
    if (type === "task.dispatched" && finished.has(task)) repeated.add(task);
    if (type === "task.succeeded" || (type === "review.decided" && next === "accept")) finished.add(task);
  }
  return { lost, kept: finished.size, repeated: [...repeated] };
}

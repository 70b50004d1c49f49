// Takes what time brings: looks at the tasks whose time has come. A timer that fires again finds nothing to do.

import { decideDue, nextDueMs } from "../plan/decide-timer.ts";
import { findTask, hasEnded } from "../plan/plan-state.ts";
import { taskJob } from "./job.ts";
import { reviewFailed } from "./message-step.ts";
import { envOf, type PartitionCore, record } from "./partition-core.ts";
import { enqueue, popTimer, pushTimer, type Resident } from "./resident.ts";
import { overdueReviews, scheduleReview } from "./review-step.ts";
import { schedule, settle } from "./settle-step.ts";

export function onTick(core: PartitionCore): void {
  for (let resident = core.wakes.first; resident !== undefined && resident.atMs <= core.nowMs; resident = core.wakes.first) {
    core.wakes.remove(resident);
    wake(core, resident);
    schedule(core, resident);
  }
}

function wake(core: PartitionCore, resident: Resident): void {
  const { state } = resident;
  if (state === undefined) return;
  for (const { taskId, reviewId } of overdueReviews(core, resident)) {
    reviewFailed(core, resident, state, taskId, reviewId, {
      code: "TIMEOUT",
      message: "The reviewer did not answer in time.",
      retryable: true,
    });
  }
  const dueLater: [number, Parameters<typeof pushTimer>[2]][] = [];
  while ((resident.timers[0]?.atMs ?? Number.POSITIVE_INFINITY) <= core.nowMs) {
    const entry = popTimer(resident);
    if (entry === undefined) break;
    const { task } = entry;
    if (task === undefined) {
      const job = scheduleReview(core, resident, undefined);
      if (job !== undefined) enqueue(resident, job);
      continue;
    }
    if (hasEnded(task.status) || findTask(state, task.id) !== task) continue;
    const dueMs = nextDueMs(task, core.ports.cancelGraceMs);
    if (dueMs === 0) continue;
    if (dueMs > core.nowMs) dueLater.push([dueMs, task]);
    else if (task.status === "ready") enqueue(resident, taskJob(task));
    else if (task.status === "reviewing") {
      const job = scheduleReview(core, resident, task);
      if (job !== undefined) enqueue(resident, job);
    } else {
      record(core, resident, state.tenant, decideDue(state, task, core.ports.isAlive, envOf(core)));
      const nextMs = nextDueMs(task, core.ports.cancelGraceMs);
      if (nextMs > core.nowMs) dueLater.push([nextMs, task]);
    }
  }
  for (const [atMs, task] of dueLater) pushTimer(resident, atMs, task);
  settle(core, resident);
}

// What becomes of a plan when a value it needs cannot be read back, although it was tried again: what needs it fails and says so.

import type { KosError } from "@kos/klp";
import { event, wireError } from "../plan/decide-env.ts";
import { decideReviewFailed, PLAN_REVIEW } from "../plan/decide-review.ts";
import type { PlanEvent } from "../plan/plan-event.ts";
import type { PlanState } from "../plan/plan-state.ts";
import type { Job } from "./job.ts";
import { envOf, type PartitionCore, record } from "./partition-core.ts";
import type { Resident } from "./resident.ts";
import { settle } from "./settle-step.ts";
import { ownStash } from "./stash.ts";

export function onValuesLost(core: PartitionCore, resident: Resident, state: PlanState, cause: KosError): void {
  const stash = ownStash(resident);
  const parked = [...stash.parked];
  stash.parked.clear();
  stash.loading.clear();
  for (const job of parked) record(core, resident, state.tenant, failureOf(core, state, job, cause));
  if (resident.outputParked && state.phase === "active") {
    resident.outputParked = false;
    record(core, resident, state.tenant, [event("plan.halted", { error: unreadable("The plan's output", cause) })]);
  }
  settle(core, resident);
}

function failureOf(core: PartitionCore, state: PlanState, { task, isReview }: Job, cause: KosError): PlanEvent[] {
  if (isReview) {
    const reviewId = task === undefined ? state.review?.id : task.review?.id;
    const taskId = task?.id ?? PLAN_REVIEW;
    return decideReviewFailed(state, { taskId, reviewId: reviewId ?? "", error: unreadable("The review", cause) }, envOf(core));
  }
  if (task === undefined || task.status !== "ready" || state.phase !== "active") return [];
  return [event("task.failed", { task_id: task.id, attempt: task.attempt, error: unreadable(`Task ${task.id}`, cause) })];
}

function unreadable(what: string, cause: KosError): ReturnType<typeof wireError> {
  return wireError(
    "INTERNAL",
    `${what} needs a value that cannot be read back (${cause.code}). Check the store with \`kai audit verify\`.`,
  );
}

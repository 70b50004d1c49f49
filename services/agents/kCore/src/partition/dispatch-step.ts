// Tries to bring ready work to agents. What needs values, a blob, a slot or budget first waits for exactly that.

import { KosError } from "@kos/klp";
import { entryKey, reserve } from "../budget/budget.ts";
import type { Amounts } from "../budget/budget-event.ts";
import { approvalReason } from "../plan/call-approval.ts";
import {
  decideCall,
  decideCondition,
  decideDispatch,
  decideOwnTask,
  decideReuse,
  findReusable,
  type ReusedResult,
} from "../plan/decide-dispatch.ts";
import { event, wireError } from "../plan/decide-env.ts";
import type { PlanEvent } from "../plan/plan-event.ts";
import { findTask, mayDispatch, type PlanState, type TaskState } from "../plan/plan-state.ts";
import { namesForStep, type PreparedCall } from "../plan/prepare-call.ts";
import { needsBlob } from "../plan/values.ts";
import { checkpointsOf, hasCheckpoints } from "./checkpoint-step.ts";
import { type Job, type JobOutcome } from "./job.ts";
import { envOf, newLeaseToken, type PartitionCore, record, recordBudget } from "./partition-core.ts";
import { taskRequest } from "./request-message.ts";
import { pushTimer, type Resident } from "./resident.ts";
import { tryReview } from "./review-step.ts";
import { ownStash, stashOf } from "./stash.ts";
import { askFor, hasValues, reusedKey, supplyOf } from "./values-step.ts";

/** Works off what is ready, kind by kind. True when something was recorded. */
export function dispatchReady(core: PartitionCore, resident: Resident): boolean {
  let isDone = false;
  for (const [key, queue] of resident.ready) {
    for (let job = queue.first; job !== undefined; job = queue.first) {
      const outcome = tryJob(core, resident, job, false);
      if (outcome === "no_slot") core.ports.dispatcher.wait(key, core.waiter, resident.planId);
      if (outcome === "no_slot" || outcome === "blocked") break;
      queue.shift();
      if (outcome === "done") isDone = true;
    }
  }
  return isDone;
}

export function tryJob(core: PartitionCore, resident: Resident, job: Job, inTurn: boolean): JobOutcome {
  if (job.isReview) return tryReview(core, resident, job, inTurn);
  const { state } = resident;
  const { task } = job;
  if (state === undefined || task === undefined || state.phase !== "active") return "skip";
  if (!mayDispatch(state)) return state.paused ? "blocked" : "skip";
  if (task.status !== "ready" || findTask(state, task.id) !== task) return "skip";
  if (task.retryAtMs > core.nowMs) {
    // The clock went back while it waited for a slot.
    pushTimer(resident, task.retryAtMs, task);
    return "skip";
  }
  return tryTask(core, resident, state, job, task, inTurn);
}

function tryTask(core: PartitionCore, resident: Resident, state: PlanState, job: Job, task: TaskState, inTurn: boolean): JobOutcome {
  if (job.lacksSlot && !core.ports.dispatcher.hasRoom(job.kind, core.nowMs, inTurn)) return "no_slot";
  if (!hasValues(core, resident, namesForStep(task))) return park(resident, job);
  const env = envOf(core);
  const supply = supplyOf(resident);
  const condition = decideCondition(state, task, supply);
  if (condition.length > 0) return done(core, resident, state, condition);
  const reusable = findReusable(state, task, supply, env);
  if (reusable !== undefined) return tryReuse(core, resident, state, job, task, reusable);
  const own = decideOwnTask(state, task, supply, env);
  if (own.length > 0) return done(core, resident, state, own);
  const decided = decideCall(state, task, supply, env);
  if ("events" in decided) return decided.events.length === 0 ? "no_slot" : done(core, resident, state, decided.events);
  const { call } = decided;
  const isRecorded = call.resolved || approvalReason(task, call.concerns) !== undefined;
  if (isRecorded && needsBlob(call.params) && !stashOf(resident).blobs.has(call.params.hash)) {
    core.ports.emit({ kind: "store_blob", planId: resident.planId, hash: call.params.hash, text: call.params.text });
    return park(resident, job);
  }
  if (!hasCheckpoints(core, resident, task)) return park(resident, job);
  return trySend(core, resident, state, job, task, call, inTurn);
}

function trySend(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  job: Job,
  task: TaskState,
  call: PreparedCall,
  inTurn: boolean,
): JobOutcome {
  const { dispatcher } = core.ports;
  const slot = dispatcher.acquire(job.kind, core.nowMs, inTurn);
  job.lacksSlot = slot === undefined;
  if (slot === undefined) return "no_slot";
  const wish = wishOf(task, call);
  const reservation = resident.budget === undefined ? { outcome: "granted" as const, amounts: wish } : reserve(resident.budget, wish);
  if (reservation.outcome !== "granted") {
    dispatcher.release(slot, "neutral", core.nowMs);
    if (reservation.outcome === "wait") return "blocked";
    const { kind, limit, used, wanted } = reservation;
    const message = `The plan's budget of ${limit} ${kind} does not cover task ${task.id}: ${used} used, ${wanted} more wanted.`;
    return done(core, resident, state, [
      event("plan.halted", { error: wireError("BUDGET_EXCEEDED", message, { kind, limit, used, wanted }) }),
    ]);
  }
  const target = {
    agent: slot.agent,
    local: slot.local,
    engine: core.ports.engine,
    leaseToken: newLeaseToken(core),
    timeoutMs: reservation.amounts.time_ms,
  };
  const checkpoints = checkpointsOf(resident, task);
  const events = decideDispatch(state, task, call, target, envOf(core));
  record(core, resident, state.tenant, events);
  const last = events.at(-1);
  if (last?.type !== "task.dispatched") {
    dispatcher.release(slot, "neutral", core.nowMs);
    return "done";
  }
  if (resident.budget !== undefined && !resident.budget.open.has(entryKey(task.id, last.payload.attempt))) {
    const { amounts } = reservation;
    recordBudget(core, resident, { type: "budget.reserved", payload: { task_id: task.id, attempt: last.payload.attempt, amounts } });
  }
  resident.held.set(task.id, { token: last.payload.lease_token, slot, outcome: undefined, cancelSent: false });
  const message = taskRequest(core, state, task, last.payload, call.params.value, checkpoints);
  core.outbox.hold({ kind: "send", agent: slot.agent, message });
  return "done";
}

function wishOf(task: TaskState, call: PreparedCall): Amounts {
  const { description, maxTimeoutMs = Number.POSITIVE_INFINITY } = call.offer;
  const isCall = call.effects.some((effect) => effect.startsWith("net.") || effect === "exec" || effect === "model");
  const time_ms = Math.min(task.shape.task.timeout_ms ?? description.timeout_ms, maxTimeoutMs);
  return { time_ms, attempts: 1, calls: isCall ? 1 : 0, units: description.cost };
}

function tryReuse(
  core: PartitionCore,
  resident: Resident,
  state: PlanState,
  job: Job,
  task: TaskState,
  reusable: NonNullable<ReturnType<typeof findReusable>>,
): JobOutcome {
  const key = reusedKey(reusable.seq);
  if (!stashOf(resident).values.has(key)) {
    askFor(core, resident, [{ key, planId: state.forkedFrom ?? "", seq: reusable.seq, blob: undefined }]);
    return park(resident, job);
  }
  const result = stashOf(resident).values.get(key) as ReusedResult | undefined;
  if (result === undefined) throw new KosError("INTERNAL", `Event ${reusable.seq} of plan ${state.forkedFrom ?? ""} holds no result.`);
  ownStash(resident).values.delete(key);
  return done(core, resident, state, decideReuse(state, task, reusable, result));
}

function done(core: PartitionCore, resident: Resident, state: PlanState, events: readonly PlanEvent[]): JobOutcome {
  record(core, resident, state.tenant, events);
  return "done";
}

function park(resident: Resident, job: Job): JobOutcome {
  ownStash(resident).parked.add(job);
  return "parked";
}

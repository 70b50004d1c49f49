// Takes commands of people and programs: decides, records, and answers once it is durable.

import { isKosError, KosError } from "@kos/klp";
import { decideAnswer, decideApproval, decideDeclassify, decideResolve } from "../plan/decide-person.ts";
import {
  decideCancel,
  decideCancelTask,
  decideChange,
  decidePause,
  decideResume,
  decideStart,
  decideSubmit,
  type Submission,
} from "../plan/decide-plan.ts";
import { decideSubtasks } from "../plan/decide-subtasks.ts";
import type { PlanEvent } from "../plan/plan-event.ts";
import { type PlanState, statusOf } from "../plan/plan-state.ts";
import { envOf, type PartitionCore, record } from "./partition-core.ts";
import type { KnownKey, PartitionInput, ReplyId } from "./partition-io.ts";
import { newResident, type Resident } from "./resident.ts";
import { settle } from "./settle-step.ts";

type CommandInput = Extract<PartitionInput, { kind: "command" }>;
type SubmitInput = Extract<PartitionInput, { kind: "submit" }>;

/** Keys kept in memory at most; the table has them all. */
const MAX_KEYS = 20_000;

export function onCommand(core: PartitionCore, resident: Resident, state: PlanState, input: CommandInput): void {
  // What belongs to another tenant is not there ([R29]).
  if (input.tenant !== state.tenant) return refuse(core, input.reply, unknownPlan(input.planId));
  let events: PlanEvent[];
  try {
    events = decideCommand(core, state, input);
  } catch (error) {
    return refuse(core, input.reply, asKosError(error));
  }
  record(core, resident, state.tenant, events);
  settle(core, resident);
  core.outbox.hold({ kind: "reply", reply: input.reply, accepted: { planId: state.planId, status: statusOf(state) } });
}

function decideCommand(core: PartitionCore, state: PlanState, { actor, command }: CommandInput): PlanEvent[] {
  const env = envOf(core);
  switch (command.kind) {
    case "start":
      return decideStart(state, actor, env);
    case "change":
      return decideChange(state, command, actor, env);
    case "cancel":
      return command.taskId === undefined
        ? decideCancel(state, actor, command.reason)
        : decideCancelTask(state, command.taskId, actor, command.reason);
    case "pause":
      return decidePause(state, actor, command.reason);
    case "resume":
      return decideResume(state, actor, command.reason, env);
    case "decide":
      return decideApproval(state, command, actor);
    case "answer":
      return decideAnswer(state, command.inputId, command.answer, actor);
    case "resolve":
      return decideResolve(state, command, actor);
    case "declassify":
      return decideDeclassify(state, command.taskId, command.labels, command.reason, actor);
    case "add_subtasks":
      return decideSubtasks(state, command, actor, core.ports.catalogue, env);
  }
}

/** A key used before gives the same plan for the same body, and is refused for another ([R112]). */
export function onSubmit(core: PartitionCore, input: SubmitInput): void {
  const { idempotency } = input.submission;
  if (idempotency === undefined) return createPlan(core, input);
  const known = core.keys.get(idempotency.scope);
  if (known !== undefined && known.expiresAtMs > core.nowMs) return answerKnown(core, input, known);
  if (known !== undefined) return createPlan(core, input);
  const waiters = core.keyWaiters.get(idempotency.scope);
  if (waiters !== undefined) {
    waiters.push(input);
    return;
  }
  core.keyWaiters.set(idempotency.scope, [input]);
  core.ports.emit({ kind: "load_key", scope: idempotency.scope });
}

export function onKeyLoaded(core: PartitionCore, input: Extract<PartitionInput, { kind: "key_loaded" }>): void {
  const waiters = core.keyWaiters.get(input.scope) ?? [];
  core.keyWaiters.delete(input.scope);
  // Not there: remembered as over, so that the first of those who wait makes the plan.
  if (!core.keys.has(input.scope)) rememberKey(core, input.scope, input.known ?? { planId: "", bodyHash: "", expiresAtMs: 0 });
  for (const waiter of waiters) if (waiter.kind === "submit") onSubmit(core, waiter);
}

function answerKnown(core: PartitionCore, input: SubmitInput, known: KnownKey): void {
  if (known.bodyHash !== input.submission.idempotency?.body_hash) {
    const message = "This Idempotency-Key was used for another request. Use a new key, or send the first request again unchanged.";
    return refuse(core, input.reply, new KosError("CONFLICT", message, { planId: known.planId }));
  }
  const state = core.residents.get(known.planId)?.state;
  core.outbox.hold({
    kind: "reply",
    reply: input.reply,
    accepted: { planId: known.planId, status: state && statusOf(state) },
  });
}

function createPlan(core: PartitionCore, input: SubmitInput): void {
  let resident: Resident;
  try {
    resident = openPlan(core, input.planId, input.tenant, input.submission);
  } catch (error) {
    return refuse(core, input.reply, asKosError(error));
  }
  const { idempotency } = input.submission;
  if (idempotency !== undefined) {
    rememberKey(core, idempotency.scope, {
      planId: input.planId,
      bodyHash: idempotency.body_hash,
      expiresAtMs: Date.parse(idempotency.expires_at),
    });
  }
  const { state } = resident;
  core.outbox.hold({ kind: "reply", reply: input.reply, accepted: { planId: input.planId, status: state && statusOf(state) } });
}

/** A new plan in memory, its first events in the next commit. */
export function openPlan(core: PartitionCore, planId: string, tenant: string, submission: Submission): Resident {
  const events = decideSubmit(submission, envOf(core));
  const resident = newResident(planId);
  core.residents.set(planId, resident);
  record(core, resident, tenant, events);
  settle(core, resident);
  return resident;
}

function rememberKey(core: PartitionCore, scope: string, known: KnownKey): void {
  core.keys.delete(scope);
  core.keys.set(scope, known);
  if (core.keys.size <= MAX_KEYS) return;
  const [oldest] = core.keys.keys();
  if (oldest !== undefined) core.keys.delete(oldest);
}

/** Held like every answer: a refusal tells of a state that has to be durable first. */
export function refuse(core: PartitionCore, reply: ReplyId, error: KosError): void {
  core.outbox.hold({ kind: "refuse", reply, error });
}

export function unknownPlan(planId: string): KosError {
  return new KosError("NOT_FOUND", `There is no plan ${planId}.`, { planId });
}

function asKosError(error: unknown): KosError {
  return isKosError(error) ? error : new KosError("INTERNAL", "The command could not be decided.", { cause: error });
}

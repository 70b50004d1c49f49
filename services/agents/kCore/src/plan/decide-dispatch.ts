// Decides what happens to a task that is ready: skipped, expanded into items, reused, asked about, or dispatched to an agent.

import { isKosError, KosError, toWireError } from "@kos/klp";
import { joinLabels, resolveReferences } from "@kos/plan";
import { approvalReason, askUnlessApproved } from "./call-approval.ts";
import { decideEngineTask } from "./decide-engine-task.ts";
import { type DecideEnv, event } from "./decide-env.ts";
import { mayBeForgotten } from "./decide-lost.ts";
import { isEngineCapability } from "./engine-capability.ts";
import { isoTime } from "./iso-time.ts";
import type { PlanEvent } from "./plan-event.ts";
import { type ApprovalState, isDone, type PlanState, type TaskState } from "./plan-state.ts";
import { baseLabels, callOf, inputHash, type PreparedCall, prepareCall, prepareParams, type Supply } from "./prepare-call.ts";
import type { TaskReused } from "./task-event.ts";
import { labelled, labelsNamed, outputNamed, prepareValue } from "./values.ts";

const MAX_ITEMS = 100_000;

/** Who would carry the call out. */
export interface DispatchTarget {
  readonly agent: string;
  readonly local: boolean;
  readonly engine: string;
  readonly leaseToken: string;
  /** Less than the capability's own when the budget leaves no more. */
  readonly timeoutMs: number;
}

/** What the graph says about whether and how often the task runs: `when`, and the items of a `for_each`. Empty: it runs, once. */
export function decideCondition(state: PlanState, task: TaskState, supply: Supply): PlanEvent[] {
  const isFirst = task.item < 0 && task.items === undefined && task.attempt === 0 && task.generation === 1;
  if (!isFirst) return [];
  try {
    if (task.shape.when !== undefined && !testWhen(state, task, supply)) {
      return [event("task.skipped", { task_id: task.id, labels: baseLabels(state, task) })];
    }
    return task.shape.forEach === undefined ? [] : expand(state, task, supply);
  } catch (error) {
    return failedToResolve(task, error);
  }
}

/** Tasks the engine carries out itself. Empty for a call that wants an agent. */
export function decideOwnTask(state: PlanState, task: TaskState, supply: Supply, env: DecideEnv): PlanEvent[] {
  const { capability } = callOf(task);
  if (!isEngineCapability(capability)) return [];
  try {
    return decideEngineTask(state, task, capability, supply, env);
  } catch (error) {
    return failedToResolve(task, error);
  }
}

/** The call made ready, or the events of its failure. */
export function decideCall(
  state: PlanState,
  task: TaskState,
  supply: Supply,
  env: DecideEnv,
): { readonly call: PreparedCall } | { readonly events: PlanEvent[] } {
  const offer = env.offer(callOf(task).capability);
  if (offer === undefined) return { events: [] };
  try {
    return { call: prepareCall(state, task, offer, supply, env) };
  } catch (error) {
    return { events: failedToResolve(task, error) };
  }
}

export interface Reusable {
  readonly key: string;
  readonly taskId: string;
  /** plan_seq in the plan this one was forked from. */
  readonly seq: number;
}

/**
 * A result of the plan this one was forked from that makes the task's call needless: same capability, version and resolved params. A
 * person's approval is never carried over.
 */
export function findReusable(state: PlanState, task: TaskState, supply: Supply, env: DecideEnv): Reusable | undefined {
  const { capability } = callOf(task);
  const isFirst = task.attempt === 0 && task.generation === 1;
  if (state.reusable === undefined || !isFirst || capability === "human.approve") return undefined;
  const offer = env.offer(capability);
  if (offer === undefined) return undefined;
  try {
    const key = inputHash(capability, offer.version, prepareParams(state, task, supply).params.text);
    const found = state.reusable.get(key);
    return found && { key, ...found };
  } catch (error) {
    if (isKosError(error)) return undefined;
    throw error;
  }
}

/** What the event of the finished task holds. */
export type ReusedResult = Pick<TaskReused, "output" | "output_hash" | "output_bytes"> & Partial<Pick<TaskReused, "artifacts">>;

export function decideReuse(state: PlanState, task: TaskState, reusable: Reusable, result: ReusedResult): PlanEvent[] {
  const labels = joinLabels(result.output.labels, baseLabels(state, task));
  const from = { plan_id: state.forkedFrom ?? "", task_id: reusable.taskId };
  const { output_hash, output_bytes, artifacts } = result;
  const output = { ...result.output, labels };
  return [
    event("task.reused", { task_id: task.id, from, key: reusable.key, output, output_hash, output_bytes, artifacts: artifacts ?? [] }),
  ];
}

/** Dispatches, or asks a person first. The target is used only when the events hold a `task.dispatched`. */
export function decideDispatch(state: PlanState, task: TaskState, call: PreparedCall, target: DispatchTarget, env: DecideEnv): PlanEvent[] {
  if (task.reconciling) return [dispatched(task, call, target, undefined, env)];
  // Put back as long as it could be repeated; now it cannot any more, be it for the time gone by or because its host was taken off the list.
  if (task.effectAtMs > 0 && (!call.idempotent || mayBeForgotten(task, call, env.nowMs))) {
    return [event("task.in_doubt", { task_id: task.id, attempt: task.attempt, cause: "forgotten" })];
  }
  const denied = call.concerns.filter((concern) => env.policy[concern.rule] === "deny");
  if (denied.length > 0) {
    const message = `The label policy forbids this call: ${denied.map((concern) => concern.reason).join("; ")}.`;
    return [event("task.failed", { task_id: task.id, attempt: task.attempt, error: { code: "POLICY_DENIED", message, retryable: false } })];
  }
  const reason = approvalReason(task, call.concerns);
  const events: PlanEvent[] = [];
  if (reason !== undefined) {
    const { capability, params, labels } = call;
    const asked = askUnlessApproved(state, task, { capability, params, labels, target: target.agent }, reason, env);
    if (asked !== undefined) return asked;
  }
  for (const { reference, labels } of call.declassified) {
    events.push(event("value.declassified", { task_id: task.id, labels, how: "schema", by: "kCore:main", reference }));
  }
  events.push(dispatched(task, call, target, reason === undefined ? undefined : task.approval, env));
  return events;
}

function dispatched(
  task: TaskState,
  call: PreparedCall,
  target: DispatchTarget,
  approval: ApprovalState | undefined,
  env: DecideEnv,
): PlanEvent {
  const timeoutAtMs = env.nowMs + target.timeoutMs;
  return event("task.dispatched", {
    task_id: task.id,
    attempt: task.attempt + 1,
    generation: task.generation,
    mode: task.reconciling ? "reconcile" : "run",
    capability: call.capability,
    version: call.offer.version,
    agent: target.agent,
    engine: target.engine,
    local: target.local,
    lease_token: target.leaseToken,
    lease_expires_at: isoTime(Math.min(env.nowMs + env.leaseMs, timeoutAtMs)),
    timeout_at: isoTime(timeoutAtMs),
    input_hash: call.inputHash,
    ...(call.resolved && { params: labelled(call.params, call.labels, "params") }),
    labels: call.labels,
    effects: call.effects,
    idempotent: call.idempotent,
    ...(call.idempotentForMs !== undefined && { idempotent_for_ms: call.idempotentForMs }),
    reconcile: call.offer.description.reconcile,
    ...(approval && { approval_id: approval.id }),
  });
}

function testWhen(state: PlanState, task: TaskState, supply: Supply): boolean {
  const { when } = task.shape;
  if (when === undefined) return true;
  const bindings = Object.fromEntries(when.variables.map((name) => [name, outputNamed(state, name, supply.read)?.value ?? null]));
  return when.test(bindings);
}

function expand(state: PlanState, task: TaskState, supply: Supply): PlanEvent[] {
  const list = itemsOf(state, task, supply);
  const labels = joinLabels(baseLabels(state, task), labelsNamed(state, task.shape.forEach?.names ?? []));
  return [event("task.expanded", { task_id: task.id, count: list.length, labels })];
}

/** The list a `for_each` task goes through. Errors: BAD_REQUEST when it is not a list, TOO_LARGE. */
export function itemsOf(state: PlanState, task: TaskState, supply: Pick<Supply, "read">): readonly unknown[] {
  const { forEach } = task.shape;
  if (forEach === undefined) return [];
  if (forEach.literal !== undefined) return forEach.literal;
  const { value } = resolveReferences(forEach.items, (name) => outputNamed(state, name, supply.read), { at: "$.for_each" });
  if (!Array.isArray(value)) {
    throw new KosError("BAD_REQUEST", `for_each of task ${task.id} needs a list; it got ${value === null ? "null" : typeof value}.`);
  }
  if (value.length > MAX_ITEMS)
    throw new KosError("TOO_LARGE", `for_each of task ${task.id} got ${value.length} items; at most ${MAX_ITEMS}.`);
  return value;
}

/** What cannot be resolved now never can: the outputs it reads are final. */
function failedToResolve(task: TaskState, error: unknown): PlanEvent[] {
  if (!isKosError(error)) throw error;
  return [event("task.failed", { task_id: task.id, attempt: task.attempt, error: { ...toWireError(error), retryable: false } })];
}

/** Hash of a joined list: over its items' hashes, so that no item has to be read back for it. */
export function joinedHash(task: TaskState): string {
  const hashes = (task.items?.list ?? []).map((item) => (item.output !== undefined && isDone(item.status) ? item.output.hash : null));
  return prepareValue(hashes).hash;
}

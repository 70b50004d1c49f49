// Retry and fork: a new plan from an old one that keeps what is finished. What has changed since, and what would have its effect again, is said
// before anything runs.

import { canonicalJson, KosError } from "@kos/klp";
import type { PlanGraph, Task } from "@kos/plan";
import type { RerunRequest } from "../engine-api.ts";
import { replay } from "../partition/load-step.ts";
import type { LoadedPlan } from "../partition/partition-io.ts";
import type { Submission } from "../plan/decide-plan.ts";
import type { ReusableResult } from "../plan/plan-event.ts";
import type { PlanState } from "../plan/plan-state.ts";
import type { EngineParts } from "./engine-parts.ts";
import { type RunRecord, reusableResults, runRecords, tasksAndItems } from "./run-record.ts";
import { readPlan } from "./stored-plan.ts";
import { bodyBlob, checkedHash, keyScope, newPlanId } from "./submission.ts";

/** Something that is not what it was when the plan was made. */
interface Stale {
  readonly what: "playbook" | "capability";
  readonly name: string;
  readonly recorded: string;
  /** Null: it is gone. */
  readonly current: string | null;
  readonly tasks: readonly string[];
}

/** Effects through which running a call again changes something outside again. */
const REPEATING: ReadonlySet<string> = new Set(["net.write", "fs.write", "exec", "memory.write"]);

/** Errors: NOT_FOUND, CONFLICT (it still runs; effects would repeat), DEFINITION_CHANGED with `details.stale`, and those of the plan check. */
export async function rerun(
  parts: EngineParts,
  request: RerunRequest,
): Promise<{ readonly planId: string; readonly submission: Submission }> {
  const loaded = await readPlan(parts.options, parts.partitionOf(request.planId), request.planId);
  const source = sourceState(loaded, request);
  const records = runRecords(loaded);
  const graph = changedGraph(source, request);
  const stale = await staleParts(parts, source);
  if (stale.length > 0 && request.acceptChanged !== true) {
    const names = stale.map(({ what, name, recorded, current }) => `${what} ${name} (${recorded || "unknown"} → ${current ?? "gone"})`);
    throw new KosError(
      "DEFINITION_CHANGED",
      `Since plan ${source.planId} was made these have changed: ${names.join(", ")}. Read the list, then accept the change or start anew.`,
      {
        planId: source.planId,
        details: { stale },
      },
    );
  }
  const again = tasksToRun(source, graph, request, stale);
  refuseRepeatedEffects(source, records, again, request);
  const { hash, definition } = checkedHash(parts, graph);
  const reusable = reusableResults(source, records, (task) => !again.has(task.parent?.id ?? task.id));
  const body = await bodyBlob(parts, { graph, reusable });
  const key = keyScope(parts, request);
  const planId = newPlanId(parts, key);
  return { planId, submission: submissionFrom(source, request, graph, hash, definition, reusable, body, key) };
}

function submissionFrom(
  source: PlanState,
  request: RerunRequest,
  graph: PlanGraph,
  hash: string,
  definition: Submission["definition"],
  reusable: readonly ReusableResult[],
  body: Submission["body"],
  key: Submission["idempotency"],
): Submission {
  const wanted = request.fsRoots;
  const from = request.kind === "fork" ? request.from : undefined;
  return {
    graph,
    hash,
    created_by: request.caller.id,
    // Rights are not widened by running again.
    grants: { fs_roots: wanted ?? source.grants.fs_roots },
    definition,
    // An approval names a hash and is not carried over.
    approval: source.needsApproval,
    start: true,
    forked_from: { plan_id: source.planId, kind: request.kind, ...(from !== undefined && { from }) },
    reusable,
    ...(source.traceId !== undefined && { trace_id: source.traceId }),
    ...(key && { idempotency: key }),
    ...(body && { body }),
  };
}

function sourceState(loaded: LoadedPlan, { caller, planId, kind }: RerunRequest): PlanState {
  const state = replay(planId, loaded);
  if (state === undefined || state.tenant !== caller.tenant) throw new KosError("NOT_FOUND", `There is no plan ${planId.slice(0, 80)}.`);
  if (kind === "retry" && state.finished === undefined)
    throw new KosError("CONFLICT", `Plan ${planId} has not ended; only an ended plan is retried.`, { planId });
  if (kind === "retry" && state.finished === "succeeded")
    throw new KosError("CONFLICT", `Plan ${planId} has succeeded. Fork it to run a part of it again.`, { planId });
  return state;
}

/** The plan's own tasks; subtasks are added anew by the tasks that want them. */
function changedGraph(source: PlanState, request: RerunRequest): PlanGraph {
  const base = request.graph ?? source.shape.graph;
  if (request.params === undefined) return base;
  const names = new Set(base.tasks.map((task) => task.task_id));
  for (const name of Object.keys(request.params)) {
    if (!names.has(name))
      throw new KosError("BAD_REQUEST", `The plan has no task ${name.slice(0, 80)} to change params of.`, { planId: source.planId });
  }
  const tasks = base.tasks.map((task): Task => {
    const params = request.params?.[task.task_id];
    return params === undefined ? task : { ...task, params: { ...task.params, ...params } };
  });
  return { ...base, tasks };
}

/** What the plan stands on that is not what it was. */
async function staleParts(parts: EngineParts, source: PlanState): Promise<readonly Stale[]> {
  const stale: Stale[] = [];
  const { playbook, capabilities } = source.definition;
  if (playbook !== undefined && parts.options.playbookHash !== undefined) {
    const current = (await parts.options.playbookHash(playbook.name)) ?? null;
    if (current !== playbook.hash) stale.push({ what: "playbook", name: playbook.name, recorded: playbook.hash, current, tasks: [] });
  }
  for (const [name, recorded] of Object.entries(capabilities)) {
    const current = parts.registry.offer(name)?.version ?? null;
    if (current === recorded) continue;
    const tasks = source.shape.tasks.filter((shape) => shape.call.capability === name || shape.fallback?.capability === name);
    stale.push({ what: "capability", name, recorded, current, tasks: tasks.map((shape) => shape.task.task_id) });
  }
  return stale;
}

/** Tasks that run again: the wished, the changed, the unfinished, the stale, and everything that waits for one of them. */
function tasksToRun(source: PlanState, graph: PlanGraph, request: RerunRequest, stale: readonly Stale[]): ReadonlySet<string> {
  const again = new Set<string>();
  const wished = [...(request.tasks ?? []), ...(request.from === undefined ? [] : [request.from])];
  const names = new Set(graph.tasks.map((task) => task.task_id));
  for (const name of wished) {
    if (!names.has(name)) throw new KosError("BAD_REQUEST", `The plan has no task ${name.slice(0, 80)}.`, { planId: source.planId });
    again.add(name);
  }
  for (const { tasks } of stale) for (const name of tasks) again.add(name);
  for (const task of graph.tasks) {
    const index = source.shape.index.get(task.task_id);
    const before = index === undefined ? undefined : source.tasks[index];
    if (before === undefined || before.status !== "succeeded" || hashOf(before.shape.task) !== hashOf(task)) again.add(task.task_id);
  }
  const followers = new Map(source.shape.tasks.map((shape) => [shape.task.task_id, shape.dependents]));
  const open = [...again];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const position of followers.get(name) ?? []) {
      const follower = source.shape.tasks[position]?.task.task_id;
      if (follower === undefined || again.has(follower)) continue;
      again.add(follower);
      open.push(follower);
    }
  }
  return again;
}

/** A title or a bound on retries does not change what a call does. */
function hashOf(task: Task): string {
  const { capability, params, when = null, for_each: forEach = null, review = null } = task;
  return canonicalJson([capability, params, when, forEach, review]);
}

/** Calls that have had an effect outside, or may have had one, and would have it again. */
function refuseRepeatedEffects(
  source: PlanState,
  records: ReadonlyMap<string, RunRecord>,
  again: ReadonlySet<string>,
  request: RerunRequest,
): void {
  if (request.confirmEffects === true) return;
  const effects: { readonly task_id: string; readonly capability: string; readonly status: string }[] = [];
  for (const task of tasksAndItems(source)) {
    const record = records.get(task.id);
    if (record === undefined || !again.has(task.parent?.id ?? task.id)) continue;
    const hasWritten = task.status === "succeeded" && record.effects.some((effect) => REPEATING.has(effect));
    if (record.hadEffect || hasWritten) effects.push({ task_id: task.id, capability: task.shape.call.capability, status: task.status });
  }
  if (effects.length === 0) return;
  const names = effects.slice(0, 10).map(({ task_id: id, capability }) => `${id} (${capability})`);
  throw new KosError("CONFLICT", `Running again would repeat effects of ${names.join(", ")}. Confirm it if that is wanted.`, {
    planId: source.planId,
    details: { effects },
  });
}

// Checks the log of a run on its own, with a model much simpler than the engine: it knows nothing of its states.

import type { PlanGraph, Task } from "@kos/plan";
import { dependenciesOf } from "@kos/plan";
import type { NewEvent } from "@kos/store";
import { checkSchedule } from "./check-schedules.ts";
import { SIM_AGENTS } from "./sim-capabilities.ts";
import type { SimWorld } from "./sim-world.ts";

interface TaskModel {
  /** Token of the call that runs. */
  open: string | undefined;
  effect: boolean;
  idempotent: boolean;
  /** How long the other side recognises a repetition, and since when that counts in this generation. */
  idempotentForMs: number | undefined;
  generation: number;
  effectAtMs: number | undefined;
  ended: boolean;
  inDoubt: boolean;
  attempt: number;
}

interface Approval {
  readonly digest: string;
  readonly taskId: string | undefined;
  approvedAtMs: number | undefined;
  spent: boolean;
}

const TEN_MINUTES_MS = 600_000;
const LABELLED = new Set(SIM_AGENTS.flatMap((agent) => agent.capabilities.map(({ description }) => description.name)));

export function checkLog(world: SimWorld): void {
  for (const [streamId, events] of world.store.streams()) {
    if (events[0]?.type.startsWith("budget.")) checkBudget(world, streamId, events);
    else if (events[0]?.type.startsWith("schedule.")) checkSchedule(world, streamId, events);
    else new PlanCheck(world, streamId).run(events);
  }
}

class PlanCheck {
  readonly #world: SimWorld;
  readonly #planId: string;
  readonly #tasks = new Map<string, TaskModel>();
  readonly #graph = new Map<string, Task>();
  readonly #approvals = new Map<string, Approval>();
  readonly #items = new Map<string, number>();
  readonly #replans = new Set<string>();
  #finished = false;
  /** Why nothing new may be dispatched. */
  #stopped: string | undefined;
  #paused = false;
  #hash = "";
  #approvedHash: string | undefined;
  #needsApproval = false;

  constructor(world: SimWorld, planId: string) {
    this.#world = world;
    this.#planId = planId;
  }

  run(events: readonly NewEvent[]): void {
    let seq = 0;
    for (const event of events) {
      seq++;
      if (event.plan_seq !== seq) this.#violate("[I11]", `event ${seq} is numbered ${event.plan_seq}`);
      if (this.#finished) this.#violate("[I3]", `${event.type} after the end`);
      this.#one(event, JSON.parse(event.payload) as Record<string, unknown>);
    }
  }

  #violate(promise: string, detail: string): void {
    this.#world.violate(promise, `${this.#planId}: ${detail}`);
  }

  #task(id: string): TaskModel {
    let model = this.#tasks.get(id);
    if (model === undefined)
      this.#tasks.set(
        id,
        (model = {
          open: undefined,
          effect: false,
          idempotent: true,
          idempotentForMs: undefined,
          generation: 0,
          effectAtMs: undefined,
          ended: false,
          inDoubt: false,
          attempt: 0,
        }),
      );
    return model;
  }

  /** A failure stops the plan, unless it is of an item that may be missing. */
  #stop(event: NewEvent, payload: Record<string, unknown>): void {
    if (event.type === "plan.paused" || event.type === "plan.resumed") this.#paused = event.type === "plan.paused";
    if (event.type === "plan.cancel_requested" || event.type === "plan.halted") this.#stopped ??= event.type;
    const isFailure =
      event.type === "task.failed" ||
      event.type === "task.cancelled" ||
      (event.type === "task.resolved" && payload["outcome"] === "failed");
    if (!isFailure) return;
    const taskId = String(payload["task_id"]);
    const forEach = this.#graph.get(taskId.replace(/\[\d+\]$/, ""))?.for_each;
    const maySkip = taskId.endsWith("]") && typeof forEach === "object" && !Array.isArray(forEach) && forEach.on_item_error === "skip";
    if (!maySkip) this.#stopped ??= `${event.type} of ${taskId}`;
  }

  #one(event: NewEvent, payload: Record<string, unknown>): void {
    this.#stop(event, payload);
    const taskId = typeof payload["task_id"] === "string" ? payload["task_id"] : undefined;
    const task = taskId === undefined ? undefined : this.#task(taskId);
    switch (event.type) {
      case "plan.created":
        this.#needsApproval = payload["approval"] === true;
        this.#learn(payload);
        return;
      case "plan.changed":
        this.#learn(payload);
        this.#approvedHash = undefined;
        return;
      case "plan.started":
      case "plan.resumed":
        if (this.#needsApproval && this.#approvedHash !== this.#hash)
          this.#violate("[I12]", `${event.type} without approval of ${this.#hash}`);
        return;
      case "plan.finished":
        this.#finished = true;
        for (const [id, model] of this.#tasks) if (model.open !== undefined) this.#violate("[I5]", `ended while ${id} runs`);
        for (const [id, model] of this.#tasks) if (model.inDoubt) this.#violate("[I3]", `ended while ${id} is in doubt`);
        return;
      case "subtasks.added":
        for (const added of payload["tasks"] as Task[]) this.#graph.set(added.task_id, added);
        return;
      case "task.replanned":
        return this.#replanned(payload, String(taskId));
      case "approval.requested":
        this.#approvals.set(String(payload["approval_id"]), {
          digest: String(payload["digest"]),
          taskId,
          approvedAtMs: undefined,
          spent: false,
        });
        return;
      case "approval.decided":
        return this.#decided(event, payload);
      case "approval.expired": {
        const approval = this.#approvals.get(String(payload["approval_id"]));
        if (approval !== undefined) approval.spent = true;
        return;
      }
      default:
        if (task !== undefined && taskId !== undefined) this.#taskEvent(event, payload, taskId, task);
    }
  }

  /** Once a task; from then on it waits for what its new call reads, steps below it among that. */
  #replanned(payload: Record<string, unknown>, taskId: string): void {
    const definition = this.#graph.get(taskId);
    if (definition === undefined || this.#replans.has(taskId)) return this.#violate("[I20]", `${taskId} is planned anew without need`);
    this.#replans.add(taskId);
    if ((payload["instead_of"] as string[]).includes(String(payload["capability"])))
      this.#violate("[I20]", `${taskId} gets a call that was tried`);
    const params = payload["params"] as Task["params"];
    for (const step of payload["steps"] as string[])
      if (this.#graph.get(step)?.parent_id !== taskId) this.#violate("[I20]", `${step} is no step of ${taskId}`);
    this.#graph.set(taskId, { ...definition, depends_on: [...definition.depends_on, ...dependenciesOf({ ...definition, params })] });
  }

  #learn(payload: Record<string, unknown>): void {
    this.#hash = String(payload["hash"]);
    for (const task of (payload["graph"] as PlanGraph).tasks) this.#graph.set(task.task_id, task);
  }

  #decided(event: NewEvent, payload: Record<string, unknown>): void {
    const approval = this.#approvals.get(String(payload["approval_id"]));
    if (approval === undefined || approval.spent) return this.#violate("[I12]", "a decision without an open request");
    if (approval.digest !== payload["digest"]) this.#violate("[I12]", "a decision for another digest");
    if (payload["decision"] !== "approved") return;
    approval.approvedAtMs = Date.parse(event.at);
    if (approval.taskId === undefined) this.#approvedHash = approval.digest;
  }

  #taskEvent(event: NewEvent, payload: Record<string, unknown>, taskId: string, task: TaskModel): void {
    switch (event.type) {
      case "task.dispatched":
        return this.#dispatched(event, payload, taskId, task);
      case "task.effect_begun":
        if (task.open === undefined || payload["attempt"] !== task.attempt) this.#violate("[I5]", `effect of ${taskId} without a lease`);
        task.effect = true;
        return this.#effectBegun(event, taskId, task);
      case "task.checkpointed":
        if (task.open === undefined || payload["attempt"] !== task.attempt)
          this.#violate("[I5]", `checkpoint of ${taskId} without a lease`);
        return;
      case "task.expanded":
        this.#items.set(taskId, Number(payload["count"]));
        this.#needsDone(taskId);
        return;
      case "task.timer_set":
      case "input.requested":
        this.#needsDone(taskId);
        if (payload["purpose"] !== "review" && this.#isGuarded(taskId)) this.#onApproval(event, payload, taskId);
        return;
      case "task.attempt_failed":
      case "task.attempt_lost":
        if (task.open === undefined) this.#violate("[I5]", `${event.type} of ${taskId} without a lease`);
        if (
          event.type === "task.attempt_lost" &&
          task.effect &&
          !task.idempotent &&
          payload["next"] === "retry" &&
          payload["cause"] !== "not_done"
        ) {
          this.#violate("[I4]", `${taskId} is repeated although its effect had begun`);
        }
        task.open = undefined;
        return;
      case "task.in_doubt":
        task.open = undefined;
        task.inDoubt = true;
        return;
      case "task.resolved":
        if (!task.inDoubt) this.#violate("[I3]", `${taskId} was settled without a doubt`);
        task.inDoubt = false;
        task.ended = payload["outcome"] !== "run_again";
        return;
      case "review.requested":
        // Its result has come, be it late: nothing about its effect is in doubt.
        task.open = undefined;
        task.inDoubt = false;
        return;
      case "review.decided":
        if (payload["next"] === "accept") this.#end(taskId, task);
        return;
      case "input.answered":
        if ((payload["answer"] as { value?: unknown }).value === "accept") this.#end(taskId, task);
        return;
      case "task.succeeded":
      case "task.reused":
      case "task.joined":
      case "task.failed":
      case "task.skipped":
      case "task.cancelled":
        this.#end(taskId, task);
        return;
      default:
        return;
    }
  }

  #end(taskId: string, task: TaskModel): void {
    if (task.ended) this.#violate("[I3]", `${taskId} ended twice`);
    task.open = undefined;
    task.inDoubt = false;
    task.ended = true;
  }

  #dispatched(event: NewEvent, payload: Record<string, unknown>, taskId: string, task: TaskModel): void {
    if (this.#stopped !== undefined) this.#violate("[I14]", `${taskId} is dispatched after ${this.#stopped}`);
    if (this.#paused) this.#violate("[I14]", `${taskId} is dispatched while the plan is paused`);
    if (task.ended) this.#violate("[I3]", `${taskId} runs again after its end`);
    if (task.open !== undefined)
      this.#violate("[I5]", `${taskId} has two valid leases: ${task.open} and ${String(payload["lease_token"])}`);
    if (task.inDoubt) this.#violate("[I4]", `${taskId} runs again while in doubt`);
    if (payload["attempt"] !== task.attempt + 1)
      this.#violate("[I5]", `attempt ${String(payload["attempt"])} of ${taskId} follows ${task.attempt}`);
    task.open = String(payload["lease_token"]);
    task.attempt = Number(payload["attempt"]);
    task.idempotent = payload["idempotent"] === true;
    task.idempotentForMs = payload["idempotent_for_ms"] as number | undefined;
    if (payload["generation"] !== task.generation) task.effectAtMs = undefined;
    task.generation = Number(payload["generation"]);
    task.effect = payload["mode"] === "reconcile";
    this.#needsDone(taskId);
    if (payload["mode"] === "run") this.#approved(event, payload, taskId);
  }

  /** What may be repeated for a time only is not begun again after it. */
  #effectBegun(event: NewEvent, taskId: string, task: TaskModel): void {
    const atMs = Date.parse(event.at);
    task.effectAtMs ??= atMs;
    if (task.idempotentForMs !== undefined && Math.abs(atMs - task.effectAtMs) > task.idempotentForMs)
      this.#violate("[I4]", `${taskId} is repeated ${atMs - task.effectAtMs} ms after its first effect`);
  }

  /** A call that needs a person's yes has one: for this digest, at most ten minutes old, not spent. */
  #approved(event: NewEvent, payload: Record<string, unknown>, taskId: string): void {
    const labels = payload["labels"] as readonly string[];
    const capability = String(payload["capability"]);
    if (!this.#isGuarded(taskId) && payload["approval_id"] === undefined) {
      if (labels.includes("confidential") && capability.startsWith("web.") && LABELLED.has(capability))
        this.#violate("[I12]", `${taskId} sends confidential content without approval`);
      return;
    }
    this.#onApproval(event, payload, taskId);
  }

  #isGuarded(taskId: string): boolean {
    const approval = this.#graph.get(taskId.replace(/\[\d+\]$/, ""))?.approval;
    return approval !== undefined && approval !== false;
  }

  #onApproval(event: NewEvent, payload: Record<string, unknown>, taskId: string): void {
    const approval = this.#approvals.get(String(payload["approval_id"]));
    if (approval?.taskId !== taskId || approval.approvedAtMs === undefined)
      return this.#violate("[I12]", `${taskId} runs without its approval`);
    if (approval.spent) this.#violate("[I12]", `${taskId} runs on a spent approval`);
    if (Math.abs(Date.parse(event.at) - approval.approvedAtMs) > TEN_MINUTES_MS)
      this.#violate("[I12]", `${taskId} runs on a stale approval`);
  }

  #needsDone(taskId: string): void {
    const definition = this.#graph.get(taskId.replace(/\[\d+\]$/, ""));
    if (definition === undefined) return this.#violate("[I6]", `${taskId} is not in the plan`);
    for (const need of dependenciesOf(definition)) {
      if (!this.#graph.has(need) || this.#tasks.get(need)?.ended === true) continue;
      this.#violate("[I6]", `${taskId} runs before ${need} has ended`);
    }
  }
}

function checkBudget(world: SimWorld, streamId: string, events: readonly NewEvent[]): void {
  let limits: Record<string, number> = {};
  const used: Record<string, number> = {};
  const open = new Map<string, Record<string, number>>();
  for (const event of events) {
    const payload = JSON.parse(event.payload) as {
      limits?: Record<string, number>;
      task_id: string;
      attempt: number;
      amounts?: Record<string, number>;
    };
    const key = `${payload.task_id}#${payload.attempt}`;
    if (payload.limits !== undefined) limits = payload.limits;
    if (event.type === "budget.reserved") open.set(key, payload.amounts ?? {});
    else if (event.type !== "budget.opened" && event.type !== "budget.changed") {
      if (!open.delete(key)) world.violate("[I10]", `${streamId}: ${event.type} of ${key} without a reservation`);
    }
    if (event.type === "budget.settled")
      for (const [kind, amount] of Object.entries(payload.amounts ?? {})) used[kind] = (used[kind] ?? 0) + amount;
    for (const [kind, limit] of Object.entries(limits)) {
      let sum = used[kind] ?? 0;
      for (const amounts of open.values()) sum += amounts[kind] ?? 0;
      if (sum > limit && event.type !== "budget.changed") world.violate("[I10]", `${streamId}: ${sum} of ${limit} ${kind}`);
    }
  }
}

// Plans as the log has them, for reading: replayed once, then brought forward by what has been added since. It holds nothing that is not durable.

import type { Verdict } from "@kos/api";
import { KosError } from "@kos/klp";
import type { EventLog } from "@kos/store";
import { loadedEvent } from "../engine/stored-plan.ts";
import type { BlobPort } from "../engine-api.ts";
import { apply } from "../plan/apply.ts";
import type { ApprovalDecided, ApprovalRequested, InputRequested, PlanEvent } from "../plan/plan-event.ts";
import type { PlanState } from "../plan/plan-state.ts";

export interface ReadApproval {
  readonly requested: ApprovalRequested;
  readonly requestedAtMs: number;
  decided?: ApprovalDecided;
  decidedAtMs?: number;
  isVoid: boolean;
}

export interface ReadInput {
  readonly requested: InputRequested;
  readonly requestedAtMs: number;
  status: "open" | "answered" | "void";
}

/** A replayed plan with what its state does not keep. */
export interface ReadPlan {
  state: PlanState;
  readonly approvals: Map<string, ReadApproval>;
  readonly inputs: Map<string, ReadInput>;
  /** Newest verdict by task id; `output` is the plan's own. */
  readonly verdicts: Map<string, Verdict>;
}

export interface PlanSource {
  readonly log: EventLog;
  readonly blobs: BlobPort;
  readonly partitionOf: (planId: string) => number;
}

const MAX_CACHED = 64;
const PAGE = 5000;

export class PlanReader {
  readonly #source: PlanSource;
  readonly #cache = new Map<string, ReadPlan>();
  readonly #running = new Map<string, Promise<ReadPlan>>();
  readonly #queued = new Map<string, Promise<ReadPlan>>();

  constructor(source: PlanSource) {
    this.#source = source;
  }

  /** Errors: NOT_FOUND, also where it is another tenant's. */
  async read(tenant: string, planId: string): Promise<ReadPlan> {
    const plan = await this.#next(planId);
    if (plan.state.tenant !== tenant) throw noPlan(planId);
    return plan;
  }

  /** The plan has been removed. */
  forget(planId: string): void {
    this.#cache.delete(planId);
  }

  /**
   * A reading that begins after this call. Two at once would apply the same events twice; one that is under way may have begun before what
   * the caller has just done, so whoever comes meanwhile shares the one after it.
   */
  #next(planId: string): Promise<ReadPlan> {
    const running = this.#running.get(planId);
    if (running === undefined) return this.#run(planId);
    const queued = this.#queued.get(planId);
    if (queued !== undefined) return queued;
    const next = running.then(
      () => this.#afterQueue(planId),
      () => this.#afterQueue(planId),
    );
    this.#queued.set(planId, next);
    return next;
  }

  #afterQueue(planId: string): Promise<ReadPlan> {
    this.#queued.delete(planId);
    return this.#run(planId);
  }

  #run(planId: string): Promise<ReadPlan> {
    const reading = this.#bringForward(planId).finally(() => {
      if (this.#running.get(planId) === reading) this.#running.delete(planId);
    });
    this.#running.set(planId, reading);
    return reading;
  }

  async #bringForward(planId: string): Promise<ReadPlan> {
    const { log, partitionOf } = this.#source;
    let plan = this.#cache.get(planId);
    for (;;) {
      const from = (plan?.state.seq ?? 0) + 1;
      const page = await log.readStream({ partition: partitionOf(planId), plan_id: planId, from_seq: from, limit: PAGE });
      for (const stored of page) {
        const { event, tenant, atMs } = await loadedEvent(this.#source, stored);
        plan = takeEvent(plan, event, planId, tenant, atMs);
      }
      if (page.length < PAGE) break;
    }
    if (plan === undefined) throw noPlan(planId);
    this.#cache.delete(planId);
    this.#cache.set(planId, plan);
    if (this.#cache.size > MAX_CACHED) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    return plan;
  }
}

export function noPlan(planId: string): KosError {
  return new KosError("NOT_FOUND", `There is no plan ${planId.slice(0, 80)}.`);
}

/** Brings the plan forward by one event. */
export function takeEvent(plan: ReadPlan | undefined, event: PlanEvent, planId: string, tenant: string, atMs: number): ReadPlan {
  const state = apply(plan?.state, event, { planId, tenant, atMs });
  for (const task of state.touched) task.touched = false;
  state.touched = [];
  const read = plan ?? { state, approvals: new Map(), inputs: new Map(), verdicts: new Map() };
  read.state = state;
  switch (event.type) {
    case "approval.requested":
      read.approvals.set(event.payload.approval_id, { requested: event.payload, requestedAtMs: atMs, isVoid: false });
      break;
    case "approval.decided": {
      const approval = read.approvals.get(event.payload.approval_id);
      if (approval !== undefined) Object.assign(approval, { decided: event.payload, decidedAtMs: atMs });
      break;
    }
    case "approval.expired": {
      const approval = read.approvals.get(event.payload.approval_id);
      if (approval !== undefined) approval.isVoid = true;
      break;
    }
    case "input.requested":
      read.inputs.set(event.payload.input_id, { requested: event.payload, requestedAtMs: atMs, status: "open" });
      break;
    case "input.answered":
    case "input.expired": {
      const input = read.inputs.get(event.payload.input_id);
      if (input !== undefined) input.status = event.type === "input.answered" ? "answered" : "void";
      break;
    }
    case "review.decided":
      read.verdicts.set(event.payload.task_id ?? "output", event.payload.verdict);
      break;
    default:
  }
  return read;
}

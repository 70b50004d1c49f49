// One partition under one epoch, without any I/O: inputs go in, effects come out. Whoever drives it appends the commits, says when they are
// on disk, and carries out the effects in the order given. After `stopped` it does nothing more; a new one is opened with a new epoch.

import { isKosError, KosError } from "@kos/klp";
import type { Claim, RowChange } from "@kos/store";
import { type PlanState, statusOf } from "../plan/plan-state.ts";
import { hasWork, nextWakeMs, planRow, planRowKey } from "../projection/plan-rows.ts";
import { onPrune } from "../retention/prune-step.ts";
import { endScheduledRun } from "../schedule/end-run.ts";
import { ScheduleBook } from "../schedule/schedule-book.ts";
import type { ScheduleState } from "../schedule/schedule-state.ts";
import { onScheduleInput, onScheduleTick } from "../schedule/schedule-step.ts";
import { acknowledge } from "./agent-word.ts";
import { onCommand, onKeyLoaded, onSubmit, refuse, unknownPlan } from "./command-step.ts";
import { tryJob } from "./dispatch-step.ts";
import { onLoaded } from "./load-step.ts";
import { onLost, onMessage } from "./message-step.ts";
import { type Batch, Outbox } from "./outbox.ts";
import type { PartitionCore, PartitionPorts } from "./partition-core.ts";
import type { PartitionInput, PublishedEvent } from "./partition-io.ts";
import { enqueue, isIdle, newResident, type Resident } from "./resident.ts";
import { schedule, settle } from "./settle-step.ts";
import { ownStash, stashOf } from "./stash.ts";
import { TimerHeap } from "./timer-heap.ts";
import { onTick } from "./timer-step.ts";
import { onValuesLost } from "./values-lost-step.ts";

export class Partition {
  readonly #core: PartitionCore;
  #stopped: KosError | undefined;

  constructor(ports: PartitionPorts, claim: Claim) {
    this.#core = {
      ports,
      epoch: claim.epoch,
      outbox: new Outbox(claim.version, ports.leastHalf, ports.emit),
      residents: new Map(),
      wakes: new TimerHeap(),
      schedules: new ScheduleBook(),
      keys: new Map(),
      keyWaiters: new Map(),
      waiter: { serve: (planId, key, nowMs) => this.#serve(planId, key, nowMs) },
      nowMs: 0,
      tokens: 0,
      current: undefined,
    };
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Plans in memory. */
  get residentCount(): number {
    return this.#core.residents.size;
  }

  /** True when nothing waits for the disk. */
  get isQuiet(): boolean {
    return !this.#core.outbox.isInFlight && !this.#core.outbox.hasPending;
  }

  /** When the partition wants a tick; undefined when nothing is timed. */
  get nextWakeMs(): number | undefined {
    const { wakes, schedules } = this.#core;
    const planMs = wakes.first?.atMs ?? Number.POSITIVE_INFINITY;
    const nextMs = Math.min(planMs, schedules.wakes.first?.atMs ?? planMs);
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  /** The live state of its schedules, for checks and tests. */
  peekSchedules(): readonly ScheduleState[] {
    return [...this.#core.schedules.entries.values()].map(({ state }) => state);
  }

  isResident(planId: string): boolean {
    return this.#core.residents.has(planId);
  }

  /** The live state, for checks and tests: not durable yet, and never to be changed. */
  peek(planId: string): { readonly state: PlanState | undefined; readonly isIdle: boolean } | undefined {
    const resident = this.#core.residents.get(planId);
    return resident && { state: resident.state, isIdle: isIdle(resident) };
  }

  /** Calls that run for plans in memory. */
  running(): number {
    let count = 0;
    for (const { held } of this.#core.residents.values()) count += held.size;
    return count;
  }

  handle(input: PartitionInput, nowMs: number): void {
    if (this.#stopped !== undefined) return;
    this.#guard(nowMs, () => this.#route(input));
    this.#flushHalf();
  }

  tick(nowMs: number): void {
    if (this.#stopped !== undefined) return;
    this.#guard(nowMs, () => {
      onTick(this.#core);
      onScheduleTick(this.#core);
    });
  }

  /** Sends what has been decided on its way to disk, unless a commit is on its way already. */
  flush(): void {
    if (this.#stopped !== undefined) return;
    const { outbox, ports, epoch } = this.#core;
    const commit = outbox.next(ports.partition, epoch, (residents) => this.#rows(residents));
    if (commit !== undefined) ports.emit({ kind: "append", commit });
  }

  #flushHalf(): void {
    if (this.#core.outbox.isHalfDecided) this.flush();
  }

  /** The commit is on disk. */
  committed(nowMs: number): void {
    if (this.#stopped !== undefined) return;
    const done = this.#core.outbox.acknowledge();
    if (done === undefined) return;
    this.#core.nowMs = nowMs;
    // Before its effects: what they bring about is decided while this is written.
    this.#flushHalf();
    this.#publish(done.batch, done.firstPosition);
    this.#core.outbox.release(done.batch);
    for (const resident of done.batch.residents) this.#passivate(resident);
    this.flush();
  }

  /** Another owner has claimed the partition, or the commit failed: nothing that was not acknowledged happens. */
  stop(error: KosError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    const { outbox, residents, ports, waiter, nowMs } = this.#core;
    outbox.drop();
    ports.dispatcher.forget(waiter);
    for (const resident of residents.values()) {
      for (const held of resident.held.values()) ports.dispatcher.release(held.slot, "neutral", nowMs);
      for (const review of stashOf(resident).reviews.values()) ports.dispatcher.release(review.slot, "neutral", nowMs);
    }
    residents.clear();
    ports.emit({ kind: "stopped", error });
  }

  /** Drops plans that only wait, oldest first in memory, until at most `keep` are left. */
  trim(keep: number): void {
    const { residents } = this.#core;
    if (residents.size <= keep) return;
    for (const resident of residents.values()) {
      if (residents.size <= keep) return;
      this.#drop(resident);
    }
  }

  /** A bug in a decision must not leave a half-changed plan to go on from: the partition stops and is read back from the log. */
  #guard(nowMs: number, work: () => void): void {
    const core = this.#core;
    core.nowMs = nowMs;
    core.current = undefined;
    try {
      work();
      core.ports.dispatcher.pump(nowMs);
    } catch (error) {
      const { code, message } = isKosError(error) ? error : new KosError("INTERNAL", "A decision of the engine failed.");
      this.stop(new KosError(code, message, { cause: error, ...(core.current !== undefined && { planId: core.current }) }));
    }
  }

  #route(input: PartitionInput): void {
    const core = this.#core;
    switch (input.kind) {
      case "submit":
        return onSubmit(core, input);
      case "key_loaded":
        return onKeyLoaded(core, input);
      case "plan_loaded":
        return this.#loaded(input);
      case "load_failed":
        return this.#loadFailed(input);
      case "values_loaded":
        return this.#valuesLoaded(input);
      case "blob_stored": {
        const resident = core.residents.get(input.planId);
        if (resident === undefined) return;
        ownStash(resident).blobs.add(input.hash);
        return this.#unpark(resident);
      }
      case "schedules_loaded":
        onScheduleInput(core, input);
        return this.#lookAfterRuns(input.states);
      case "open_schedules":
      case "schedule":
      case "run_made":
      case "run_not_made":
      case "drop_schedule":
        return onScheduleInput(core, input);
      case "prune":
        return onPrune(core, input);
      case "command":
      case "message":
      case "lost":
      case "hint":
        return this.#forPlan(input);
    }
  }

  /** The plans of open runs may have ended before the schedules were read. A hint could be lost, and no sweep finds a plan that has ended. */
  #lookAfterRuns(schedules: readonly ScheduleState[]): void {
    for (const { open } of schedules) {
      for (const { planId } of open) if (planId !== null) this.#forPlan({ kind: "hint", planId });
    }
  }

  #forPlan(input: Extract<PartitionInput, { kind: "command" | "message" | "lost" | "hint" }>): void {
    const planId = input.kind === "message" ? input.message.plan_id : input.planId;
    const { residents, ports } = this.#core;
    let resident = residents.get(planId);
    if (resident === undefined) {
      resident = newResident(planId);
      residents.set(planId, resident);
      ports.emit({ kind: "load_plan", planId });
    }
    if (resident.state === undefined) {
      // One hint is as good as many.
      if (input.kind !== "hint") resident.waiting.push(input);
      return;
    }
    this.#withPlan(resident, resident.state, input);
  }

  #withPlan(resident: Resident, state: PlanState, input: PartitionInput): void {
    const core = this.#core;
    core.current = resident.planId;
    switch (input.kind) {
      case "command":
        return onCommand(core, resident, state, input);
      case "message":
        return onMessage(core, resident, state, input);
      case "lost":
        return onLost(core, resident, state, input);
      case "hint":
        return settle(core, resident);
      default:
        return;
    }
  }

  #loaded(input: Extract<PartitionInput, { kind: "plan_loaded" }>): void {
    const core = this.#core;
    const resident = core.residents.get(input.planId);
    if (resident === undefined || resident.state !== undefined) return;
    core.current = input.planId;
    const { waiting } = resident;
    resident.waiting = [];
    const state = onLoaded(core, resident, input.plan);
    if (state === undefined) {
      core.residents.delete(input.planId);
      for (const one of waiting) {
        if (one.kind === "command") refuse(core, one.reply, unknownPlan(input.planId));
        if (one.kind === "message") acknowledge(core, one, { of: "result" });
      }
      return;
    }
    endScheduledRun(core, state);
    for (const one of waiting) this.#withPlan(resident, state, one);
    // With events of its own it is looked at again when they are on disk.
    if (resident.batch < core.outbox.oldestOpenBatch) this.#passivate(resident);
  }

  #loadFailed(input: Extract<PartitionInput, { kind: "load_failed" }>): void {
    const core = this.#core;
    const resident = core.residents.get(input.planId);
    if (resident === undefined) return;
    if (resident.state !== undefined) return onValuesLost(core, resident, resident.state, input.error);
    core.residents.delete(input.planId);
    for (const one of resident.waiting) if (one.kind === "command") refuse(core, one.reply, input.error);
  }

  #valuesLoaded(input: Extract<PartitionInput, { kind: "values_loaded" }>): void {
    const resident = this.#core.residents.get(input.planId);
    if (resident === undefined) return;
    const stash = ownStash(resident);
    for (const { key, value } of input.values) {
      stash.loading.delete(key);
      stash.values.set(key, value);
    }
    this.#unpark(resident);
  }

  #unpark(resident: Resident): void {
    const { parked: waiting } = ownStash(resident);
    const parked = [...waiting];
    waiting.clear();
    for (const job of parked) enqueue(resident, job);
    settle(this.#core, resident);
  }

  #serve(planId: string, key: string, nowMs: number): "more" | "none" | "no_slot" {
    const core = this.#core;
    core.nowMs = nowMs;
    const resident = core.residents.get(planId);
    const queue = resident?.ready.get(key);
    if (resident === undefined || queue === undefined) return "none";
    for (let job = queue.first; job !== undefined; job = queue.first) {
      const outcome = tryJob(core, resident, job, true);
      if (outcome === "no_slot") return "no_slot";
      if (outcome === "blocked") return "none";
      queue.shift();
      if (outcome !== "done") continue;
      settle(core, resident);
      break;
    }
    schedule(core, resident);
    return queue.size > 0 ? "more" : "none";
  }

  #rows(residents: ReadonlySet<Resident>): readonly RowChange[] {
    const rows: RowChange[] = [];
    const { partition, cancelGraceMs } = this.#core.ports;
    for (const resident of residents) {
      const { state } = resident;
      if (state === undefined) continue;
      const working = hasWork(state);
      const wakeMs = working ? null : nextWakeMs(state, cancelGraceMs);
      const key = planRowKey(state, working, wakeMs);
      if (key === resident.rowKey) continue;
      resident.rowKey = key;
      rows.push(planRow(state, partition, working, wakeMs, resident.updatedAtMs));
    }
    return rows;
  }

  #publish(batch: Batch, firstPosition: number): void {
    if (batch.news.length === 0) return;
    const events = batch.news.map(({ index, event, resident, seq }): PublishedEvent => {
      const { state } = resident;
      return {
        planId: resident.planId,
        tenant: state?.tenant ?? "",
        seq,
        position: firstPosition + index,
        at: batch.events[index]?.at ?? "",
        event,
        planStatus: state === undefined ? "running" : statusOf(state),
      };
    });
    this.#core.ports.emit({ kind: "publish", events });
  }

  /** Forgets a plan that has ended or waits for long, once all its events are on disk. */
  #passivate(resident: Resident): void {
    const { outbox, nowMs, ports } = this.#core;
    const { state } = resident;
    if (state === undefined || resident.batch >= outbox.oldestOpenBatch) return;
    const isFar = (resident.timers[0]?.atMs ?? Number.POSITIVE_INFINITY) > nowMs + ports.passivateAfterMs;
    if (state.phase === "finished" || isFar) this.#drop(resident);
  }

  #drop(resident: Resident): void {
    const { outbox, residents, wakes } = this.#core;
    if (!isIdle(resident) || resident.batch >= outbox.oldestOpenBatch) return;
    wakes.remove(resident);
    residents.delete(resident.planId);
  }
}

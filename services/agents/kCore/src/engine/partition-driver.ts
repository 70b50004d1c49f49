// Drives one partition: appends its commits, reads what it asks for, wakes it, and opens it anew when it had to stop for a reason that has
// nothing to do with the disk or another owner.

import { isKosError, KosError } from "@kos/klp";
import type { Commit } from "@kos/store";
import type { EngineLogger } from "../engine-api.ts";
import { Partition } from "../partition/partition.ts";
import type { PartitionPorts } from "../partition/partition-core.ts";
import type { Accepted, PartitionEffect, PartitionInput, PublishedEvent, ReplyId } from "../partition/partition-io.ts";
import { readSchedules } from "../schedule/stored-schedules.ts";
import type { EngineParts } from "./engine-parts.ts";
import { makeRun } from "./scheduled-run.ts";
import { readPlan, readValues } from "./stored-plan.ts";
import { Unacknowledged } from "./unacknowledged.ts";

export interface DriverEvents {
  send(agent: string, message: Extract<PartitionEffect, { kind: "send" }>["message"]): void;
  publish(partition: number, events: readonly PublishedEvent[]): void;
  progress(effect: Extract<PartitionEffect, { kind: "progress" }>): void;
  publishSchedule(effect: Extract<PartitionEffect, { kind: "publish_schedule" }>): void;
  /** The partition was opened anew: its open plans have to be found again. */
  reopened(): void;
  /** Something was handled: other partitions may have been given work too. */
  turned(): void;
  /** The partition is gone for good: another owner, or the disk. */
  failed(partition: number, error: KosError): void;
}

interface Waiting {
  resolve(accepted: Accepted): void;
  reject(error: KosError): void;
}

const REOPEN_MS = 500;
const READ_AGAIN_MS = [100, 1000, 5000];
const MAX_LOADS = 32;
/** A plan whose decisions failed this often is left alone, so that the others go on. */
const MAX_BREAKS = 2;
/** Codes after which the log itself goes on. */
const SURVIVABLE: ReadonlySet<string> = new Set(["INTERNAL", "CONFLICT", "BAD_REQUEST", "TOO_LARGE"]);

export class PartitionDriver {
  readonly number: number;
  readonly #parts: EngineParts;
  readonly #events: DriverEvents;
  readonly #logger: EngineLogger | undefined;
  #partition: Partition | undefined;
  #failure: KosError | undefined;
  readonly #waiting = new Map<ReplyId, Waiting>();
  #replies = 0;
  #stopWake: (() => void) | undefined;
  #wakeAtMs: number | undefined;
  #loading = 0;
  readonly #loads: string[] = [];
  readonly #unacknowledged = new Unacknowledged();
  readonly #breaks = new Map<string, number>();
  /** Plans whose trouble has been logged. */
  readonly #unreadable = new Set<string>();
  #closed = false;
  #schedulesStarted = false;

  constructor(number: number, parts: EngineParts, events: DriverEvents) {
    this.number = number;
    this.#parts = parts;
    this.#events = events;
    this.#logger = parts.options.logger;
  }

  get partition(): Partition | undefined {
    return this.#partition;
  }

  /** Claims the partition. Errors: as of the log. */
  async open(): Promise<void> {
    const claim = await this.#parts.options.log.claim(this.number);
    if (this.#closed) return;
    const ports: PartitionPorts = {
      ...this.#parts.portsFor(this.number),
      emit: (effect) => this.#carryOut(opened, effect),
    };
    const opened: Partition = new Partition(ports, claim);
    this.#partition = opened;
    this.#failure = undefined;
    if (this.#schedulesStarted) this.startSchedules();
  }

  /** From now on due times are seen to. */
  startSchedules(): void {
    this.#schedulesStarted = true;
    this.handle({ kind: "open_schedules", timers: true });
  }

  /** The answer comes once it is durable. */
  ask(input: (reply: ReplyId) => Extract<PartitionInput, { kind: "submit" | "command" | "schedule" | "prune" }>): Promise<Accepted> {
    const partition = this.#partition;
    if (partition === undefined || partition.isStopped || this.#closed) return Promise.reject(this.#unavailable());
    this.#replies++;
    const reply = this.#replies;
    return new Promise<Accepted>((resolve, reject) => {
      this.#waiting.set(reply, { resolve, reject });
      this.handle(input(reply));
    });
  }

  handle(input: PartitionInput): void {
    if (this.#closed) return;
    this.#unacknowledged.hear(input);
    const partition = this.#partition;
    if (partition === undefined || partition.isStopped) return;
    partition.handle(input, this.#parts.now());
    this.#events.turned();
  }

  tick(): void {
    this.#partition?.tick(this.#parts.now());
    this.#events.turned();
  }

  /** Called at the end of a turn. */
  flush(): void {
    const partition = this.#partition;
    if (partition === undefined || partition.isStopped) return;
    partition.flush();
    this.#setAlarm(partition.nextWakeMs);
  }

  isStuck(planId: string): boolean {
    return (this.#breaks.get(planId) ?? 0) >= MAX_BREAKS;
  }

  close(): void {
    this.#closed = true;
    this.#stopWake?.();
    this.#partition?.stop(new KosError("UNAVAILABLE", "The node is stopping. Send it again when it is back."));
  }

  #unavailable(): KosError {
    return this.#failure ?? new KosError("UNAVAILABLE", "The engine is not ready. Try again in a moment.");
  }

  /** An alarm that rings too early finds nothing to do and is set anew; that is cheaper than moving it with every plan. */
  #setAlarm(wakeMs: number | undefined): void {
    if (wakeMs === undefined || this.#closed || (this.#wakeAtMs !== undefined && this.#wakeAtMs <= wakeMs)) return;
    this.#stopWake?.();
    this.#wakeAtMs = wakeMs;
    const MAX_TIMER_MS = 60_000;
    const delayMs = Math.min(MAX_TIMER_MS, Math.max(1, wakeMs - this.#parts.now()));
    this.#stopWake = this.#parts.options.clock.after(delayMs, () => {
      this.#wakeAtMs = undefined;
      this.tick();
    });
  }

  #carryOut(partition: Partition, effect: PartitionEffect): void {
    switch (effect.kind) {
      case "append":
        this.#unacknowledged.appended();
        void this.#append(partition, effect.commit);
        return;
      case "send":
        return this.#events.send(effect.agent, effect.message);
      case "reply":
        this.#settle(effect.reply)?.resolve(effect.accepted);
        return;
      case "refuse":
        this.#settle(effect.reply)?.reject(effect.error);
        return;
      case "publish":
        return this.#events.publish(this.number, effect.events);
      case "progress":
        return this.#events.progress(effect);
      case "load_plan":
        this.#loads.push(effect.planId);
        return this.#loadNext();
      case "load_values":
        void this.#answer(partition, effect.planId, async () => {
          const values = await readValues(this.#parts.options, this.#parts.partitionOf, effect.values);
          return { kind: "values_loaded", planId: effect.planId, values };
        });
        return;
      case "store_blob":
        void this.#answer(partition, effect.planId, async () => {
          await this.#parts.options.blobs.put(Buffer.from(effect.text), "application/json");
          return { kind: "blob_stored", planId: effect.planId, hash: effect.hash };
        });
        return;
      case "load_key":
        void this.#answer(partition, undefined, async () => ({
          kind: "key_loaded",
          scope: effect.scope,
          known: await this.#parts.readKey(effect.scope),
        }));
        return;
      case "load_schedules":
        void this.#answer(partition, undefined, async () => ({
          kind: "schedules_loaded",
          states: await readSchedules(this.#parts.options.tables, this.number),
        }));
        return;
      case "make_run":
        void this.#answer(partition, undefined, () => makeRun(this.#parts, this.number, effect.schedule, effect.run));
        return;
      case "publish_schedule":
        return this.#events.publishSchedule(effect);
      case "stopped":
        return this.#stopped(partition, effect.error);
    }
  }

  #settle(reply: ReplyId): Waiting | undefined {
    const waiting = this.#waiting.get(reply);
    this.#waiting.delete(reply);
    return waiting;
  }

  async #append(partition: Partition, commit: Commit): Promise<void> {
    const startedMs = this.#parts.now();
    try {
      const outcome = await this.#parts.options.log.append(commit);
      if (outcome.outcome === "fenced") {
        const error = new KosError("CONFLICT", `Another engine has taken over partition ${this.number}.`, { details: { fenced: true } });
        partition.stop(error);
        return;
      }
      const { metrics } = this.#parts.options;
      metrics?.committed({
        partition: this.number,
        events: commit.events.length,
        rows: commit.rows.length,
        ms: this.#parts.now() - startedMs,
      });
      if (partition === this.#partition) this.#unacknowledged.committed();
      partition.committed(this.#parts.now());
      this.#events.turned();
    } catch (error) {
      partition.stop(asKosError(error, "The commit failed."));
    }
  }

  #loadNext(): void {
    while (this.#loading < MAX_LOADS) {
      const planId = this.#loads.shift();
      const partition = this.#partition;
      if (planId === undefined || partition === undefined) return;
      this.#loading++;
      void this.#answer(partition, planId, async () => ({
        kind: "plan_loaded",
        planId,
        plan: await readPlan(this.#parts.options, this.number, planId),
      })).finally(() => {
        this.#loading--;
        this.#loadNext();
      });
    }
  }

  async #answer(partition: Partition, planId: string | undefined, read: () => Promise<PartitionInput>): Promise<void> {
    let input: PartitionInput;
    try {
      input = await this.#persistently(read);
    } catch (error) {
      const cause = asKosError(error, "Something could not be read back.");
      if (planId === undefined) {
        partition.stop(cause);
        return;
      }
      if (!this.#unreadable.has(planId)) {
        this.#unreadable.add(planId);
        this.#logger?.error("reading back for a plan failed", { plan_id: planId, code: cause.code, error: cause });
      }
      input = { kind: "load_failed", planId, error: cause };
    }
    if (partition.isStopped) return;
    partition.handle(input, this.#parts.now());
    this.#events.turned();
  }

  /** What may pass is tried again. Errors: the last one. */
  async #persistently<Result>(read: () => Promise<Result>): Promise<Result> {
    for (const waitMs of READ_AGAIN_MS) {
      try {
        return await read();
      } catch (error) {
        if (!isKosError(error) || !error.retryable || this.#closed) throw error;
        await new Promise<void>((resolve) => void this.#parts.options.clock.after(waitMs, resolve));
      }
    }
    return read();
  }

  #stopped(partition: Partition, error: KosError): void {
    if (partition !== this.#partition) return;
    this.#stopWake?.();
    this.#wakeAtMs = undefined;
    this.#loads.length = 0;
    const answer = new KosError(
      error.code === "STORAGE_FULL" ? "STORAGE_FULL" : "UNAVAILABLE",
      "It is not known whether this reached the disk. Ask again, with the same Idempotency-Key where there was one.",
      { cause: error },
    );
    for (const { reject } of this.#waiting.values()) reject(answer);
    this.#waiting.clear();
    if (this.#closed) return;
    this.#failure = error;
    const isFenced = error.details?.["fenced"] === true;
    this.#logger?.error("a partition has stopped", { partition: this.number, code: error.code, error, plan_id: error.planId });
    if (error.planId !== undefined) this.#breaks.set(error.planId, (this.#breaks.get(error.planId) ?? 0) + 1);
    if (isFenced || !SURVIVABLE.has(error.code)) {
      this.#events.failed(this.number, error);
      return;
    }
    this.#parts.options.clock.after(REOPEN_MS, () => void this.#reopen());
  }

  async #reopen(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.open();
      for (const said of this.#unacknowledged.take()) {
        const planId = said.kind === "message" ? said.message.plan_id : said.planId;
        if (!this.isStuck(planId)) this.handle(said);
      }
      this.#events.reopened();
    } catch (error) {
      const cause = asKosError(error, "The partition could not be opened again.");
      this.#failure = cause;
      this.#events.failed(this.number, cause);
    }
  }
}

function asKosError(error: unknown, message: string): KosError {
  return isKosError(error) ? error : new KosError("INTERNAL", message, { cause: error });
}

// One simulated engine process: partitions it owns or believes to own, its slots, its agents. It can die, hang, and come back as a stranger.

import type { MessageFromAgent, MessageToAgent } from "@kos/agent";
import { KosError } from "@kos/klp";
import { DEFAULT_FLOW_POLICY } from "@kos/plan";
import type { Commit } from "@kos/store";
import type { BudgetEvent } from "../budget/budget-event.ts";
import { budgetIdOf } from "../budget/budget-id.ts";
import { Dispatcher } from "../dispatcher/dispatcher.ts";
import { Partition } from "../partition/partition.ts";
import type { LoadedPlan, PartitionEffect, PartitionInput, ValueAddress } from "../partition/partition-io.ts";
import { partitionOf } from "../partition/partition-of.ts";
import type { PlanEvent } from "../plan/plan-event.ts";
import { AgentRegistry } from "../registry/agent-registry.ts";
import { SIM_AGENTS } from "./sim-capabilities.ts";
import { loadSchedules, seePublished, simulatedRun } from "./sim-schedules.ts";
import { PARTITIONS, type SimWorld } from "./sim-world.ts";

export interface EngineSurroundings {
  send(engine: SimEngine, agent: string, message: MessageToAgent): void;
  reply(reply: number, outcome: { readonly planId: string } | KosError): void;
  isAlive(engine: SimEngine, agent: string, token: string): boolean;
  pushHint(planId: string): void;
  /** The partition stopped for a reason of its own: its owner will want it back. */
  reopen(engine: SimEngine, partition: number): void;
}

const LEASE_MS = 5_000;
export const CANCEL_GRACE_MS = 2_000;
const SWEEP_MS = 3_000;

export class SimEngine {
  readonly name: string;
  readonly #world: SimWorld;
  readonly #around: EngineSurroundings;
  readonly partitions = new Map<number, Partition>();
  #run = 0;
  #alive = false;
  #suspended = false;
  #inbox: (() => void)[] = [];
  #dispatcher: Dispatcher;
  #registry: AgentRegistry;
  #stopWake: (() => void) | undefined;
  #wakeAtMs: number | undefined;

  constructor(name: string, world: SimWorld, around: EngineSurroundings) {
    this.name = name;
    this.#world = world;
    this.#around = around;
    this.#registry = new AgentRegistry();
    this.#dispatcher = new Dispatcher(this.#registry, { breakerThreshold: 5, breakerOpenMs: 2_000 });
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  get runId(): string {
    return `${this.name}/${this.#run}`;
  }

  start(): void {
    this.#run++;
    this.#alive = true;
    this.#suspended = false;
    this.#registry = new AgentRegistry();
    for (const agent of SIM_AGENTS) this.#registry.register(agent, 0);
    this.#dispatcher = new Dispatcher(this.#registry, { breakerThreshold: 5, breakerOpenMs: 2_000 });
    this.#sweepLater(this.#run);
  }

  kill(): void {
    this.#alive = false;
    this.#inbox = [];
    this.#stopWake?.();
    this.#wakeAtMs = undefined;
    this.partitions.clear();
  }

  /** SIGSTOP: it does nothing, and will not know that time went by. */
  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    if (!this.#suspended) return;
    this.#suspended = false;
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const one of inbox) this.deliver(one);
  }

  /** Something reaches the process. */
  deliver(work: () => void): void {
    if (!this.#alive) return;
    if (this.#suspended) {
      this.#inbox.push(work);
      return;
    }
    work();
    this.#afterTurn();
  }

  open(partition: number): void {
    this.partitions.get(partition)?.stop(new KosError("CONFLICT", "opened anew"));
    const claim = this.#world.store.claim(partition);
    this.#world.note(`${this.runId} opens ${partition} epoch ${claim.epoch}`);
    const opened: Partition = new Partition(
      {
        partition,
        engine: this.runId,
        newId: () => this.#world.newId(),
        random: () => this.#world.random.next(),
        dispatcher: this.#dispatcher,
        catalogue: this.#registry,
        offer: (capability) => this.#registry.offer(capability),
        policy: DEFAULT_FLOW_POLICY,
        planTasks: 20_000,
        leaseMs: LEASE_MS,
        cancelGraceMs: CANCEL_GRACE_MS,
        reviewTimeoutMs: 5_000,
        passivateAfterMs: 2 * SWEEP_MS,
        leastHalf: this.#world.random.int(1, 4),
        idempotencyKey: ({ plan_id: planId, task_id: taskId, generation }) => `${planId}/${taskId}/${generation}`,
        isAlive: (lease) => this.#around.isAlive(this, lease.agent, lease.token),
        emit: (effect) => this.#carryOut(partition, opened, effect),
      },
      claim,
    );
    this.partitions.set(partition, opened);
    opened.handle({ kind: "open_schedules", timers: true }, this.#world.clock.wallMs);
    this.#sweep(partition);
    this.#afterTurn();
  }

  submitOrCommand(input: Extract<PartitionInput, { kind: "submit" | "command" | "schedule" }>): void {
    this.deliver(() => {
      const partition = this.partitions.get(partitionOf(input.kind === "schedule" ? input.scheduleId : input.planId, PARTITIONS));
      if (partition === undefined || partition.isStopped) this.#around.reply(input.reply, new KosError("UNAVAILABLE", "not the owner"));
      else partition.handle(input, this.#world.clock.wallMs);
    });
  }

  receive(agent: string, message: MessageFromAgent): void {
    if (this.#world.planted.effectWithoutMark === true && message.type === "TASK_PROGRESS" && "effect" in message.payload) {
      const { attempt, lease_token } = message.payload;
      this.#around.send(this, agent, { ...message, type: "RESULT_ACK", payload: { attempt, lease_token, of: "effect" } });
      return;
    }
    this.deliver(() => this.#partitionOf(message.plan_id)?.handle({ kind: "message", agent, message }, this.#world.clock.wallMs));
  }

  lost(planId: string, taskId: string, leaseToken: string, reason: string): void {
    this.deliver(() => this.#partitionOf(planId)?.handle({ kind: "lost", planId, taskId, leaseToken, reason }, this.#world.clock.wallMs));
  }

  hint(planId: string): void {
    this.deliver(() => this.#partitionOf(planId)?.handle({ kind: "hint", planId }, this.#world.clock.wallMs));
  }

  #partitionOf(planId: string): Partition | undefined {
    return this.partitions.get(partitionOf(planId, PARTITIONS));
  }

  /** Sends what was decided to disk and sets the alarm. */
  #afterTurn(): void {
    if (!this.#alive) return;
    for (const partition of this.partitions.values()) partition.flush();
    let next: number | undefined;
    for (const partition of this.partitions.values()) {
      const wakeMs = partition.nextWakeMs;
      if (!partition.isStopped && wakeMs !== undefined && (next === undefined || wakeMs < next)) next = wakeMs;
    }
    if (next === this.#wakeAtMs) return;
    this.#stopWake?.();
    this.#wakeAtMs = next;
    this.#stopWake =
      next === undefined ? undefined : this.#world.clock.after(Math.max(1, next - this.#world.clock.wallMs), () => this.#wake());
  }

  /** The wall clock has jumped: alarms are set anew. */
  clockJumped(): void {
    this.#wakeAtMs = -1;
    this.deliver(() => undefined);
  }

  #wake(): void {
    this.#wakeAtMs = undefined;
    this.deliver(() => {
      this.#dispatcher.poke();
      for (const partition of this.partitions.values()) partition.tick(this.#world.clock.wallMs);
    });
  }

  #sweepLater(run: number): void {
    this.#world.clock.after(this.#world.stormy ? SWEEP_MS : 20_000, () => {
      if (run !== this.#run || !this.#alive) return;
      this.deliver(() => {
        for (const partition of this.partitions.keys()) this.#sweep(partition);
        this.#dispatcher.poke();
        for (const partition of this.partitions.values()) partition.tick(this.#world.clock.wallMs);
      });
      this.#sweepLater(run);
    });
  }

  /** What the driver reads from the table of plans. */
  #sweep(shard: number): void {
    const partition = this.partitions.get(shard);
    if (partition === undefined || partition.isStopped) return;
    const horizonMs = this.#world.clock.wallMs + 3 * SWEEP_MS;
    for (const row of this.#world.store.rows("plan")) {
      if (row["is_open"] !== 1 || row["shard"] !== shard || partition.isResident(String(row["plan_id"]))) continue;
      const wakeMs = row["next_wake_at"];
      if (row["has_work"] === 1 || (typeof wakeMs === "number" && wakeMs <= horizonMs)) this.#around.pushHint(String(row["plan_id"]));
    }
  }

  #carryOut(shard: number, partition: Partition, effect: PartitionEffect): void {
    switch (effect.kind) {
      case "append":
        return this.#append(shard, partition, effect.commit);
      case "send":
        return this.#around.send(this, effect.agent, effect.message);
      case "reply":
        return this.#around.reply(effect.reply, effect.accepted);
      case "refuse":
        return this.#around.reply(effect.reply, effect.error);
      case "load_plan":
        return this.#later(partition, () => ({ kind: "plan_loaded", planId: effect.planId, plan: loadPlan(this.#world, effect.planId) }));
      case "load_values":
        return this.#later(partition, () => ({
          kind: "values_loaded",
          planId: effect.planId,
          values: effect.values.map((value) => loadValue(this.#world, value)),
        }));
      case "store_blob":
        return this.#later(partition, () => ({ kind: "blob_stored", planId: effect.planId, hash: effect.hash }));
      case "load_key":
        return this.#later(partition, () => {
          const row = this.#world.store.row("idempotency_key", effect.scope);
          const known = row && {
            planId: String(row["plan_id"]),
            bodyHash: String(row["body_hash"]),
            expiresAtMs: Number(row["expires_at"]),
          };
          return { kind: "key_loaded", scope: effect.scope, known };
        });
      case "publish":
        for (const { planId, seq, event } of effect.events) {
          if (this.#world.store.stream(planId)[seq - 1]?.type !== event.type)
            this.#world.violate("[I1]", `published ${event.type} ${planId} ${seq} before it was durable`);
        }
        return;
      case "progress":
        return;
      case "load_schedules":
        return this.#later(partition, () => ({ kind: "schedules_loaded", states: loadSchedules(this.#world, shard) }));
      case "make_run":
        return this.#later(partition, () => simulatedRun(this.#world, shard, effect.schedule, effect.run));
      case "publish_schedule":
        return seePublished(this.#world, effect.event);
      case "stopped":
        this.#world.note(`${this.runId} stops ${shard}: ${effect.error.message}`);
        if (effect.error.code === "INTERNAL")
          this.#world.violate(
            "[I0]",
            `${effect.error.message} ${String((effect.error.cause as Error | undefined)?.stack ?? effect.error.stack)}`,
          );
        return;
    }
  }

  #later(partition: Partition, input: () => PartitionInput): void {
    const run = this.#run;
    this.#world.clock.after(this.#world.random.int(0, 8), () => {
      if (run !== this.#run) return;
      this.deliver(() => partition.handle(input(), this.#world.clock.wallMs));
    });
  }

  /** A commit on its way: durable after a while, known to be so a little later, unless somebody dies in between. */
  #append(shard: number, partition: Partition, commit: Commit): void {
    const { clock, random, stormy, store, planted } = this.#world;
    const run = this.#run;
    if (planted.dropDependency === true) forgetDependency(partition, commit);
    const slowMs = stormy && random.chance(0.03) ? random.int(500, 6_000) : random.int(0, 6);
    if (planted.earlyAck === true) clock.after(0, () => run === this.#run && this.deliver(() => partition.committed(clock.wallMs)));
    clock.after(slowMs, () => {
      // A process that died before the sync may have lost the commit, or not.
      if (run !== this.#run && random.chance(0.5)) return;
      if (stormy && random.chance(0.01)) {
        this.#answer(run, partition, () => partition.stop(new KosError("STORAGE_FULL", "simulated")), shard);
        return;
      }
      const outcome = store.append(commit);
      if (outcome.outcome === "broken") this.#world.violate("[I11]", outcome.why);
      if (outcome.outcome === "committed") for (const event of commit.events) this.#world.onDurable(event);
      const answer = (): void => {
        if (outcome.outcome !== "committed") partition.stop(new KosError("CONFLICT", outcome.outcome));
        else if (planted.earlyAck !== true) partition.committed(clock.wallMs);
      };
      this.#answer(run, partition, answer, shard);
    });
  }

  #answer(run: number, partition: Partition, work: () => void, shard: number): void {
    this.#world.clock.after(this.#world.random.int(0, 4), () => {
      if (run !== this.#run) return;
      this.deliver(() => {
        work();
        if (!partition.isStopped || this.partitions.get(shard) !== partition) return;
        this.partitions.delete(shard);
        this.#around.reopen(this, shard);
      });
    });
  }
}

/** A planted bug: a task of a new plan waits for one task less than it should. */
function forgetDependency(partition: Partition, commit: Commit): void {
  for (const event of commit.events) {
    const state = event.type === "plan.created" ? partition.peek(event.plan_id)?.state : undefined;
    const task = state?.tasks.findLast((candidate) => candidate.waiting > 0);
    if (task !== undefined) task.waiting--;
  }
}

export function loadPlan(world: SimWorld, planId: string): LoadedPlan {
  const events = world.store.stream(planId).map((stored) => ({
    event: { type: stored.type, payload: JSON.parse(stored.payload) } as PlanEvent,
    tenant: stored.tenant,
    atMs: Date.parse(stored.at),
  }));
  const budget = world.store
    .stream(budgetIdOf(planId))
    .map((stored) => ({ type: stored.type, payload: JSON.parse(stored.payload) }) as BudgetEvent);
  return { events, budget };
}

function loadValue(world: SimWorld, address: ValueAddress): { readonly key: string; readonly value: unknown } {
  if (address.checkpoints !== undefined) {
    const seqs = world.planted.loseCheckpoint === true ? address.checkpoints.slice(1) : address.checkpoints;
    const stream = world.store.stream(address.planId);
    return { key: address.key, value: seqs.map((seq) => (JSON.parse(stream[seq - 1]?.payload ?? "{}") as { value?: unknown }).value) };
  }
  const stored = world.store.stream(address.planId)[address.seq - 1];
  const payload = JSON.parse(stored?.payload ?? "{}");
  return { key: address.key, value: address.key.startsWith("reused") ? payload : payload.output?.value };
}

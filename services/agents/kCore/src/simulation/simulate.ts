// One seeded run: a storm of faults over a few plans, then calm until every plan has ended, then the checks. The same seed gives the same run.

import type { NewEvent } from "@kos/store";
import { partitionOf } from "../partition/partition-of.ts";
import { checkLog } from "./check-log.ts";
import { checkScheduleRows } from "./check-schedules.ts";
import { checkStates } from "./check-states.ts";
import { CheckpointLedger } from "./checkpoint-ledger.ts";
import { Receiver, SimAgents } from "./sim-agents.ts";
import { type EngineSurroundings, SimEngine } from "./sim-engine.ts";
import { SimPeople } from "./sim-people.ts";
import { PARTITIONS, type PlantedFaults, SimWorld } from "./sim-world.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly planted?: PlantedFaults;
  readonly print?: (line: string) => void;
}

export interface SimulationResult {
  readonly seed: number;
  readonly traceHash: string;
  readonly violations: readonly string[];
  readonly events: number;
  readonly plans: number;
  /** The whole log, by stream. */
  readonly streams: ReadonlyMap<string, readonly NewEvent[]>;
}

const STORM_MS = 25_000;
const CALM_LIMIT_MS = 6 * 3_600_000;

export function simulate({ seed, planted = {}, print }: SimulationOptions): SimulationResult {
  const run = new Run(seed, planted, print);
  run.storm();
  run.calm();
  run.check();
  const { world, people } = run;
  let events = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) events += world.store.version(partition);
  return {
    seed,
    traceHash: world.traceHash,
    violations: world.violations,
    events,
    plans: people.plans.size,
    streams: new Map(world.store.streams()),
  };
}

class Run implements EngineSurroundings {
  readonly world: SimWorld;
  readonly people: SimPeople;
  readonly #receiver: Receiver;
  readonly #engines: SimEngine[] = [];
  readonly #local = new Map<SimEngine, SimAgents>();
  readonly #far: SimAgents;
  readonly #owners: SimEngine[] = [];
  /** Lease tokens of durable dispatches and reviews, and durable marks of effects. */
  readonly #dispatched = new Set<string>();
  readonly #marked = new Set<string>();
  readonly #reviewable = new Set<string>();
  readonly #replannable = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #checkpoints = new CheckpointLedger();

  constructor(seed: number, planted: PlantedFaults, print: ((line: string) => void) | undefined) {
    this.world = new SimWorld(seed, planted, print);
    this.#receiver = new Receiver(this.world);
    this.people = new SimPeople(this.world, (partition) => this.#owner(partition));
    this.world.onDurable = (event) => this.#durable(event);
    const count = this.world.random.int(2, 3);
    for (let index = 0; index < count; index++) this.#engines.push(new SimEngine(`e${index}`, this.world, this));
    this.#far = this.#newAgents(undefined);
    for (const engine of this.#engines) this.#start(engine);
    for (let partition = 0; partition < PARTITIONS; partition++) this.#own(partition, this.world.random.pick(this.#engines));
  }

  storm(): void {
    const { clock, random } = this.world;
    const plans = random.int(1, 3);
    for (let index = 0; index < plans; index++) clock.after(random.int(0, 6_000), () => this.people.submit());
    if (random.chance(0.2)) clock.after(random.int(0, 3_000), () => this.people.schedule());
    for (let count = random.int(0, 3); count > 0; count--) clock.after(random.int(100, STORM_MS), () => this.#mishap());
    while (clock.step(STORM_MS));
  }

  calm(): void {
    const { clock } = this.world;
    this.world.note("calm");
    this.world.stormy = false;
    for (const engine of this.#engines) {
      if (engine.isAlive) engine.resume();
      else this.#start(engine);
    }
    for (let partition = 0; partition < PARTITIONS; partition++) this.#ensureOwned(partition);
    let steps = 0;
    while (!this.#allEnded() && clock.step(CALM_LIMIT_MS)) {
      steps++;
      if (steps > 200_000) break;
    }
    // Whatever is still on its way to disk gets there.
    const untilMs = clock.steadyMs + 10_000;
    while (clock.step(untilMs));
  }

  check(): void {
    checkScheduleRows(this.world);
    if (!this.#allEnded()) {
      for (const row of this.world.store.rows("plan")) {
        if (row["is_open"] === 1) this.world.violate("[I7]", `plan ${String(row["plan_id"])} never ends: ${String(row["status"])}`);
      }
    }
    for (const { scope, planId } of this.people.acked) {
      if (this.world.store.stream(planId).length === 0) this.world.violate("[I2]", `accepted plan ${planId} is lost`);
      const sameKey = this.people.acked.find((other) => other.scope === scope);
      if (sameKey?.planId !== planId) this.world.violate("[I2]", `key ${scope} gave ${planId} and ${sameKey?.planId ?? ""}`);
    }
    checkLog(this.world);
    this.#checkpoints.check(this.world);
    checkStates(this.world, this.#engines, (partition) => this.#owner(partition));
  }

  #allEnded(): boolean {
    for (const row of this.world.store.rows("plan")) if (row["is_open"] === 1) return false;
    for (const row of this.world.store.rows("schedule")) if (row["status"] !== "removed") return false;
    return !this.people.isSubmitting && (this.people.acked.length > 0 || this.world.clock.steadyMs > STORM_MS + 60_000);
  }

  #mishap(): void {
    const { random, clock } = this.world;
    const engine = random.pick(this.#engines);
    const dice = random.next();
    if (dice < 0.35) {
      this.world.note(`${engine.runId} is killed`);
      this.#kill(engine);
      clock.after(random.int(50, 4_000), () => {
        if (!engine.isAlive) this.#start(engine);
        for (let partition = 0; partition < PARTITIONS; partition++) this.#ensureOwned(partition);
      });
    } else if (dice < 0.6) {
      this.world.note(`${engine.runId} hangs`);
      engine.suspend();
      clock.after(random.int(500, 15_000), () => engine.resume());
    } else if (dice < 0.9) {
      this.#own(random.int(0, PARTITIONS - 1), engine);
    } else {
      const jumpMs = random.pick([-3_600_000, 3_600_000]);
      this.world.note(`the clock jumps by ${jumpMs}`);
      clock.jump(jumpMs);
      for (const each of this.#engines) each.clockJumped();
    }
  }

  #start(engine: SimEngine): void {
    engine.start();
    this.#local.set(engine, this.#newAgents(engine));
  }

  #kill(engine: SimEngine): void {
    engine.kill();
    this.#local.get(engine)?.kill();
  }

  /** The old owner is not told. */
  #own(partition: number, engine: SimEngine): void {
    this.#owners[partition] = engine;
    engine.deliver(() => engine.open(partition));
  }

  #owner(partition: number): SimEngine {
    const owner = this.#owners[partition];
    if (owner === undefined) throw new RangeError(`nobody owns ${partition}`);
    if (owner.isAlive && !owner.partitions.has(partition)) owner.deliver(() => owner.partitions.has(partition) || owner.open(partition));
    return owner;
  }

  #ensureOwned(partition: number): void {
    const owner = this.#owners[partition];
    if (owner?.isAlive === true) this.#owner(partition);
    else this.#own(partition, this.world.random.pick(this.#engines.filter((engine) => engine.isAlive)));
  }

  #newAgents(engine: SimEngine | undefined): SimAgents {
    const ownerOfPlan = (planId: string): SimEngine => engine ?? this.#owner(partitionOf(planId, PARTITIONS));
    return new SimAgents(this.world, this.#receiver, {
      deliver: (agent, message) => ownerOfPlan(message.plan_id).receive(agent, message),
      lost: (request, reason) => ownerOfPlan(request.plan_id).lost(request.plan_id, request.task_id, request.payload.lease_token, reason),
      addSubtasks: (request) => {
        const base = request.task_id.replace(/\[\d+\]$/, "");
        const child = { title: "child", capability: "calc.pure", params: { value: 1 } };
        const tasks = [
          { ...child, task_id: `${base}_a`, depends_on: [] },
          { ...child, task_id: `${base}_b`, depends_on: [`${base}_a`] },
        ];
        this.people.command(request.plan_id, { kind: "add_subtasks", parentId: base, tasks });
      },
    });
  }

  send(engine: SimEngine, agent: string, message: Parameters<EngineSurroundings["send"]>[2]): void {
    const { lease_token: token, attempt } = message.payload;
    const address = `${message.plan_id}/${message.task_id}`;
    if (message.type === "TASK_REQUEST" && !this.#dispatched.has(token))
      this.world.violate("[I1]", `${address} was sent before its dispatch was durable`);
    if (message.type === "REVIEW_REQUEST" && !this.#reviewable.has(address))
      this.world.violate("[I1]", `${address} went to review before its result was durable`);
    if (message.type === "PLAN_REQUEST" && !this.#replannable.has(address))
      this.world.violate("[I1]", `another way was asked for ${address} before its verdict was durable`);
    if (message.type === "RESULT_ACK" && message.payload.of === "effect" && !this.#marked.has(`${address}#${attempt}`)) {
      this.world.violate("[I1]", `the effect of ${address} was allowed before its mark was durable`);
    }
    if (
      message.type === "RESULT_ACK" &&
      message.payload.of === "checkpoint" &&
      !this.#kept.has(`${address}#${attempt}.${message.payload.n}`)
    ) {
      this.world.violate("[I1]", `checkpoint ${message.payload.n} of ${address} was acknowledged before it was durable`);
    }
    this.#checkpoints.see(message);
    this.world.note(`send ${message.type} ${address} ${token} to ${agent}`);
    const agents = agent === "kExecutor:far" ? this.#far : this.#local.get(engine);
    this.world.clock.after(this.world.random.int(0, 4), () => agents?.handle(agent, message));
  }

  reply(reply: number, outcome: Parameters<EngineSurroundings["reply"]>[1]): void {
    this.people.reply(reply, outcome);
  }

  isAlive(engine: SimEngine, agent: string, token: string): boolean {
    return (agent === "kExecutor:far" ? this.#far : this.#local.get(engine))?.holds(token) === true;
  }

  /** Hints may be lost, repeated and late. */
  pushHint(planId: string): void {
    const { random, clock, stormy } = this.world;
    const copies = !stormy ? 1 : random.chance(0.2) ? 0 : random.chance(0.2) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      clock.after(random.int(0, stormy ? 500 : 20), () => this.#owner(partitionOf(planId, PARTITIONS)).hint(planId));
    }
  }

  reopen(engine: SimEngine, partition: number): void {
    this.world.clock.after(500, () => {
      if (this.#owners[partition] === engine) this.#owner(partition);
    });
  }

  #durable(event: NewEvent): void {
    this.world.note(`durable ${event.plan_id} ${event.plan_seq} ${event.type} ${event.payload.length}`);
    switch (event.type) {
      case "task.dispatched":
        this.#dispatched.add((JSON.parse(event.payload) as { lease_token: string }).lease_token);
        return;
      case "task.effect_begun": {
        const { task_id: taskId, attempt } = JSON.parse(event.payload) as { task_id: string; attempt: number };
        this.#marked.add(`${event.plan_id}/${taskId}#${attempt}`);
        return;
      }
      case "task.checkpointed": {
        const { task_id: taskId, attempt, n } = JSON.parse(event.payload) as { task_id: string; attempt: number; n: number };
        this.#kept.add(`${event.plan_id}/${taskId}#${attempt}.${n}`);
        return;
      }
      case "review.requested":
        this.#reviewable.add(`${event.plan_id}/${(JSON.parse(event.payload) as { task_id?: string }).task_id ?? "output"}`);
        return;
      case "review.decided":
      case "review.failed": {
        const { task_id: taskId, next } = JSON.parse(event.payload) as { task_id?: string; next?: string };
        if (next === "replan") this.#replannable.add(`${event.plan_id}/${taskId ?? ""}`);
        return this.people.see(event);
      }
      default:
        this.people.see(event);
    }
  }
}

// The people and programs of a run: they submit plans, say yes and no, answer, cancel, pause, edit, settle doubts, and try again when nobody
// answers them.

import { KosError } from "@kos/klp";
import type { Label, PlanGraph } from "@kos/plan";
import { planHash } from "@kos/plan";
import type { NewEvent } from "@kos/store";
import { reusableResults, runRecords } from "../engine/run-record.ts";
import { replay } from "../partition/load-step.ts";
import type { PartitionCommand, PartitionInput, ScheduleCommand } from "../partition/partition-io.ts";
import { partitionOf } from "../partition/partition-of.ts";
import type { PlanCreated } from "../plan/plan-event.ts";
import { prepareValue } from "../plan/values.ts";
import { randomGraph } from "./random-plan.ts";
import { loadPlan, type SimEngine } from "./sim-engine.ts";
import { randomSchedule } from "./sim-schedules.ts";
import { PARTITIONS, type SimWorld } from "./sim-world.ts";

type Outcome = { readonly planId: string } | KosError;

/** What a submission was answered, to be held against the log at the end. */
export interface AckedSubmit {
  readonly scope: string;
  readonly planId: string;
}

interface Body {
  readonly graph: PlanGraph;
  readonly hash: string;
  readonly approval: boolean;
  readonly start: boolean;
  readonly forked?: Pick<PlanCreated, "forked_from" | "reusable">;
}

const PERSON = { id: "person:ada", kind: "person" } as const;
const PATIENCE_MS = 8_000;
const MAX_TRIES = 60;
const MAX_FORKS = 2;

export class SimPeople {
  readonly acked: AckedSubmit[] = [];
  readonly plans = new Set<string>();
  readonly #world: SimWorld;
  readonly #ownerOf: (partition: number) => SimEngine;
  readonly #waiting = new Map<number, (outcome: Outcome | undefined) => void>();
  #replies = 0;
  #keys = 0;
  #forks = 0;
  #submitting = 0;

  constructor(world: SimWorld, ownerOf: (partition: number) => SimEngine) {
    this.#world = world;
    this.#ownerOf = ownerOf;
  }

  /** Submissions that nobody has accepted yet. */
  get isSubmitting(): boolean {
    return this.#submitting > 0;
  }

  reply(reply: number, outcome: Outcome): void {
    const { clock, random } = this.#world;
    clock.after(random.int(0, 3), () => {
      const waiting = this.#waiting.get(reply);
      this.#waiting.delete(reply);
      waiting?.(outcome);
    });
  }

  /** One plan, submitted under a key until somebody accepts it; sometimes twice at once. */
  submit(): void {
    const { random } = this.#world;
    const graph = randomGraph(random);
    const partition = random.int(0, PARTITIONS - 1);
    this.#keys++;
    const scope = `key-${this.#keys}`;
    const start = random.chance(0.92);
    const body = { graph, hash: planHash(graph), approval: random.chance(0.1), start };
    const times = random.chance(0.15) ? 2 : 1;
    this.#submitting += times;
    for (let copy = 0; copy < times; copy++) this.#submitUntilAccepted(partition, scope, body);
  }

  #submitUntilAccepted(partition: number, scope: string, body: Body, tries = 0): void {
    const planId = this.#world.newPlanId(partition);
    const { start, forked, ...rest } = body;
    const idempotency = { scope, body_hash: body.hash, expires_at: "2099-01-01T00:00:00.000Z" };
    const submission = {
      ...rest,
      ...forked,
      start,
      created_by: PERSON.id,
      grants: { fs_roots: [] },
      definition: { capabilities: {} },
      idempotency,
    };
    this.#ask({ kind: "submit", reply: 0, tenant: "local", planId, submission }, partition, (outcome) => {
      if (outcome !== undefined && !(outcome instanceof KosError)) {
        this.#submitting--;
        this.#accepted(scope, outcome.planId, start);
        return;
      }
      if (tries < MAX_TRIES) this.#submitUntilAccepted(partition, scope, body, tries + 1);
      else this.#submitting--;
    });
  }

  #accepted(scope: string, planId: string, started: boolean): void {
    this.acked.push({ scope, planId });
    const isDurable = this.#world.store.stream(planId)[0]?.type === "plan.created";
    if (!isDurable) this.#world.violate("[I1]", `${planId} was accepted before it was durable`);
    if (this.plans.has(planId)) return;
    this.plans.add(planId);
    if (!started) this.#later(500, () => this.command(planId, { kind: "start" }));
    this.#meddle(planId);
  }

  /** The same plan again, from what the old one has finished. */
  #fork(planId: string): void {
    const { random } = this.#world;
    const plan = loadPlan(this.#world, planId);
    const source = replay(planId, plan);
    if (source === undefined) return;
    const reusable = reusableResults(source, runRecords(plan), () => random.chance(0.8));
    this.#submitUntilAccepted(partitionOf(planId, PARTITIONS), `fork-${this.#forks}-${planId}`, {
      graph: source.shape.graph,
      hash: source.hash,
      approval: false,
      start: true,
      forked: { forked_from: { plan_id: planId, kind: "fork" }, reusable },
    });
  }

  #meddle(planId: string): void {
    const { random } = this.#world;
    if (random.chance(0.1)) this.#later(random.int(10, 8_000), () => this.command(planId, { kind: "cancel", reason: "no longer wanted" }));
    if (random.chance(0.05))
      this.#later(random.int(10, 3_000), () => this.command(planId, { kind: "cancel", taskId: `t${random.int(0, 3)}` }));
    if (!random.chance(0.12)) return;
    this.#later(random.int(10, 4_000), () => {
      this.command(planId, { kind: "pause" });
      if (random.chance(0.4)) this.#later(1_000, () => this.#edit(planId));
      this.#later(random.int(2_000, 6_000), () => this.command(planId, { kind: "resume" }));
    });
  }

  /** Gives the last task another title, which changes the hash; refused where that task has begun. */
  #edit(planId: string): void {
    const created = this.#world.store.stream(planId).findLast((event) => event.type === "plan.created" || event.type === "plan.changed");
    if (created === undefined) return;
    const { graph, hash } = JSON.parse(created.payload) as { graph: PlanGraph; hash: string };
    const tasks = graph.tasks.map((task, index) => (index === graph.tasks.length - 1 ? { ...task, title: `${task.title} again` } : task));
    const changed = { ...graph, tasks };
    this.command(planId, { kind: "change", graph: changed, hash: planHash(changed), baseHash: hash, definition: { capabilities: {} } });
  }

  /** Until it is accepted or refused; somebody who gets no answer asks again. */
  command(planId: string, command: PartitionCommand, tries = 0): void {
    const actor = PERSON;
    this.#ask({ kind: "command", reply: 0, tenant: "local", planId, actor, command }, partitionOf(planId, PARTITIONS), (outcome) => {
      const isLost = outcome === undefined || (outcome instanceof KosError && outcome.code === "UNAVAILABLE");
      if (isLost && tries < MAX_TRIES) this.command(planId, command, tries + 1);
      else if (outcome instanceof KosError && outcome.code === "INTERNAL")
        this.#world.violate("[I0]", `${command.kind}: ${outcome.message} ${String(outcome.cause)}`);
    });
  }

  /** One schedule, made under a key until somebody accepts it, meddled with, and removed in the end. */
  schedule(): void {
    const { random } = this.#world;
    const partition = random.int(0, PARTITIONS - 1);
    const scheduleId = this.#world.newPlanId(partition);
    this.#submitting++;
    const definition = randomSchedule(random, this.#world.clock.wallMs);
    const create = { kind: "create", definition, idempotency: { scope: scheduleId, body_hash: "b" } } as const;
    this.#scheduleCommand(scheduleId, create, () => {
      if (random.chance(0.3)) this.#later(random.int(500, 6_000), () => this.#scheduleCommand(scheduleId, { kind: "run", key: "now" }));
      if (random.chance(0.3)) this.#later(random.int(500, 12_000), () => this.#scheduleCommand(scheduleId, { kind: "continue" }));
      if (random.chance(0.3)) {
        this.#later(random.int(500, 8_000), () => this.#scheduleCommand(scheduleId, { kind: "pause" }));
        this.#later(random.int(8_500, 14_000), () => this.#scheduleCommand(scheduleId, { kind: "resume" }));
      }
      this.#later(random.int(4_000, 40_000), () =>
        this.#scheduleCommand(scheduleId, { kind: "remove" }, () => {
          this.#submitting--;
        }),
      );
    });
  }

  #scheduleCommand(scheduleId: string, command: ScheduleCommand, done: () => void = () => undefined): void {
    const input = { kind: "schedule", reply: 0, tenant: "local", scheduleId, actor: PERSON, command } as const;
    this.#ask(input, partitionOf(scheduleId, PARTITIONS), (outcome) => {
      const isLost = outcome === undefined || (outcome instanceof KosError && outcome.code === "UNAVAILABLE");
      if (isLost) return this.#scheduleCommand(scheduleId, command, done);
      if (outcome instanceof KosError && outcome.code === "INTERNAL")
        this.#world.violate("[I0]", `schedule ${command.kind}: ${outcome.message}`);
      done();
    });
  }

  #ask(
    input: Extract<PartitionInput, { kind: "submit" | "command" | "schedule" }>,
    partition: number,
    done: (outcome: Outcome | undefined) => void,
  ): void {
    this.#replies++;
    const reply = this.#replies;
    this.#waiting.set(reply, (outcome) =>
      outcome instanceof KosError && outcome.code === "UNAVAILABLE" ? this.#later(500, () => done(outcome)) : done(outcome),
    );
    this.#world.clock.after(PATIENCE_MS, () => {
      if (this.#waiting.delete(reply)) done(undefined);
    });
    this.#ownerOf(partition).submitOrCommand({ ...input, reply });
  }

  #later(ms: number, run: () => void): void {
    this.#world.clock.after(ms, run);
  }

  /** People see what is durable and react to it. */
  see(event: NewEvent): void {
    const { random } = this.#world;
    const planId = event.plan_id;
    switch (event.type) {
      case "approval.requested": {
        const { approval_id: approvalId, digest } = JSON.parse(event.payload) as { approval_id: string; digest: string };
        const decision = random.chance(0.85) ? "approve" : "deny";
        if (random.chance(0.1))
          this.#later(50, () =>
            this.command(planId, { kind: "decide", approvalId, decision: "approve", digest: prepareValue(planId).hash }),
          );
        return this.#later(random.int(100, 3_000), () => this.command(planId, { kind: "decide", approvalId, decision, digest }));
      }
      case "input.requested": {
        const {
          input_id: inputId,
          purpose,
          choices,
        } = JSON.parse(event.payload) as { input_id: string; purpose: string; choices?: string[] };
        const answer = choices === undefined ? "blue" : random.pick(choices);
        const final = purpose === "review" && answer === "retry" && random.chance(0.7) ? "accept" : answer;
        return this.#later(random.int(100, 3_000), () => this.command(planId, { kind: "answer", inputId, answer: final }));
      }
      case "task.in_doubt": {
        const { task_id: taskId } = JSON.parse(event.payload) as { task_id: string };
        const outcome = random.pick(["succeeded", "failed"] as const);
        return this.#later(random.int(500, 20_000), () =>
          this.command(planId, {
            kind: "resolve",
            taskId,
            outcome,
            output: prepareValue({ n: 1, list: [1], text: "x" }),
            reason: "looked",
          }),
        );
      }
      case "approval.decided": {
        const { decision, task_id: taskId } = JSON.parse(event.payload) as { decision: string; task_id?: string };
        // Who does not want the edited plan does not want the plan.
        if (decision === "denied" && taskId === undefined) this.#later(200, () => this.command(planId, { kind: "cancel" }));
        return;
      }
      case "plan.finished":
        if (!random.chance(0.12) || this.#forks >= MAX_FORKS) return;
        this.#forks++;
        this.#submitting++;
        return this.#later(random.int(100, 2_000), () => this.#fork(planId));
      case "task.succeeded": {
        const { task_id: taskId, output } = JSON.parse(event.payload) as { task_id: string; output: { labels: readonly Label[] } };
        if (output.labels.length > 0 && random.chance(0.1))
          this.command(planId, { kind: "declassify", taskId, labels: output.labels, reason: "seen" });
        return;
      }
      case "plan.paused":
        return this.#later(15_000, () => this.command(planId, { kind: "resume" }));
      case "plan.changed":
        return this.#later(8_000, () => this.command(planId, { kind: "resume" }));
      default:
        return;
    }
  }
}

import { isKosError } from "@kos/klp";
import { DEFAULT_FLOW_POLICY, planHash, TASK_STATUSES } from "@kos/plan";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AgentRegistry } from "../registry/agent-registry.ts";
import { randomGraph } from "../simulation/random-plan.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { SIM_AGENTS } from "../simulation/sim-capabilities.ts";
import { apply } from "./apply.ts";
import { decideAdvance, decideOutput, preparePlanOutput } from "./decide-advance.ts";
import { decideCall, decideCondition, decideDispatch, decideOwnTask, itemsOf } from "./decide-dispatch.ts";
import type { DecideEnv } from "./decide-env.ts";
import { lostEvents } from "./decide-lost.ts";
import { decideAnswer, decideApproval, decideDeclassify, decideResolve } from "./decide-person.ts";
import { decideCancel, decideCancelTask, decidePause, decideResume, decideSubmit } from "./decide-plan.ts";
import { decideCheckpoint, decideEffect, decideError, decideResult } from "./decide-result.ts";
import { decideVerdict, PLAN_REVIEW } from "./decide-review.ts";
import { decideDue } from "./decide-timer.ts";
import { dumpPlan } from "./dump-plan.ts";
import type { PlanEvent } from "./plan-event.ts";
import { mayDispatch, type PlanState, type TaskState } from "./plan-state.ts";
import { prepareValue } from "./values.ts";

const PERSON = { id: "person:ada", kind: "person" } as const;
const OPS = [
  "dispatch",
  "dispatch",
  "dispatch",
  "result",
  "result",
  "error",
  "effect",
  "checkpoint",
  "lost",
  "time",
  "decide",
  "answer",
  "resolve",
  "verdict",
  "cancelTask",
  "cancel",
  "pause",
  "resume",
  "declassify",
] as const;
const registry = new AgentRegistry();
for (const agent of SIM_AGENTS) registry.register(agent, 0);

/** A plan on its own: what is decided is written down as text and applied from there, as it would be read back. */
class LonePlan {
  readonly log: { readonly text: string; readonly atMs: number }[] = [];
  state: PlanState | undefined;
  nowMs = 1_800_000_000_000;
  #ids = 0;
  readonly #random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const graph = randomGraph(this.#random);
    const submission = {
      graph,
      hash: planHash(graph),
      created_by: PERSON.id,
      grants: { fs_roots: [] },
      definition: { capabilities: {} },
      approval: false,
      start: true,
    };
    this.record(decideSubmit(submission, this.env()));
  }

  env(): DecideEnv {
    return {
      nowMs: this.nowMs,
      newId: () => `id-${++this.#ids}`,
      random: () => this.#random.next(),
      offer: (name) => registry.offer(name),
      policy: DEFAULT_FLOW_POLICY,
      planTasks: 20_000,
      leaseMs: 5000,
      cancelGraceMs: 1000,
    };
  }

  record(events: readonly PlanEvent[]): void {
    for (const event of events) {
      const text = JSON.stringify(event);
      this.log.push({ text, atMs: this.nowMs });
      this.state = apply(this.state, JSON.parse(text) as PlanEvent, { planId: "p", tenant: "local", atMs: this.nowMs });
    }
  }

  replayed(): PlanState | undefined {
    let state: PlanState | undefined;
    for (const { text, atMs } of this.log) state = apply(state, JSON.parse(text) as PlanEvent, { planId: "p", tenant: "local", atMs });
    return state;
  }

  tasks(): readonly TaskState[] {
    return (this.state?.tasks ?? []).flatMap((task) => [task, ...(task.items?.list ?? [])]);
  }
}

const supplyFor = (state: PlanState) => ({
  read: (output: { value: unknown }) => output.value,
  list: (parent: TaskState) => itemsOf(state, parent, { read: (output) => output.value }),
});

function dispatch(plan: LonePlan, state: PlanState, task: TaskState): readonly PlanEvent[] {
  if (!mayDispatch(state) || task.status !== "ready" || task.retryAtMs > plan.nowMs) return [];
  const supply = supplyFor(state);
  const env = plan.env();
  const first = [...decideCondition(state, task, supply)];
  if (first.length > 0) return first;
  const own = decideOwnTask(state, task, supply, env);
  if (own.length > 0) return own;
  const call = decideCall(state, task, supply, env);
  if ("events" in call) return call.events;
  return decideDispatch(
    state,
    task,
    call.call,
    { agent: "kExecutor:main", local: true, engine: "e", leaseToken: `t${plan.log.length}`, timeoutMs: 20_000 },
    env,
  );
}

function step(plan: LonePlan, op: (typeof OPS)[number], pick: number): readonly PlanEvent[] {
  const { state } = plan;
  if (state === undefined) return [];
  const env = plan.env();
  const some = (list: readonly TaskState[]): TaskState | undefined => list[pick % Math.max(1, list.length)];
  const leased = some(plan.tasks().filter((task) => task.lease !== undefined));
  const word = leased?.lease && {
    taskId: leased.id,
    agent: leased.lease.agent,
    attempt: leased.lease.attempt,
    leaseToken: leased.lease.token,
  };
  switch (op) {
    case "dispatch": {
      const task = some(plan.tasks().filter((one) => one.status === "ready"));
      return task === undefined ? [] : dispatch(plan, state, task);
    }
    case "result":
      return word
        ? decideResult(state, { ...word, output: prepareValue({ n: pick, list: [pick], text: "t" }), artifacts: [], runMs: 1 }, env)
        : [];
    case "error":
      return word
        ? decideError(
            state,
            { ...word, error: { code: pick % 2 ? "UNAVAILABLE" : "BAD_REQUEST", message: "m", retryable: pick % 2 === 1 }, runMs: 1 },
            env,
          )
        : [];
    case "effect":
      return word ? (decideEffect(state, word, env.nowMs) ?? []) : [];
    case "checkpoint":
      return word ? (decideCheckpoint(state, { ...word, n: (leased?.lease?.checkpoints ?? 0) + (pick % 3), value: pick }) ?? []) : [];
    case "lost":
      return leased?.lease !== undefined && leased.status === "running"
        ? lostEvents(state, leased, leased.lease, pick % 2 ? "worker_lost" : "restart", env)
        : [];
    case "time": {
      plan.nowMs += pick * 500;
      const due = some(plan.tasks());
      return due === undefined ? [] : decideDue(state, due, () => pick % 3 > 0, plan.env());
    }
    case "decide": {
      const [id, task] = [...state.waits][pick % Math.max(1, state.waits.size)] ?? [];
      const approval = task === undefined ? state.approval : task.approval;
      return id === undefined || approval === undefined
        ? []
        : decideApproval(state, { approvalId: id, decision: pick % 3 ? "approve" : "deny", digest: approval.digest }, PERSON);
    }
    case "answer": {
      const [id, task] = [...state.waits][pick % Math.max(1, state.waits.size)] ?? [];
      const input = task === undefined ? state.input : task.input;
      return id === undefined || input === undefined
        ? []
        : decideAnswer(state, id, input.choices?.[pick % input.choices.length] ?? "x", PERSON);
    }
    case "resolve": {
      const task = some(plan.tasks().filter((one) => one.status === "in_doubt"));
      const outcome = (["succeeded", "failed", "run_again"] as const)[pick % 3] ?? "failed";
      return task === undefined ? [] : decideResolve(state, { taskId: task.id, outcome, output: undefined, reason: "r" }, PERSON);
    }
    case "verdict": {
      const task = some(plan.tasks().filter((one) => one.status === "reviewing"));
      const reviewId = task === undefined ? state.review?.id : task.review?.id;
      const verdict = { accepted: pick % 2 === 0, score: 0, findings: [] };
      return reviewId === undefined ? [] : decideVerdict(state, { taskId: task?.id ?? PLAN_REVIEW, reviewId, verdict }, env);
    }
    case "cancelTask":
      return pick === 7 ? decideCancelTask(state, some(plan.tasks())?.id ?? "", PERSON, "r") : [];
    case "cancel":
      return pick === 7 ? decideCancel(state, PERSON, "r") : [];
    case "pause":
      return decidePause(state, PERSON, undefined);
    case "resume":
      return decideResume(state, PERSON, undefined, env);
    case "declassify":
      return decideDeclassify(state, some(plan.tasks())?.id ?? "", ["untrusted", "confidential"], "r", PERSON);
  }
}

/** What follows by itself. */
function advance(plan: LonePlan): void {
  for (let round = 0; round < 50 && plan.state !== undefined; round++) {
    const { state } = plan;
    const events = decideAdvance(state);
    const next =
      events.length > 0
        ? events
        : decideOutput(
            state,
            preparePlanOutput(state, (output) => output.value),
            plan.env(),
          );
    if (next.length === 0) return;
    plan.record(next);
  }
}

function tally(plan: LonePlan): Record<string, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0]));
  for (const task of plan.tasks())
    if (task.items === undefined || task.status !== "running") counts[task.status] = (counts[task.status] ?? 0) + 1;
  return counts;
}

describe("decide and apply", () => {
  it("[I8] hold together over any sequence of commands: replay equals the live state, counters equal a count, refusals are KosErrors", () => {
    const command = fc.record({ op: fc.constantFrom(...OPS), pick: fc.integer({ min: 0, max: 11 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.array(command, { minLength: 10, maxLength: 80 }), (seed, commands) => {
        const plan = new LonePlan(seed);
        for (const { op, pick } of commands) {
          try {
            plan.record(step(plan, op, pick));
          } catch (error) {
            if (!isKosError(error)) throw error;
          }
          advance(plan);
          const { state } = plan;
          if (state === undefined) continue;
          expect(state.counts).toEqual(tally(plan));
          expect(state.sleeping).toBe(plan.tasks().filter((task) => task.fireAtMs > 0).length);
          expect(state.seq).toBe(plan.log.length);
        }
        const replayed = plan.replayed();
        expect(replayed && dumpPlan(replayed)).toEqual(plan.state && dumpPlan(plan.state));
      }),
      { numRuns: 400 },
    );
  });
});

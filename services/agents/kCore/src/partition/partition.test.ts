import { KosError } from "@kos/klp";
import { DEFAULT_FLOW_POLICY, planHash } from "@kos/plan";
import { describe, expect, it } from "vitest";
import { Dispatcher } from "../dispatcher/dispatcher.ts";
import { graphOf } from "../engine/engine.fixture.ts";
import { AgentRegistry } from "../registry/agent-registry.ts";
import { SIM_AGENTS } from "../simulation/sim-capabilities.ts";
import { Partition } from "./partition.ts";
import type { LoadedPlan, PartitionEffect, PartitionInput } from "./partition-io.ts";

const NOW = 1_800_000_000_000;

function open(leastHalf = 64) {
  const effects: PartitionEffect[] = [];
  const registry = new AgentRegistry();
  for (const agent of SIM_AGENTS) registry.register(agent, NOW);
  let ids = 0;
  const partition = new Partition(
    {
      partition: 0,
      engine: "engine-1",
      newId: () => `id-${++ids}`,
      random: () => 0.5,
      dispatcher: new Dispatcher(registry, { breakerThreshold: 5, breakerOpenMs: 1000 }),
      catalogue: registry,
      offer: (name) => registry.offer(name),
      policy: DEFAULT_FLOW_POLICY,
      planTasks: 20_000,
      leaseMs: 30_000,
      cancelGraceMs: 1000,
      reviewTimeoutMs: 1000,
      passivateAfterMs: 10_000,
      leastHalf,
      idempotencyKey: ({ plan_id, task_id }) => `${plan_id}/${task_id}`,
      isAlive: () => true,
      emit: (effect) => void effects.push(effect),
    },
    { epoch: 1, version: 0 },
  );
  const taken = (): PartitionEffect[] => effects.splice(0);
  const handle = (input: PartitionInput): PartitionEffect[] => {
    partition.handle(input, NOW);
    return taken();
  };
  return { partition, taken, handle };
}

function submit(planId: string, reply: number, tasks = [{ task_id: "a", capability: "calc.pure" }]): PartitionInput {
  const graph = graphOf(tasks);
  return {
    kind: "submit",
    reply,
    tenant: "local",
    planId,
    submission: {
      graph,
      hash: planHash(graph),
      created_by: "person:ada",
      grants: { fs_roots: [] },
      definition: { capabilities: {} },
      approval: false,
      start: true,
    },
  };
}

const kinds = (effects: readonly PartitionEffect[]): readonly string[] => effects.map((effect) => effect.kind);

describe("partition", () => {
  it("lets no effect go before its commit is acknowledged", () => {
    const { partition, handle, taken } = open();
    expect(handle(submit("p1", 1))).toEqual([]);
    partition.flush();
    expect(kinds(taken())).toEqual(["append"]);
    partition.committed(NOW);
    expect(kinds(taken())).toEqual(["publish", "send", "reply"]);
  });

  it("gathers what comes meanwhile into one next commit, and holds its effects until that one is acknowledged", () => {
    const { partition, handle, taken } = open();
    handle(submit("p1", 1));
    partition.flush();
    taken();
    handle(submit("p2", 2));
    handle(submit("p3", 3));
    partition.flush();
    expect(taken()).toEqual([]);
    partition.committed(NOW);
    const effects = taken();
    expect(kinds(effects)).toEqual(["publish", "send", "reply", "append"]);
    const append = effects.at(-1);
    expect(append?.kind === "append" && append.commit).toMatchObject({ expected_version: 3, epoch: 1 });
    partition.committed(NOW);
    expect(taken().filter((effect) => effect.kind === "reply")).toHaveLength(2);
  });

  it("sends half of the work on its way while the other half is decided, and lets no effect go early for it", () => {
    const { partition, handle, taken } = open(1);
    // Three events a plan. The first leaves at once, for nothing is being written; the next ones gather.
    expect(kinds(handle(submit("p1", 1)))).toEqual(["append"]);
    expect([...handle(submit("p2", 2)), ...handle(submit("p3", 3))]).toEqual([]);
    partition.committed(NOW);
    // More than half of what is open: written while the effects of the first are carried out.
    const effects = taken();
    expect(kinds(effects)).toEqual(["append", "publish", "send", "reply"]);
    expect(effects[0]?.kind === "append" && effects[0].commit).toMatchObject({ expected_version: 3 });
    expect(handle(submit("p4", 4))).toEqual([]);
    partition.committed(NOW);
    // Less than half: what the others bring about may come with it.
    expect(kinds(taken())).toEqual(["publish", "send", "reply", "send", "reply", "append"]);
    partition.committed(NOW);
    expect(kinds(taken())).toEqual(["publish", "send", "reply"]);
    expect(partition.isQuiet).toBe(true);
  });

  it("answers even a refusal only when the state it speaks of is durable", () => {
    const { partition, handle, taken } = open();
    handle(submit("p1", 1));
    partition.flush();
    taken();
    const start = {
      kind: "command",
      reply: 2,
      tenant: "local",
      planId: "p1",
      actor: { id: "person:ada", kind: "person" },
      command: { kind: "start" },
    } as const;
    expect(handle(start)).toEqual([]);
    partition.committed(NOW);
    expect(taken().at(-1)).toMatchObject({ kind: "refuse", reply: 2, error: { code: "CONFLICT" } });
  });

  it("drops everything that was not acknowledged when it is stopped, and does nothing more", () => {
    const { partition, handle, taken } = open();
    handle(submit("p1", 1));
    partition.flush();
    taken();
    partition.stop(new KosError("CONFLICT", "fenced"));
    expect(kinds(taken())).toEqual(["stopped"]);
    partition.committed(NOW);
    handle(submit("p2", 2));
    partition.tick(NOW);
    partition.flush();
    expect(taken()).toEqual([]);
  });

  it("forgets a plan that only waits, and reads it back when somebody speaks of it", () => {
    const { partition, handle, taken } = open();
    const asks = graphOf([{ task_id: "ask", capability: "human.ask", params: { question: "?" } }]);
    const input = submit("p1", 1);
    handle(input.kind === "submit" ? { ...input, submission: { ...input.submission, graph: asks, hash: planHash(asks) } } : input);
    partition.flush();
    const [append] = taken();
    const events = append?.kind === "append" ? append.commit.events : [];
    partition.committed(NOW);
    taken();
    expect(partition.residentCount).toBe(0);
    const answer = {
      kind: "command",
      reply: 2,
      tenant: "local",
      planId: "p1",
      actor: { id: "person:ada", kind: "person" },
      command: { kind: "pause" },
    } as const;
    expect(handle(answer)).toEqual([{ kind: "load_plan", planId: "p1" }]);
    const plan: LoadedPlan = {
      events: events.map((event) => ({
        event: { type: event.type, payload: JSON.parse(event.payload) } as never,
        tenant: "local",
        atMs: NOW,
      })),
      budget: [],
    };
    expect(handle({ kind: "plan_loaded", planId: "p1", plan })).toEqual([]);
    partition.flush();
    const [next] = taken();
    expect(next?.kind === "append" && next.commit.events.map((event) => [event.type, event.plan_seq])).toEqual([
      ["plan.paused", events.length + 1],
    ]);
  });

  it("says of a plan that is not there that it is not there", () => {
    const { handle } = open();
    const command = {
      kind: "command",
      reply: 1,
      tenant: "local",
      planId: "nope",
      actor: { id: "person:ada", kind: "person" },
      command: { kind: "start" },
    } as const;
    handle(command);
    expect(handle({ kind: "plan_loaded", planId: "nope", plan: { events: [], budget: [] } })).toMatchObject([
      { kind: "refuse", error: { code: "NOT_FOUND" } },
    ]);
  });

  it("stops and names the plan when a decision about it breaks, rather than go on from half a change", () => {
    const { partition, handle } = open();
    handle(submit("p1", 1));
    const state = partition.peek("p1")?.state;
    // As if an earlier bug had left a task without what it is made of.
    if (state?.tasks[0] !== undefined) Object.assign(state.tasks[0], { shape: undefined });
    const lease = state?.tasks[0]?.lease;
    const payload = { attempt: 1, lease_token: lease?.token ?? "", output: {}, run_ms: 1 };
    const message = { type: "TASK_RESULT", plan_id: "p1", task_id: "a", payload } as const;
    const [stopped] = handle({ kind: "message", agent: lease?.agent ?? "", message });
    expect(stopped).toMatchObject({ kind: "stopped", error: { code: "INTERNAL", planId: "p1" } });
  });
});

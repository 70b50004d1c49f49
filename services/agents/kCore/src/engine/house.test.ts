import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, AGENT, graphOf, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const quiet = testAgent([testCapability("step.one", Any, Any, never)]);
const silent = { agents: [quiet], silent: [quiet.id] };
const quick = testAgent([testCapability("step.quick", Any, Any, async () => ({ n: 1 }))]);

describe("agents", () => {
  it("give no work to one that is paused, and what a person decided outlives a restart", async () => {
    const test = await openTestEngine(silent);
    await test.engine.registry.pause(quiet.id, "person:ada");
    await test.run([{ task_id: "a", capability: "step.one" }]);
    expect(test.timesSent("a")).toBe(0);
    const again = await test.reopen();
    await again.settle();
    expect(again.engine.registry.get(quiet.id)?.state).toBe("paused");
    expect(again.timesSent("a")).toBe(0);
    await again.engine.registry.resume(quiet.id, "person:ada");
    await again.settle();
    expect(again.timesSent("a")).toBe(1);
    expect(again.engine.registry.get(quiet.id)?.state).toBe("busy");
  });

  it("leave quarantine only by a person", async () => {
    const { engine } = await openTestEngine(silent);
    const { registry } = engine;
    await registry.quarantine(quiet.id, "kSentinel:main", "odd");
    await expect(registry.resume(quiet.id, "person:ada")).rejects.toMatchObject({ code: "QUARANTINED" });
    await expect(registry.pause(quiet.id, "person:ada")).rejects.toMatchObject({ code: "QUARANTINED" });
    await expect(registry.restart(quiet.id, "person:ada")).rejects.toMatchObject({ code: "QUARANTINED" });
    await expect(registry.release(quiet.id, AGENT)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await registry.release(quiet.id, ADA);
    expect(registry.get(quiet.id)?.state).toBe("ready");
    await expect(registry.pause("kExecutor:none", "person:ada")).rejects.toMatchObject({ code: "UNKNOWN_AGENT" });
  });

  it("tell the world when their state changes", async () => {
    const test = await openTestEngine(silent);
    await test.engine.registry.terminate(quiet.id, "person:ada");
    expect(test.published.filter((message) => message.kind === "agent").at(-1)).toMatchObject({ agent: quiet.id, state: "terminated" });
  });
});

describe("metrics", () => {
  it("say how many calls of a capability are in flight from the moment one starts, also after a restart", async () => {
    const inFlight: [string, number][] = [];
    const nothing = () => undefined;
    const counting = () => ({
      taskEnded: nothing,
      taskRetried: nothing,
      committed: nothing,
      inDoubt: nothing,
      inFlight: ({ capability, count }: { capability: string; count: number }) => void inFlight.push([capability, count]),
    });
    const test = await openTestEngine({ ...silent, engine: { metrics: counting() } });
    await test.run([
      { task_id: "a", capability: "step.one" },
      { task_id: "b", capability: "step.one" },
    ]);
    expect(inFlight.splice(0)).toEqual([
      ["step.one", 1],
      ["step.one", 2],
    ]);
    await test.result(test.request("a"), 1);
    expect(inFlight.splice(0)).toEqual([["step.one", 1]]);
    const again = await test.reopen();
    await again.settle();
    expect(inFlight.at(-1)).toEqual(["step.one", 1]);
    await again.result(again.request("b"), 1);
    expect(inFlight.at(-1)).toEqual(["step.one", 0]);
  });
});

describe("lists and pages", () => {
  it("page plans newest first without losing or repeating one, and take a status", async () => {
    const test = await openTestEngine({ agents: [quick] });
    const made: string[] = [];
    for (let index = 0; index < 7; index++) {
      made.unshift(await test.run([{ task_id: "a", capability: "step.quick" }]));
      if (index % 2) await test.clock.advance(1);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test.engine.queries.plans({ tenant: "local", limit: 3, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.items.map((plan) => plan.plan_id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(made);
    expect((await test.engine.queries.plans({ tenant: "local", status: ["running"] })).items).toEqual([]);
    expect((await test.engine.queries.plans({ tenant: "local", status: ["succeeded"], limit: 1 })).items[0]).toMatchObject({
      tasks_total: 1,
      tasks_done: 1,
    });
    await expect(test.engine.queries.plans({ tenant: "local", cursor: "nonsense" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(test.engine.queries.plans({ tenant: "local", limit: 501 })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("show the progress of plans that run", async () => {
    const test = await openTestEngine(silent);
    await test.run([
      { task_id: "a", capability: "step.one" },
      { task_id: "b", capability: "step.one", depends_on: ["a"] },
    ]);
    await test.result(test.request("a"), {});
    expect((await test.engine.queries.plans({ tenant: "local" })).items[0]).toMatchObject({
      status: "running",
      tasks_done: 1,
      tasks_total: 2,
    });
  });

  it("give a plan's events after a cursor or a plan_seq, without a gap", async () => {
    const test = await openTestEngine({ agents: [quick] });
    const planId = await test.run([
      { task_id: "a", capability: "step.quick" },
      { task_id: "b", capability: "step.quick" },
    ]);
    const all = await test.engine.queries.events("local", planId);
    expect(all.items.map((event) => event.seq)).toEqual(all.items.map((_, index) => index + 1));
    const cursor = all.items[2]?.cursor ?? "";
    expect((await test.engine.queries.events("local", planId, { since: cursor })).items[0]?.seq).toBe(4);
    expect((await test.engine.queries.events("local", planId, { since: "3" })).items[0]?.seq).toBe(4);
    const page = await test.engine.queries.events("local", planId, { limit: 2 });
    expect((await test.engine.queries.events("local", planId, { since: page.next_cursor ?? "" })).items[0]?.seq).toBe(3);
    await expect(test.engine.queries.events("local", planId, { since: "0-99999" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    const live = test.published.filter((message) => message.kind === "event" && message.plan_id === planId);
    expect(live.map((message) => message.kind === "event" && [message.seq, message.cursor])).toEqual(
      all.items.map((event) => [event.seq, event.cursor]),
    );
  });

  it("tell where the time went", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.one" }]);
    await test.clock.advance(500);
    await test.result(test.request("a"), {});
    const trace = await test.engine.queries.trace("local", planId);
    expect(trace).toMatchObject({ plan_id: planId, total_ms: 500, attempts: [{ task_id: "a", attempt: 1, outcome: "succeeded" }] });
    expect(trace.critical_path.map((step) => step.task_id)).toEqual(["a"]);
  });
});

describe("several partitions", () => {
  it("run plans in all of them, and find the one of a key again", async () => {
    const test = await openTestEngine({ agents: [quick], engine: { partitions: 3 } });
    const graph = graphOf([{ task_id: "a", capability: "step.quick" }]);
    const submit = (key: string) =>
      test.engine.submit({ caller: ADA, graph, start: true, idempotency: { key, route: "r", bodyHash: "sha256:1" } });
    const first = await Promise.all(Array.from({ length: 30 }, (_, index) => submit(`key-${index}`)));
    await test.settle();
    expect((await test.engine.queries.plans({ tenant: "local", status: ["succeeded"] })).items).toHaveLength(30);
    for (const partition of [0, 1, 2]) expect((await test.store.log.readPartition({ partition, from: 0, limit: 1 })).length).toBe(1);
    const again = await test.reopen();
    const second = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        again.engine.submit({ caller: ADA, graph, start: true, idempotency: { key: `key-${index}`, route: "r", bodyHash: "sha256:1" } }),
      ),
    );
    expect(second.map((one) => one.plan_id)).toEqual(first.map((one) => one.plan_id));
  });
});

describe("large plans", () => {
  it("keep a graph too large for the log in a blob, and read it back", async () => {
    const test = await openTestEngine(silent);
    const tasks = Array.from({ length: 1500 }, (_, index) => ({
      task_id: `t${index}`,
      capability: "step.one",
      params: { text: "x".repeat(200) },
      depends_on: index === 0 ? [] : [`t${index - 1}`],
    }));
    const planId = await test.run(tasks);
    const [created] = (await test.engine.queries.events("local", planId, { limit: 1 })).items;
    expect(created?.payload).toMatchObject({ body: { bytes: expect.any(Number) } });
    expect(created?.payload).not.toHaveProperty("graph");
    const again = await test.reopen();
    await again.settle();
    expect(again.timesSent("t0")).toBe(1);
    expect((await again.plan(planId)).tasks).toHaveLength(1500);
  });
});

describe("fork", () => {
  it("refuses when the playbook has changed, until that is accepted, and takes over what did not change", async () => {
    const runs: unknown[] = [];
    const counting = testAgent([testCapability("step.count", Any, Any, async (params) => (runs.push(params), { n: runs.length }))]);
    const current = { hash: "sha256:1" };
    const test = await openTestEngine({ agents: [counting], engine: { playbookHash: async () => current.hash } });
    const playbook = { name: "demo", hash: "sha256:1", params: {} };
    const planId = await test.run(
      [
        { task_id: "a", capability: "step.count", params: { of: "a" } },
        { task_id: "b", capability: "step.count", params: { of: "b" } },
        { task_id: "c", capability: "step.count", params: { a: "${a.n}", b: "${b.n}" } },
      ],
      { playbook, output: "${c.n}" },
    );
    expect(runs).toHaveLength(3);
    current.hash = "sha256:2";
    const fork = (acceptChanged: boolean) =>
      test.engine.rerun({ caller: ADA, planId, kind: "fork", params: { b: { of: "other" } }, acceptChanged });
    await expect(fork(false)).rejects.toMatchObject({
      code: "DEFINITION_CHANGED",
      details: { stale: [{ what: "playbook", name: "demo", recorded: "sha256:1", current: "sha256:2" }] },
    });
    expect(runs).toHaveLength(3);
    const forked = await fork(true);
    await test.settle();
    expect(runs.slice(3)).toEqual([{ of: "other" }, { a: 1, b: 4 }]);
    expect((await test.types(forked.plan_id)).filter((type) => type === "task.reused")).toHaveLength(1);
    await expect(test.engine.rerun({ caller: ADA, planId, kind: "retry" })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(test.engine.rerun({ caller: { ...ADA, tenant: "other" }, planId, kind: "fork" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { ADA, graphOf, openTestEngine, type TestEngine, type TestEngineOptions } from "../engine/engine.fixture.ts";
import type { Caller } from "../engine-api.ts";
import type { ScheduledRequest } from "../schedules-api.ts";

const MINUTE = 60_000;
const GRAPH = graphOf([{ task_id: "nap", capability: "flow.sleep", params: { ms: 10_000 } }], { output: { woke: "${nap}" } });

async function open(options: TestEngineOptions = {}, start = true): Promise<TestEngine> {
  const test = await openTestEngine({ ...options, engine: { scheduledGraph: async () => GRAPH, ...options.engine } });
  if (start) test.engine.schedules.start();
  await test.settle();
  return test;
}

function create(test: TestEngine, wish: Parameters<TestEngine["engine"]["schedules"]["create"]>[0]["wish"], rest: object = {}) {
  return test.engine.schedules.create({ caller: ADA, request: { playbook: "x" }, graph: GRAPH, wish, ...rest });
}

const plans = async (test: TestEngine) => (await test.engine.queries.plans({ tenant: "local" })).items;

describe("schedules", () => {
  it("start a plan at each due time, and tell what came of it", async () => {
    const test = await open();
    const { schedule_id: id } = await create(test, { every: "1m", zone: "UTC" }, { fsRoots: ["/data"] });
    await test.clock.advance(MINUTE - 1);
    expect(await plans(test)).toEqual([]);
    await test.clock.advance(2 * MINUTE);
    const view = await test.engine.schedules.get("local", id);
    expect(view).toMatchObject({ status: "active", runs_total: 2, fs_roots: ["/data"], every: "1m", missed: "once", overlap: "skip" });
    expect(view.runs.map(({ run, status, cause }) => [run, status, cause])).toEqual([
      [2, "succeeded", "time"],
      [1, "succeeded", "time"],
    ]);
    expect(new Set((await plans(test)).map(({ plan_id }) => plan_id))).toEqual(new Set(view.runs.map(({ plan_id }) => plan_id)));
    const plan = await test.plan(view.runs[0]?.plan_id ?? "");
    expect(plan.schedule).toMatchObject({ schedule_id: id, run: 2 });
    expect(test.published.filter((one) => one.kind === "schedule").map(({ type }) => type)).toContain("schedule.run_ended");
  });

  it("can be asked about before they are made: the next five due times, or why there are none", async () => {
    const test = await open();
    const { schedules } = test.engine;
    const now = test.clock.now();
    expect(schedules.dueTimes({ every: "1h", zone: "UTC" })).toEqual(
      [1, 2, 3, 4, 5].map((hour) => new Date(now + hour * 60 * MINUTE).toISOString()),
    );
    expect(schedules.dueTimes({ at: new Date(now + 1000).toISOString(), zone: "UTC" })).toEqual([new Date(now + 1000).toISOString()]);
    const berlin = schedules.dueTimes({ every: "0 9 * * *", zone: "Europe/Berlin" });
    expect(berlin.map((time) => time.slice(11, 16))).toEqual(Array.from({ length: 5 }, () => "08:00"));
    expect(() => schedules.dueTimes({ every: "sometimes", zone: "UTC" })).toThrow("no cron pattern");
    expect(await test.engine.schedules.list({ tenant: "local" })).toMatchObject({ items: [] });
  });

  it("do nothing by themselves until they are started", async () => {
    const test = await open({}, false);
    const { schedule_id: id } = await create(test, { every: "1m", zone: "UTC" });
    await test.clock.advance(5 * MINUTE);
    expect(await plans(test)).toEqual([]);
    expect(await test.engine.schedules.run(ADA, id)).toMatchObject({ plan_id: expect.any(String) });
    test.engine.schedules.start();
    await test.clock.advance(1000);
    expect((await test.engine.schedules.get("local", id)).runs[0]).toMatchObject({ run: 1 });
  });

  it("killed between the due time and the plan make that plan once, and not twice", async () => {
    const gates: (() => void)[] = [];
    const slow = () => new Promise<typeof GRAPH>((resolve) => void gates.push(() => resolve(GRAPH)));
    const test = await open({ engine: { scheduledGraph: slow } });
    const { schedule_id: id } = await create(test, { every: "1h", zone: "UTC" });
    await test.clock.advance(60 * MINUTE);
    expect(await test.engine.schedules.get("local", id)).toMatchObject({ runs: [{ run: 1, status: "starting" }] });
    const again = await test.reopen({ scheduledGraph: async () => GRAPH });
    for (const gate of gates) gate();
    again.engine.schedules.start();
    await again.clock.advance(20_000);
    expect(await plans(again)).toHaveLength(1);
    expect(await again.engine.schedules.get("local", id)).toMatchObject({ runs_total: 1, runs: [{ run: 1, status: "succeeded" }] });
    const third = await again.reopen();
    third.engine.schedules.start();
    await third.clock.advance(20_000);
    expect(await plans(third)).toHaveLength(1);
  });

  it("make up for a downtime as their policy says", async () => {
    const test = await open();
    const ids: string[] = [];
    for (const missed of ["skip", "once", "all"] as const) ids.push((await create(test, { every: "1h", zone: "UTC", missed })).schedule_id);
    test.crash();
    await test.clock.advance(3.5 * 60 * MINUTE);
    const again = await test.reopen();
    again.engine.schedules.start();
    await again.clock.advance(MINUTE);
    const totals = await Promise.all(ids.map(async (id) => (await again.engine.schedules.get("local", id)).runs_total));
    expect(totals).toEqual([0, 1, 3]);
    const [last] = (await again.engine.schedules.get("local", ids[2] ?? "")).runs;
    expect(last).toMatchObject({ run: 3, status: "succeeded", cause: "missed" });
  });

  it("hear of the end of a run that ended while they were not read", async () => {
    const test = await open();
    const { schedule_id: id } = await create(test, { every: "1h", zone: "UTC" });
    await test.clock.advance(60 * MINUTE + 1000);
    const again = await test.reopen();
    await again.clock.advance(MINUTE);
    expect(await plans(again)).toMatchObject([{ status: "succeeded" }]);
    again.engine.schedules.start();
    await again.settle();
    await again.clock.advance(1000);
    expect(await again.engine.schedules.get("local", id)).toMatchObject({ runs: [{ run: 1, status: "succeeded" }] });
  });

  it("hand the output of the newest run that succeeded to the next, with its labels", async () => {
    const seen: unknown[] = [];
    const graph = graphOf([{ task_id: "nap", capability: "flow.sleep", params: { ms: 1 } }], {
      output: { kept: "x".repeat(40_000) },
      labels: ["untrusted"],
    });
    const scheduledGraph = async ({ previous }: ScheduledRequest) => {
      seen.push(await previous());
      return graph;
    };
    const test = await open({ engine: { scheduledGraph } });
    await create(test, { every: "1m", zone: "UTC" });
    await test.clock.advance(2 * MINUTE + 1000);
    expect(seen).toEqual([undefined, { value: { kept: "x".repeat(40_000) }, labels: ["untrusted"] }]);
  });

  it("say in the run that the playbook is not what it was, and take it as it is now", async () => {
    const playbook = { name: "site-watch", hash: "sha256:new", params: {} };
    const test = await open({ engine: { scheduledGraph: async () => ({ ...GRAPH, playbook }) } });
    const { schedule_id: id } = await test.engine.schedules.create({
      caller: ADA,
      request: {},
      graph: { ...GRAPH, playbook: { ...playbook, hash: "sha256:old" } },
      wish: { every: "1m", zone: "UTC" },
    });
    await test.clock.advance(MINUTE);
    const { runs } = await test.engine.schedules.get("local", id);
    expect(runs[0]?.notes).toEqual([expect.stringContaining("has changed since this was scheduled")]);
    expect((await test.plan(runs[0]?.plan_id ?? "")).schedule?.notes).toEqual(runs[0]?.notes);
  });

  it("try again when a plan cannot be made for a passing reason, and give a run up that cannot be made at all", async () => {
    let tries = 0;
    const failing = async () => {
      tries++;
      throw tries < 3 ? new KosError("UNAVAILABLE", "not yet") : new KosError("NOT_FOUND", "no such playbook");
    };
    const test = await open({ engine: { scheduledGraph: failing } });
    const { schedule_id: id } = await create(test, { every: "1h", zone: "UTC" });
    await test.clock.advance(60 * MINUTE + 50_000);
    expect(tries).toBe(3);
    expect(await test.engine.schedules.get("local", id)).toMatchObject({
      status: "active",
      runs: [{ status: "refused", error: { code: "NOT_FOUND" } }],
    });
    await expect(test.engine.schedules.run(ADA, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("[R112] are made once for a key, and run once for a key, however often they are asked", async () => {
    const test = await open();
    const idempotency = { key: "k", route: "POST /agent/schedule", bodyHash: "sha256:a" };
    const made = await Promise.all(Array.from({ length: 20 }, () => create(test, { every: "1h", zone: "UTC" }, { idempotency })));
    expect(new Set(made.map(({ schedule_id }) => schedule_id)).size).toBe(1);
    await expect(
      create(test, { every: "1h", zone: "UTC" }, { idempotency: { ...idempotency, bodyHash: "sha256:b" } }),
    ).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const id = made[0]?.schedule_id ?? "";
    const first = await test.engine.schedules.run(ADA, id, { ...idempotency, route: "run" });
    expect(await test.engine.schedules.run(ADA, id, { ...idempotency, route: "run" })).toEqual(first);
    await test.clock.advance(MINUTE);
    expect(await test.engine.schedules.run(ADA, id, { ...idempotency, route: "run" })).toEqual(first);
    expect(await plans(test)).toHaveLength(1);
  });

  it("[R29] are not there for another tenant", async () => {
    const test = await open();
    const eve: Caller = { tenant: "other", id: "person:eve", kind: "person" };
    const { schedule_id: id } = await create(test, { every: "1h", zone: "UTC" });
    await expect(test.engine.schedules.get("other", id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    for (const act of ["pause", "resume", "remove", "run"] as const)
      await expect(test.engine.schedules[act](eve, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await test.engine.schedules.list({ tenant: "other" })).items).toEqual([]);
  });

  it("can be changed, paused and removed, and are listed a page at a time", async () => {
    const test = await open();
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.push((await create(test, { every: "1h", zone: "UTC", name: `n${index}` })).schedule_id);
    const changed = await test.engine.schedules.change(ADA, ids[0] ?? "", { every: "0 9 * * *", zone: "Europe/Berlin", overlap: "queue" });
    expect(changed).toMatchObject({ every: "0 9 * * *", zone: "Europe/Berlin", overlap: "queue", missed: "once" });
    expect(new Date(changed.next_at ?? "").toLocaleTimeString("de", { timeZone: "Europe/Berlin" })).toBe("09:00:00");
    expect(await test.engine.schedules.pause(ADA, ids[1] ?? "")).toMatchObject({ status: "paused", next_at: null });
    expect(await test.engine.schedules.remove(ADA, ids[2] ?? "")).toMatchObject({ status: "removed", next_at: null });
    const first = await test.engine.schedules.list({ tenant: "local", limit: 2 });
    const second = await test.engine.schedules.list({ tenant: "local", limit: 2, cursor: first.next_cursor ?? "" });
    expect([...first.items, ...second.items].map(({ schedule_id }) => schedule_id).sort()).toEqual(
      ids.filter((id) => id !== ids[2]).sort(),
    );
    expect(second.next_cursor).toBeNull();
    await test.clock.advance(60 * MINUTE);
    expect(await plans(test)).toHaveLength(2);
  });

  it("ten thousand of them cost one timer and a row each", async () => {
    const test = await open();
    // With the first and the last one as many as there may be.
    const COUNT = 9_998;
    const first = await create(test, { every: "1d", zone: "UTC" });
    const [row] = await test.store.tables.read<Record<string, string | number>>((query) => query.selectFrom("schedule").selectAll());
    const statements = Array.from({ length: COUNT }, (_, index) => {
      const id = `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`;
      const body = String(row?.["body"]).replaceAll(first.schedule_id, id);
      const { created_at = 0, updated_at = 0, next_at = 0, stream_since = 0 } = row ?? {};
      return {
        sql: "INSERT INTO schedule (schedule_id, tenant, shard, status, created_at, updated_at, next_at, stream_since, stream_events, body) VALUES (?, 'local', 0, 'active', ?, ?, ?, ?, 1, ?)",
        parameters: [id, created_at, updated_at, next_at, stream_since, body],
      };
    });
    await test.store.tables.write(statements);
    let timers = 0;
    const { clock } = test;
    const again = await test.reopen({
      clock: {
        now: clock.now,
        after(ms, run) {
          timers++;
          return clock.after(ms, run);
        },
      },
    });
    const before = timers;
    again.engine.schedules.start();
    await again.settle();
    expect(timers - before).toBeLessThan(5);
    expect((await again.engine.schedules.list({ tenant: "local", limit: 500 })).items).toHaveLength(500);
    // A due time of one costs what it costs without the others: its own events and timers.
    const early = await create(again, { at: new Date(clock.now() + MINUTE).toISOString(), zone: "UTC" });
    await expect(create(again, { every: "1d", zone: "UTC" })).rejects.toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED" });
    const [quietTimers, quietEvents] = [timers, again.published.length];
    await clock.advance(MINUTE);
    expect((await again.engine.schedules.get("local", early.schedule_id)).runs_total).toBe(1);
    expect(timers - quietTimers).toBeLessThan(20);
    expect(again.published.length - quietEvents).toBeLessThan(30);
  });
});

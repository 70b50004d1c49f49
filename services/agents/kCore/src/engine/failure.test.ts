import { KosError } from "@kos/klp";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ADA, graphOf, openTestEngine, testAgent, testCapability } from "./engine.fixture.ts";

const Any = Type.Unknown();
const never = () => Promise.reject(new Error("the test answers"));
const quiet = testAgent([testCapability("step.one", Any, Any, never)]);
const silent = { agents: [quiet], silent: [quiet.id] };
const graph = graphOf([{ task_id: "a", capability: "step.one" }]);

describe("when something fails", () => {
  it("acknowledges nothing once the disk is full, says that it stopped, and goes on from what was there when it is opened again", async () => {
    const stopped: KosError[] = [];
    const test = await openTestEngine({ ...silent, engine: { onStopped: (error) => stopped.push(error) } });
    const before = await test.run([{ task_id: "a", capability: "step.one" }]);
    const { log } = test.store;
    const append = log.append.bind(log);
    log.append = () => Promise.reject(new KosError("STORAGE_FULL", "no space left"));
    const sent = test.sent.length;
    await expect(test.engine.submit({ caller: ADA, graph, start: true })).rejects.toMatchObject({ code: "STORAGE_FULL" });
    await test.settle();
    expect(test.sent.length).toBe(sent);
    expect(stopped).toMatchObject([{ code: "STORAGE_FULL" }]);
    await expect(test.engine.command(ADA, { kind: "cancel", planId: before })).rejects.toMatchObject({ code: "STORAGE_FULL" });
    log.append = append;
    const again = await test.reopen();
    await again.settle();
    expect((await again.plan(before)).plan.status).toBe("running");
    expect(await again.types(before)).toContain("task.attempt_lost");
  });

  it("stops at once when another engine has taken the partition over, and leaves the work to it", async () => {
    const stopped: KosError[] = [];
    const first = await openTestEngine({ ...silent, engine: { onStopped: (error) => stopped.push(error) } });
    const planId = await first.run([{ task_id: "a", capability: "step.one" }]);
    const second = await openTestEngine({ ...silent, store: first.store, clock: first.clock, blobs: first.blobs });
    await second.settle();
    await expect(first.engine.command(ADA, { kind: "cancel", planId })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(stopped).toMatchObject([{ details: { fenced: true } }]);
    await first.result(first.request("a"), { from: "the old engine" });
    await second.result(second.request("a"), { from: "the new one" });
    expect((await second.engine.queries.task("local", planId, "a")).output).toEqual({ from: "the new one" });
  });

  it("comes back by itself when a decision breaks, and leaves a plan alone that breaks it again and again", async () => {
    const chance = { isBroken: false };
    const random = (): number => {
      if (chance.isBroken) throw new TypeError("stands for a bug");
      return 0.5;
    };
    const test = await openTestEngine({ ...silent, engine: { random } });
    const bad = await test.run([{ task_id: "a", capability: "step.one" }]);
    const good = await test.run([{ task_id: "b", capability: "step.one" }]);
    chance.isBroken = true;
    // Heard once: the reopened partition is told again what was not on disk, breaks again, and then leaves that plan alone.
    await test.error(test.request("a"), { code: "UNAVAILABLE", retryable: true });
    await test.result(test.request("b"), { fine: true });
    await test.clock.advance(2000);
    await expect(test.engine.command(ADA, { kind: "cancel", planId: bad })).rejects.toMatchObject({ code: "INTERNAL" });
    expect((await test.plan(good)).plan.status).toBe("succeeded");
  });

  it("[R114] refuses a plan whose events it does not know, and runs the others", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "ask", capability: "human.ask", params: { question: "?" } }]);
    const events = await test.types(planId);
    const claim = await test.store.log.claim(0);
    const at = "2026-11-22T00:00:00Z";
    await test.store.log.append({
      partition: 0,
      epoch: claim.epoch,
      expected_version: claim.version,
      events: [{ type: "task.teleported", tenant: "local", plan_id: planId, plan_seq: events.length + 1, at, payload: "{}" }],
      rows: [],
    });
    const again = await test.reopen();
    await expect(again.engine.command(ADA, { kind: "cancel", planId })).rejects.toMatchObject({ code: "STORE_NEWER" });
    await again.run([{ task_id: "b", capability: "step.one" }]);
    expect(again.timesSent("b")).toBe(1);
  });

  it("finds work again by its sweep when every hint was lost", async () => {
    const test = await openTestEngine({ ...silent, engine: { queue: { push: () => undefined, subscribe: () => () => undefined } } });
    const planId = await test.run([{ task_id: "a", capability: "step.one" }]);
    const hints: (() => void)[] = [];
    let listener: ((hint: { partition: number; plan_id: string }) => void) | undefined;
    const again = await test.reopen({
      queue: {
        push: (hint) => void hints.push(() => listener?.(hint)),
        subscribe(take) {
          listener = take;
          return () => undefined;
        },
      },
    });
    expect(hints.length).toBe(1);
    hints.length = 0;
    await again.clock.advance(5_001);
    for (const hint of hints) hint();
    await again.settle();
    expect(again.timesSent("a")).toBe(1);
    expect((await again.plan(planId)).plan.status).toBe("running");
  });

  it("fails what needs a value that is not there any more, and says so, rather than wait for ever", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([
      { task_id: "a", capability: "step.one" },
      { task_id: "b", capability: "step.one", params: { all: "${a}" } },
    ]);
    const gate = test.blobs.set.bind(test.blobs);
    test.blobs.set = () => test.blobs;
    await test.result(test.request("a"), "x".repeat(50_000));
    test.blobs.set = gate;
    const view = await test.plan(planId);
    expect(view).toMatchObject({ plan: { status: "failed" }, error: { code: "INTERNAL", task_id: "b" } });
    expect(view.error?.message).toContain("cannot be read back");
  });

  it("keeps what an agent says small enough for an event", async () => {
    const test = await openTestEngine(silent);
    const planId = await test.run([{ task_id: "a", capability: "step.one" }]);
    const { request } = test;
    const { message, agent } = request("a");
    const error = { code: "BAD_REQUEST", message: "m".repeat(900_000), retryable: false, details: { long: "d".repeat(900_000) } };
    const { attempt, lease_token } = message.payload;
    test.engine.receive(agent, { type: "TASK_ERROR", plan_id: planId, task_id: "a", payload: { attempt, lease_token, error, run_ms: 1 } });
    await test.settle();
    const view = await test.plan(planId);
    expect(view.error?.message.length).toBeLessThanOrEqual(2000);
    expect(view.error?.details).toBeUndefined();
  });
});

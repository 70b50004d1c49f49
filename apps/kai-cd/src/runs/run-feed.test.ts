import type { PlanView } from "@kos/api";
import { frameOf, PLAN_ID, planView, type Step, taskView } from "@kos/api/scripted-run.fixture";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { createRunFeed } from "./run-feed.ts";

/** A feed whose node answers what it is told, and whose time passes by hand. */
function feedOf(...answers: readonly (PlanView | KosError)[]) {
  const timers: { readonly ms: number; readonly run: () => void }[] = [];
  const left = [...answers];
  let asked = 0;
  const feed = createRunFeed({
    planId: PLAN_ID,
    client: {
      async call() {
        asked += 1;
        const answer = left.length > 1 ? left.shift() : left[0];
        if (answer instanceof KosError) throw answer;
        return answer as never;
      },
    },
    after(ms, run) {
      const timer = { ms, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  const settle = async () => {
    for (let round = 0; round < 5; round += 1) await Promise.resolve();
  };
  return {
    feed,
    asked: () => asked,
    timers,
    settle,
    /** Runs the timers that wait now. */
    async tick() {
      for (const timer of timers.splice(0)) timer.run();
      await settle();
    },
  };
}

const tasks = [taskView("a"), taskView("b", { depends_on: ["a"] })];
const step = (event: string, taskId?: string, fields?: Step["fields"]): Step => ({
  event,
  ...(taskId !== undefined && { taskId }),
  ...(fields && { fields }),
});

describe("the feed of a run", () => {
  it("moves what the node said on by its frames, and writes them down as a log", async () => {
    const { feed, settle, tick } = feedOf(planView(tasks));
    await settle();
    feed.take(frameOf(step("plan.started"), 1));
    feed.take(frameOf(step("task.dispatched", "a", { agent: "kExecutor:files", attempt: 1 }), 2));
    feed.take(frameOf(step("task.succeeded", "a"), 3));
    await tick();
    const { run, log } = feed.state.get();
    expect(run?.tasks.get("a")?.status).toBe("succeeded");
    expect(log.map(({ seq, text }) => `${seq} ${text}`)).toEqual(["1 The run began.", "2 Started on kExecutor:files.", "3 Done."]);
  });

  it("shows a burst of frames at once, and each event once", async () => {
    const { feed, settle, tick, timers } = feedOf(planView(tasks));
    await settle();
    for (let seq = 2; seq <= 501; seq += 1) feed.take(frameOf(step("task.lease_renewed", "a"), seq));
    expect(timers).toHaveLength(1);
    await tick();
    for (let seq = 490; seq <= 501; seq += 1) feed.take(frameOf(step("task.lease_renewed", "a"), seq));
    await tick();
    expect(feed.state.get().log.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, place) => place + 2));
  });

  it("asks again when an event tells of what frames do not carry", async () => {
    const { feed, settle, tick, asked } = feedOf(planView(tasks), planView(tasks, { status: "waiting_approval", seq: 2 }));
    await settle();
    expect(asked()).toBe(1);
    feed.take(frameOf({ ...step("approval.requested", "a", { approval_id: "x", title: "Send it?" }), planStatus: "waiting_approval" }, 2));
    await tick();
    await tick();
    expect(asked()).toBe(2);
    expect(feed.state.get().view?.plan.status).toBe("waiting_approval");
  });

  it("is not thrown back by an answer older than its frames", async () => {
    const { feed, settle, tick, asked } = feedOf(planView(tasks), planView(tasks), planView(tasks, { status: "succeeded", seq: 9 }));
    await settle();
    feed.take(frameOf(step("task.succeeded", "a"), 8));
    await tick();
    feed.refresh();
    await settle();
    expect(feed.state.get().run?.tasks.get("a")?.status).toBe("succeeded");
    await tick();
    expect(asked()).toBe(3);
    expect(feed.state.get().run).toMatchObject({ status: "succeeded", seq: 9 });
  });

  it("keeps what it shows when the node does not answer, and says so", async () => {
    const { feed, settle } = feedOf(planView(tasks), new KosError("UNAVAILABLE", "away"));
    await settle();
    feed.refresh();
    await settle();
    expect(feed.state.get()).toMatchObject({ view: { seq: 1 }, error: { code: "UNAVAILABLE" } });
  });
});

// Checkpoints of a running call, through real worker processes: what was acknowledged before a SIGKILL is where the next attempt goes on.

import { expect, test } from "vitest";
import { inProcessNode } from "./support/in-process-node.fixture.ts";
import { artifactNamed, ended, eventsOf, plan, submitPlan, taskOf, until, write } from "./support/plan.fixture.ts";

const CHECKPOINTING = new URL("./planted/checkpointing-worker.ts", import.meta.url);
/** A busy machine takes its time over each process. */
const GENEROUS_MS = 180_000;
const HALF = Array.from({ length: 400 }, (_, step) => step);

test(
  "[I15] a call that was killed half way goes on from the checkpoints that were acknowledged, and does no step twice",
  async () => {
    await using node = await inProcessNode({ worker: CHECKPOINTING });
    const retry = { max_attempts: 3, backoff_ms: 1 };
    const { plan_id } = await submitPlan(node, plan([write("long", null, { retry })]));
    await until(node, plan_id, (view) => view.seq >= 3 + HALF.length);
    expect(node.workers().length).toBeGreaterThan(0);
    for (const pid of node.workers()) process.kill(pid, "SIGKILL");
    const view = await ended(node, plan_id);
    expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
    expect(taskOf(view, "long").attempt).toBe(2);
    const content = JSON.parse((await artifactNamed(node, plan_id, "long.json")).toString()) as { given: number[]; did: number[] };
    expect(content.given).toEqual(HALF);
    expect(content.did).toEqual(Array.from({ length: 200 }, (_, step) => 400 + step));
    const recorded = (await eventsOf(node, plan_id)).filter(({ type }) => type === "task.checkpointed");
    expect(recorded.map(({ payload }) => (payload as { value: { step: number } }).value.step)).toEqual([...HALF, ...content.did]);
  },
  GENEROUS_MS,
);

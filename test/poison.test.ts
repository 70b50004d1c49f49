// A capability that kills its worker every time: its tasks become dead letters, its circuit opens, everything else goes on ([R118]).

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inProcessNode, settableClock } from "./support/in-process-node.fixture.ts";
import { kai } from "./support/kai.fixture.ts";
import { ended, eventsOf, plan, run, step, submitPlan, succeeded, taskOf, until, write } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

const DYING = new URL("./planted/dying-worker.ts", import.meta.url);
const OPEN_MS = 1_000_000;
/** Half a dozen processes are started one after the other, and a busy machine takes its time over each. */
const GENEROUS_MS = 240_000;

test(
  "[R118] a task that kills its worker is a dead letter, the circuit opens, others flow, a probe closes it, and a retry finds a healthy worker",
  async () => {
    await using folder = await temporaryFolder();
    const poison = join(folder.path, "poison");
    const { clock, jump } = settableClock();
    await using node = await inProcessNode({
      data: folder.path,
      worker: DYING,
      clock,
      flags: { "engine.breaker_threshold": 3, "engine.breaker_open_ms": OPEN_MS },
    });
    const written = succeeded(await run(node, plan([write("a", { n: 1 })], { output: "${a.artifact.hash}" })));
    const hash = String(written.output);
    const reading = () => plan([step("get", "artifact.get", { hash }, { retry: { max_attempts: 2, backoff_ms: 1 } })]);
    writeFileSync(poison, "");

    const dead = await run(node, reading());
    expect(dead.error).toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED", task_id: "get" });
    const deadId = dead.plan.plan_id;
    const waiting = await submitPlan(node, reading());
    const lost = await until(node, waiting.plan_id, (view) => view.seq >= 4);
    expect((await eventsOf(node, waiting.plan_id)).map(({ type }) => type)).toEqual([
      "plan.created",
      "plan.started",
      "task.dispatched",
      "task.attempt_lost",
    ]);
    expect(taskOf(lost, "get")).toMatchObject({ status: "ready", attempt: 1 });

    succeeded(await run(node, plan(["b", "c", "d"].map((name) => write(name, name)))));
    const still = await node.client.call("plan", { params: { plan_id: waiting.plan_id } });
    expect(taskOf(still, "get")).toMatchObject({ status: "ready", attempt: 1 });

    const listed = await node.client.call("tasks", { query: { state: "dead" } });
    expect(listed.items).toMatchObject([
      {
        plan_id: deadId,
        task_id: "get",
        plan_status: "failed",
        capability: "artifact.get",
        agent: "kExecutor:files",
        attempts: 2,
        cause: "worker_lost",
      },
    ]);
    expect(listed.items[0]?.error.message).toMatch(/the process that ran it died/);
    const shown = await kai(["ps", "--dead"], { data: folder.path });
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toMatch(/artifact\.get +2 /);
    expect(shown.stdout).toContain("retry PLAN");

    rmSync(poison);
    writeFileSync(join(folder.path, "clock-ahead"), String(OPEN_MS));
    jump(OPEN_MS + 10);
    expect((await ended(node, waiting.plan_id)).plan.status).toBe("succeeded");
    const retried = await node.client.call("retryPlan", { params: { plan_id: deadId }, body: {} });
    expect((await ended(node, retried.plan_id)).plan.status).toBe("succeeded");
    const after = await node.client.call("tasks", { query: { state: "dead" } });
    expect(after.items).toMatchObject([{ plan_id: deadId, retried_as: retried.plan_id }]);
  },
  GENEROUS_MS,
);

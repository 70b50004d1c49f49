// Blobs that no artifact row names: those of checkpoints, and what a schedule's next run gets handed.

import { describe, expect, it } from "vitest";
import { ADA, DAY, openHouse } from "./retention.fixture.ts";
import { runRetention } from "./retention-run.ts";

const walk = (goal: string) => ({
  goal,
  strategy: "explicit" as const,
  tasks: [{ task_id: "walk", title: "walk", capability: "site.walk", params: {}, depends_on: [] }],
  output: "${walk}",
});

type House = Awaited<ReturnType<typeof openHouse>>;

const isThere = async (house: House, hash: string) => (await house.blobs.stat(hash)) !== undefined;

/** A plan whose running call has recorded the hash of a blob in a checkpoint, and nothing else of it. */
async function walking(house: House, hash: string): Promise<string> {
  const { plan_id: planId } = await house.engine.submit({ caller: ADA, graph: walk("walk"), start: true });
  const request = await house.request(planId);
  house.say(request, "TASK_PROGRESS", { checkpoint: { site_records: hash }, n: 1 });
  await expect
    .poll(async () => (await house.engine.queries.events("local", planId, {})).items.map(({ type }) => type))
    .toContain("task.checkpointed");
  return planId;
}

const ended = (house: House, planId: string) =>
  expect.poll(async () => (await house.engine.queries.plan("local", planId)).plan.status).toBe("succeeded");

describe("blobs without an artifact row", () => {
  it("stay as long as a plan that names them in a checkpoint does, and go with it", async () => {
    const house = await openHouse();
    const shared = await house.oldBlob("batch of two walks");
    const own = await house.oldBlob("batch of one walk");
    const planId = await walking(house, own.hash);
    const over = await walking(house, shared.hash);
    const running = await walking(house, shared.hash);
    for (const one of [planId, over]) {
      house.say(await house.request(one), "TASK_RESULT", { output: {}, run_ms: 1 });
      await ended(house, one);
    }
    house.pass(31 * DAY);
    expect(await runRetention(house.parts)).toMatchObject({ plans: 2, blobs: 1, problems: [] });
    expect([await isThere(house, own.hash), await isThere(house, shared.hash)]).toEqual([false, true]);

    await house.engine.command(ADA, { kind: "cancel", planId: running });
    house.pass(31 * DAY);
    expect(await runRetention(house.parts)).toMatchObject({ plans: 1, blobs: 1 });
    expect(await isThere(house, shared.hash)).toBe(false);
    await house.close();
  });

  it("stay as long as the next run of a schedule is to get them, and not longer", async () => {
    const handed: unknown[] = [];
    const house = await openHouse({
      async scheduledGraph({ previous }) {
        handed.push((await previous())?.value);
        return walk("watch");
      },
    });
    const { schedule_id: id } = await house.engine.schedules.create({
      caller: ADA,
      request: {},
      graph: walk("watch"),
      wish: { every: "365d", zone: "UTC" },
    });
    const look = async (text: string) => {
      const { hash, bytes } = await house.oldBlob(text);
      const { plan_id: planId = "" } = await house.engine.schedules.run(ADA, id);
      const state = { name: "changes.state.ndjson", media_type: "application/x-ndjson", bytes, hash };
      house.say(await house.request(planId), "TASK_RESULT", { output: { state }, run_ms: 1 });
      await ended(house, planId);
      return hash;
    };
    const first = await look("first state");
    const second = await look("second state");
    for (let month = 0; month < 4; month++) {
      house.pass(31 * DAY);
      await runRetention(house.parts);
    }
    expect([await isThere(house, first), await isThere(house, second)]).toEqual([false, true]);
    const third = await look("third state");
    expect(handed.at(-1)).toMatchObject({ state: { hash: second } });
    house.pass(31 * DAY);
    await runRetention(house.parts);
    expect([await isThere(house, second), await isThere(house, third)]).toEqual([false, true]);
    await house.close();
  });
});

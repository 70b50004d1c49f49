// Schedules under simulation: made at random, read back from their rows, their plans made outside with delays and failures.

import { KosError } from "@kos/klp";
import { planHash } from "@kos/plan";
import type { PartitionInput } from "../partition/partition-io.ts";
import type { ScheduleDefinition, ScheduleEvent } from "../schedule/schedule-event.ts";
import { stateOfRow } from "../schedule/schedule-row.ts";
import type { ScheduleState } from "../schedule/schedule-state.ts";
import { randomGraph } from "./random-plan.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimWorld } from "./sim-world.ts";

/** Intervals only: a calendar would cost more than all the rest, and is tested by itself. */
export function randomSchedule(random: SeededRandom, nowMs: number): ScheduleDefinition {
  const anchor = new Date(nowMs).toISOString();
  const at = new Date(nowMs + random.int(500, 8_000)).toISOString();
  return {
    name: "simulated",
    request: {},
    when: random.chance(0.2)
      ? { kind: "at", at, zone: "UTC" }
      : { kind: "interval", every_ms: random.int(2, 9) * 1000, anchor, zone: "UTC" },
    missed: random.pick(["skip", "once", "all"] as const),
    overlap: random.pick(["skip", "queue", "allow"] as const),
    grants: { fs_roots: [] },
    approval: random.chance(0.1),
    created_by: "person:ada",
  };
}

export function loadSchedules(world: SimWorld, shard: number): readonly ScheduleState[] {
  return [...world.store.rows("schedule")].filter((row) => row["shard"] === shard).map((row) => stateOfRow({ body: String(row["body"]) }));
}

/** What comes of asking for the plan of a run. */
export function simulatedRun(world: SimWorld, shard: number, { scheduleId }: ScheduleState, run: number): PartitionInput {
  const { random } = world;
  if (world.stormy && random.chance(0.15)) {
    const code = random.pick(["UNAVAILABLE", "BAD_REQUEST"] as const);
    return { kind: "run_not_made", scheduleId, run, error: new KosError(code, "simulated") };
  }
  const graph = randomGraph(random);
  const submission = {
    graph,
    hash: planHash(graph),
    approval: false,
    start: true,
    created_by: "person:ada",
    grants: { fs_roots: [] },
    definition: { capabilities: {} },
  };
  return { kind: "run_made", scheduleId, run, planId: world.newPlanId(shard), submission, notes: [] };
}

/** Nobody is told of what is not on disk. */
export function seePublished(world: SimWorld, event: ScheduleEvent): void {
  const text = JSON.stringify(event.payload);
  for (const [, events] of world.store.streams()) {
    if (events[0]?.type.startsWith("schedule.") && events.some(({ type, payload }) => type === event.type && payload === text)) return;
  }
  world.violate("[I1]", `published ${event.type} before it was durable`);
}

// Holds the live states and the tables against a replay of the log.

import { canonicalJson } from "@kos/klp";
import { replay } from "../partition/load-step.ts";
import { partitionOf } from "../partition/partition-of.ts";
import { dumpPlan } from "../plan/dump-plan.ts";
import type { PlanState } from "../plan/plan-state.ts";
import { hasWork, nextWakeMs, planRow } from "../projection/plan-rows.ts";
import { CANCEL_GRACE_MS, loadPlan, type SimEngine } from "./sim-engine.ts";
import { PARTITIONS, type SimWorld } from "./sim-world.ts";

export function checkStates(world: SimWorld, engines: readonly SimEngine[], ownerOf: (partition: number) => SimEngine): void {
  const owners = new Set(Array.from({ length: PARTITIONS }, (_, partition) => ownerOf(partition)));
  for (const row of world.store.rows("plan")) {
    const planId = String(row["plan_id"]);
    const state = replay(planId, loadPlan(world, planId));
    if (state === undefined) continue;
    checkPlanRow(world, row, state);
    for (const engine of engines) if (owners.has(engine)) checkLive(world, engine, planId, state);
  }
  checkOpenRows(world);
  checkDeadRows(world);
}

function checkLive(world: SimWorld, engine: SimEngine, planId: string, replayed: PlanState): void {
  const partition = engine.partitions.get(partitionOf(planId, PARTITIONS));
  const live = partition?.isStopped === false && partition.isQuiet ? partition.peek(planId)?.state : undefined;
  if (live === undefined || live.seq !== replayed.seq) return;
  const left = canonicalJson(JSON.parse(JSON.stringify(dumpPlan(live))));
  const right = canonicalJson(JSON.parse(JSON.stringify(dumpPlan(replayed))));
  if (left !== right) world.violate("[I8]", `${planId} live differs from replay: ${firstDifference(left, right)}`);
}

/** Of an ended plan every column; of an open one those that do not change while it runs, or decide whether it is found again. */
function checkPlanRow(world: SimWorld, row: Readonly<Record<string, unknown>>, state: PlanState): void {
  const working = hasWork(state);
  const change = planRow(
    state,
    Number(row["shard"]),
    working,
    working ? null : nextWakeMs(state, CANCEL_GRACE_MS),
    Number(row["updated_at"]),
  );
  const expected = change.op === "put" ? { ...change.row, ...(state.finished === undefined && { tasks_done: row["tasks_done"] }) } : null;
  const left = canonicalJson(row);
  const right = canonicalJson(expected);
  if (left !== right) world.violate("[I9]", `plan row of ${state.planId}: ${firstDifference(left, right)}`);
}

/** Nobody is asked for a plan that has ended. */
function checkOpenRows(world: SimWorld): void {
  for (const table of ["approval", "input_request"]) {
    for (const row of world.store.rows(table)) {
      const plan = world.store.row("plan", String(row["plan_id"]));
      if (row["status"] === "open" && plan?.["is_open"] === 0)
        world.violate("[I9]", `${table} of ended plan ${String(row["plan_id"])} is open`);
    }
  }
}

/** The table of dead letters is what the log says of them. */
function checkDeadRows(world: SimWorld): void {
  const inLog: string[] = [];
  for (const [planId, events] of world.store.streams()) {
    for (const { type, payload } of events) {
      if (type !== "task.failed") continue;
      const { task_id: taskId, dead_letter: dead } = JSON.parse(payload) as { task_id: string; dead_letter?: unknown };
      if (dead !== undefined) inLog.push(`${planId}/${taskId}`);
    }
  }
  const inTable = [...world.store.rows("dead_task")].map((row) => String(row["dead_id"]));
  if (inLog.sort().join(" ") !== inTable.sort().join(" ")) world.violate("[I9]", `dead letters ${inTable.join(" ")} ≠ ${inLog.join(" ")}`);
}

function firstDifference(left: string, right: string): string {
  let index = 0;
  while (index < left.length && left[index] === right[index]) index++;
  return `…${left.slice(Math.max(0, index - 60), index + 80)} ≠ …${right.slice(Math.max(0, index - 60), index + 80)}`;
}

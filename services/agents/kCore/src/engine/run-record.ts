// What the events of a plan tell about the calls it made: under which hash each ran, with which effects. For retry and fork.

import type { Effect } from "@kos/agent";
import type { LoadedPlan } from "../partition/partition-io.ts";
import type { ReusableResult } from "../plan/plan-event.ts";
import type { PlanState, TaskState } from "../plan/plan-state.ts";

export interface RunRecord {
  /** hash(capability, version, resolved params) of its first call: what its result is a result of, fallbacks and settled doubts included. */
  readonly key: string;
  readonly effects: readonly Effect[];
  /** It began an effect that must not happen twice. */
  hadEffect: boolean;
}

/** By task id, items included. */
export function runRecords(plan: LoadedPlan): ReadonlyMap<string, RunRecord> {
  const records = new Map<string, RunRecord>();
  const note = (taskId: string | undefined, key: string | undefined, effects: readonly Effect[]): void => {
    if (taskId !== undefined && key !== undefined && !records.has(taskId)) records.set(taskId, { key, effects, hadEffect: false });
  };
  for (const { event } of plan.events) {
    switch (event.type) {
      case "task.dispatched":
        note(event.payload.task_id, event.payload.input_hash, event.payload.effects);
        break;
      case "task.timer_set":
      case "input.requested":
        note(event.payload.task_id, event.payload.input_hash, NO_EFFECTS);
        break;
      case "task.reused":
        note(event.payload.task_id, event.payload.key, NO_EFFECTS);
        break;
      case "task.effect_begun": {
        const record = records.get(event.payload.task_id);
        if (record !== undefined) record.hadEffect = true;
        break;
      }
      default:
    }
  }
  return records;
}

export function reusableResults(
  source: PlanState,
  records: ReadonlyMap<string, RunRecord>,
  isKept: (task: TaskState) => boolean,
): readonly ReusableResult[] {
  const results: ReusableResult[] = [];
  for (const task of tasksAndItems(source)) {
    const record = records.get(task.id);
    if (task.status !== "succeeded" || task.output === undefined || record === undefined || !isKept(task)) continue;
    results.push({ key: record.key, task_id: task.id, seq: task.output.seq });
  }
  return results;
}

export function tasksAndItems(state: PlanState): readonly TaskState[] {
  return state.tasks.flatMap((task) => task.items?.list ?? [task]);
}

const NO_EFFECTS: readonly Effect[] = [];

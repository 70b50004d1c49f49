// Takes the checkpoints of running calls, and brings those of a generation to its next attempt: their values are read back from the log.

import { type CheckpointWords, checkpointText } from "@kos/agent";
import { isKosError } from "@kos/klp";
import { decideCheckpoint } from "../plan/decide-result.ts";
import { findTask, type PlanState, type TaskState } from "../plan/plan-state.ts";
import { acknowledge, type MessageInput, tellToStop, wordOf } from "./agent-word.ts";
import { type PartitionCore, record } from "./partition-core.ts";
import type { Resident } from "./resident.ts";
import { ownStash, stashOf } from "./stash.ts";
import { askFor } from "./values-step.ts";

/** Nothing in the plan follows from a checkpoint, so nothing is settled after one. */
export function onCheckpoint(core: PartitionCore, resident: Resident, state: PlanState, input: MessageInput, words: CheckpointWords): void {
  const problem = problemOf(words.checkpoint);
  if (problem !== undefined) return tellToStop(core, input, problem);
  const { checkpoint: value, n } = words;
  const events = decideCheckpoint(state, { ...wordOf(input), n, value });
  if (events === undefined) return tellToStop(core, input, "the call does not count any more: no checkpoint of it is kept");
  record(core, resident, state.tenant, events);
  acknowledge(core, input, { of: "checkpoint", n });
}

function problemOf(value: unknown): string | undefined {
  try {
    checkpointText(value);
    return undefined;
  } catch (error) {
    if (isKosError(error)) return error.message;
    throw error;
  }
}

/** The next attempt of a generation has other checkpoints than this one. */
function keyOf(task: TaskState): string {
  return `checkpoints#${task.id}#${task.attempt}`;
}

/** True when what the task's next attempt is to be given is at hand; otherwise it has been asked for. */
export function hasCheckpoints(core: PartitionCore, resident: Resident, task: TaskState): boolean {
  const seqs = task.checkpoints;
  if (seqs === undefined) return true;
  const key = keyOf(task);
  if (stashOf(resident).values.has(key)) return true;
  ownStash(resident).checkpoints.set(task, key);
  return askFor(core, resident, [{ key, planId: resident.planId, seq: seqs[0] ?? 1, blob: undefined, checkpoints: seqs }]);
}

/** To be asked before the dispatch is recorded, which makes the task's newest attempt another one. */
export function checkpointsOf(resident: Resident, task: TaskState): readonly unknown[] | undefined {
  return task.checkpoints && (stashOf(resident).values.get(keyOf(task)) as readonly unknown[] | undefined);
}

/** Those that were read for a call which has gone out, or never will. */
export function dropCheckpoints(resident: Resident, state: PlanState): void {
  const { stash } = resident;
  if (stash === undefined) return;
  for (const [task, key] of stash.checkpoints) {
    if (task.status === "ready" && findTask(state, task.id) === task && keyOf(task) === key) continue;
    stash.checkpoints.delete(task);
    stash.values.delete(key);
  }
}

// The result of a task that the engine carried out itself.

import type { Label } from "@kos/plan";
import { event } from "./decide-env.ts";
import type { PlanEvent } from "./plan-event.ts";
import type { TaskState } from "./plan-state.ts";
import { labelled, prepareValue } from "./values.ts";

export function decideEngineResult(task: TaskState, output: unknown, labels: readonly Label[], source: string): PlanEvent {
  const prepared = prepareValue(output);
  return event("task.succeeded", {
    task_id: task.id,
    attempt: task.attempt,
    output: labelled(prepared, labels, source),
    output_hash: prepared.hash,
    output_bytes: prepared.bytes,
    artifacts: [],
  });
}

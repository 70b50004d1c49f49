// Makes the plan of a scheduled run anew from its request: the playbook as it is now, the output of the run before, and what has changed.

import { isKosError, KosError } from "@kos/klp";
import type { Label } from "@kos/plan";
import { replay } from "../partition/load-step.ts";
import type { PartitionInput } from "../partition/partition-io.ts";
import type { ScheduleState } from "../schedule/schedule-state.ts";
import type { EngineParts } from "./engine-parts.ts";
import { readPlan, readValues } from "./stored-plan.ts";
import { submissionOf } from "./submission.ts";

/** A larger output of the run before is not handed on: it would stand in the new plan as a literal. */
const MAX_PREVIOUS_BYTES = 1_048_576;

interface PreviousOutput {
  readonly value: unknown;
  readonly labels: readonly Label[];
}

/** Never rejects: what goes wrong is an answer. */
export async function makeRun(parts: EngineParts, partition: number, schedule: ScheduleState, run: number): Promise<PartitionInput> {
  const { scheduleId } = schedule;
  try {
    const { scheduledGraph } = parts.options;
    if (scheduledGraph === undefined) throw new KosError("UNAVAILABLE", "This node makes no plans for schedules.", { retryable: false });
    const notes: string[] = [];
    const graph = await scheduledGraph({
      tenant: schedule.tenant,
      request: schedule.request,
      previous: () => previousOutput(parts, partition, schedule, notes),
    });
    const { playbook } = schedule;
    if (playbook !== null && graph.playbook !== undefined && graph.playbook.hash !== playbook.hash) {
      notes.push(
        `The playbook ${playbook.name} has changed since this was scheduled: ${playbook.hash} was scheduled, ${graph.playbook.hash} ran.`,
      );
    }
    const { fs_roots: fsRoots } = schedule.grants;
    const caller = { tenant: schedule.tenant, id: schedule.createdBy, kind: "system" } as const;
    const submission = await submissionOf(parts, { caller, graph, start: true, approval: schedule.approval, fsRoots }, undefined);
    return { kind: "run_made", scheduleId, run, planId: planIdIn(parts, partition), submission, notes };
  } catch (error) {
    const cause = isKosError(error) ? error : new KosError("INTERNAL", "The plan of a scheduled run could not be made.", { cause: error });
    parts.options.logger?.warn("a scheduled run has no plan", { schedule_id: scheduleId, run, code: cause.code, error: cause });
    return { kind: "run_not_made", scheduleId, run, error: cause };
  }
}

/** The plan lies in the partition of its schedule, so that one commit holds both. */
function planIdIn(parts: EngineParts, partition: number): string {
  for (;;) {
    const planId = parts.options.newId();
    if (parts.partitionOf(planId) === partition) return planId;
  }
}

/** The output of the newest run that succeeded; undefined where there is none. */
async function previousOutput(
  parts: EngineParts,
  partition: number,
  { lastSucceeded: planId }: ScheduleState,
  notes: string[],
): Promise<PreviousOutput | undefined> {
  if (planId === null) return undefined;
  try {
    const output = replay(planId, await readPlan(parts.options, partition, planId))?.output;
    if (output === undefined) return undefined;
    if (output.bytes > MAX_PREVIOUS_BYTES) {
      notes.push(`The output of the run before has ${output.bytes} bytes, too many to be handed on.`);
      return undefined;
    }
    if (output.value !== undefined) return { value: output.value, labels: output.labels };
    const address = { key: "output", planId, seq: output.seq, blob: output.blob?.hash };
    const [found] = await readValues(parts.options, parts.partitionOf, [address]);
    return found && { value: found.value, labels: output.labels };
  } catch (error) {
    if (!isKosError(error, "NOT_FOUND")) throw error;
    notes.push("The output of the run before has been removed, so there is nothing to compare with.");
    return undefined;
  }
}

// Turns commands of doors into what a partition takes: the plan they are for is found, graphs are checked, values stored.

import { KosError } from "@kos/klp";
import type { Caller, PlanCommand } from "../engine-api.ts";
import type { PartitionCommand } from "../partition/partition-io.ts";
import { needsBlob, prepareValue } from "../plan/values.ts";
import type { EngineParts } from "./engine-parts.ts";
import { bodyBlob, checkedHash } from "./submission.ts";

const MAX_SUBTASKS_CHARS = 262_144;

/** Finds the plan a command is for, and prepares its values. Errors: NOT_FOUND, BAD_REQUEST and those of the plan check. */
export async function prepareCommand(
  parts: EngineParts,
  caller: Caller,
  command: PlanCommand,
): Promise<{ readonly planId: string; readonly command: PartitionCommand }> {
  switch (command.kind) {
    case "start":
    case "cancel":
    case "pause":
    case "resume":
    case "declassify":
      return { planId: command.planId, command };
    case "change": {
      const { hash, definition } = checkedHash(parts, command.graph);
      const body = await bodyBlob(parts, { graph: command.graph });
      const { graph, baseHash } = command;
      return { planId: command.planId, command: { kind: "change", graph, hash, baseHash, definition, ...(body && { body }) } };
    }
    case "decide":
      return { planId: await planOfWait(parts, caller, "approval", command.approvalId), command };
    case "answer":
      return { planId: await planOfWait(parts, caller, "input_request", command.inputId), command };
    case "resolve": {
      const output = command.output === undefined ? undefined : prepareValue(command.output);
      if (output !== undefined && needsBlob(output)) await parts.options.blobs.put(Buffer.from(output.text), "application/json");
      const { taskId, outcome, reason } = command;
      return { planId: command.planId, command: { kind: "resolve", taskId, outcome, output, reason } };
    }
    case "addSubtasks":
      if (JSON.stringify(command.graph.tasks).length > MAX_SUBTASKS_CHARS) {
        throw new KosError(
          "TOO_LARGE",
          `These subtasks have more than ${MAX_SUBTASKS_CHARS} characters. Add fewer at once, or use for_each.`,
        );
      }
      return { planId: command.planId, command: { kind: "add_subtasks", parentId: command.taskId, tasks: command.graph.tasks } };
  }
}

async function planOfWait(parts: EngineParts, caller: Caller, table: "approval" | "input_request", id: string): Promise<string> {
  const column = table === "approval" ? "approval_id" : "input_id";
  const [row] = await parts.options.tables.read<{ plan_id: string }>((query) =>
    query.selectFrom(table).select("plan_id").where(column, "=", id).where("tenant", "=", caller.tenant),
  );
  if (row === undefined)
    throw new KosError("NOT_FOUND", `There is no ${table === "approval" ? "approval" : "question"} ${id.slice(0, 80)}.`);
  return row.plan_id;
}

// Which task obtained the numbers of an output, so that a report can say it of each of them. It carries no number itself.

import type { CapabilityContext } from "@kos/agent";
import Type from "typebox";

export const MeasuredBySchema = Type.Object(
  {
    task: Type.String({ title: "Task", description: "Local name of the task, an item of a for_each as name[i]." }),
    capability: Type.String({ title: "Capability" }),
  },
  { additionalProperties: false, title: "Measured by", description: "The task that obtained these numbers." },
);
export type MeasuredBy = Type.Static<typeof MeasuredBySchema>;

export function measuredBy(context: CapabilityContext, capability: string): MeasuredBy {
  return { task: context.call.task_id, capability };
}

// Follows labels through a plan before it runs and says which calls will need a person, or are refused, because of them.

import type { CheckScope } from "./check-scope.ts";
import { childPath } from "./json-path.ts";
import type { Label } from "./label.ts";
import { joinLabels } from "./label.ts";
import type { FlowConcern, FlowQuestion } from "./label-flow.ts";
import { flowConcerns } from "./label-flow.ts";
import type { Task } from "./plan.ts";
import type { PlacedReference } from "./reference.ts";
import { isClosedScalar } from "./schema-view.ts";
import type { TaskReading } from "./task-reading.ts";

/**
 * `order`: tasks after those they depend on. `known`: labels of tasks outside it. Gives the tasks that need approval, with reasons;
 * findings go to the report.
 */
export function foreseeFlow(
  order: readonly TaskReading[],
  fixed: readonly Label[],
  scope: CheckScope,
  known: ReadonlyMap<string, readonly Label[]> = new Map(),
): Readonly<Record<string, string>> {
  const labels = new Map(known);
  const approvals = new Map<string, string>();
  for (const reading of order) {
    const { task } = reading;
    const itemLabels = joinLabels(...reading.forEach.map((reference) => labels.get(reference.name) ?? []));
    const labelsOfName = (name: string): readonly Label[] => (name === "item" || name === "index" ? itemLabels : (labels.get(name) ?? []));
    const labelsOf: LabelsOf = (name, reference) => carriedLabels(labelsOfName(name), reference, reading, scope);
    labels.set(task.task_id, outputLabels(reading, fixed, labelsOf, labelsOfName, scope));
    const concerns = concernsOf(reading, fixed, labelsOf, scope);
    if (concerns.length === 0) continue;
    report(reading, concerns, scope);
    const asked = concerns.filter((concern) => scope.policy[concern.rule] === "approve");
    if (asked.length > 0) approvals.set(task.task_id, [...new Set(asked.map((concern) => concern.reason))].join("; "));
  }
  return Object.fromEntries(approvals);
}

const NO_LABELS: readonly Label[] = [];

type LabelsOf = FlowQuestion["labelsOf"];

/** A number, a boolean or a member of a closed set is no longer untrusted once checked; it may still be a secret. */
function carriedLabels(labels: readonly Label[], reference: PlacedReference, reading: TaskReading, scope: CheckScope): readonly Label[] {
  if (!labels.includes("untrusted") || !isClosedScalar(scope.viewOf(reference, reading.forEach))) return labels;
  return labels.length === 1 ? NO_LABELS : labels.filter((label) => label !== "untrusted");
}

function outputLabels(
  reading: TaskReading,
  fixed: readonly Label[],
  labelsOf: LabelsOf,
  labelsOfName: (name: string) => readonly Label[],
  scope: CheckScope,
): readonly Label[] {
  const { task, params, forEach, fallback, expressions } = reading;
  const sets: (readonly Label[])[] = [fixed, scope.catalogue.get(task.capability)?.output_labels ?? []];
  for (const reference of params) sets.push(labelsOf(reference.name, reference));
  for (const reference of fallback) sets.push(labelsOf(reference.name, reference));
  // Which tasks run, how often and whether again is decided by whole values: nothing falls away.
  for (const reference of forEach) sets.push(labelsOfName(reference.name));
  for (const placed of expressions) for (const name of placed.expression.variables) sets.push(labelsOfName(name));
  if (task.review?.fallback !== undefined) sets.push(scope.catalogue.get(task.review.fallback.capability)?.output_labels ?? []);
  return joinLabels(...sets);
}

function concernsOf(reading: TaskReading, fixed: readonly Label[], labelsOf: LabelsOf, scope: CheckScope): readonly FlowConcern[] {
  const { task } = reading;
  const ofCall = ({ capability: name, params }: Pick<Task, "capability" | "params">, references: TaskReading["params"]) => {
    const capability = scope.catalogue.get(name);
    return capability === undefined ? NO_CONCERNS : flowConcerns({ capability, params, references, labelsOf, fixed });
  };
  const own = ofCall(task, reading.params);
  const fallback = task.review?.fallback;
  return fallback === undefined ? own : [...own, ...ofCall(fallback, reading.fallback)];
}

const NO_CONCERNS: readonly FlowConcern[] = [];

function report(reading: TaskReading, concerns: readonly FlowConcern[], scope: CheckScope): void {
  for (const concern of concerns) {
    const denied = scope.policy[concern.rule] === "deny";
    const at = concern.at.startsWith(reading.at) ? concern.at : `${childPath(reading.at, "params")}${concern.at.slice(1)}`;
    scope.report.add(
      denied ? "POLICY_DENIED" : "APPROVAL_REQUIRED",
      at,
      `${concern.reason}.`,
      denied
        ? "Write the value literally, or have the policy changed."
        : "A person will be asked to approve each call with its final params.",
      { taskId: reading.task.task_id, severity: denied ? "error" : "warning" },
    );
  }
}

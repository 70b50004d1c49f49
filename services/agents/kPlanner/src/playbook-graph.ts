// A playbook with values for its parameters as a plan graph, not checked yet.

import type { Finding } from "@kos/plan";
import type { ParamValues } from "./playbook-params.ts";
import type { ReadPlaybook } from "./read-playbook.ts";
import { createSubstitutor } from "./substitute.ts";

/** `problems`: what cannot be filled in; then the graph is not to be used. */
export function playbookGraph(
  { playbook, hash, sourceOf }: ReadPlaybook,
  values: ParamValues,
  goal?: string,
): { readonly graph: Readonly<Record<string, unknown>>; readonly problems: readonly Finding[] } {
  const fill = createSubstitutor(values);
  const tasks = playbook.tasks.map((task, position) => completeTask(fill.task(task, `$.tasks[${position}]`)));
  const criteria = playbook.criteria?.map((criterion, position) => fill.criterion(criterion, `$.criteria[${position}]`));
  const graph = {
    goal: goal ?? fill.text(playbook.goal ?? playbook.title, "$.goal"),
    strategy: "playbook",
    tasks,
    output: fill.template(playbook.output ?? null, "$.output"),
    ...(criteria !== undefined && { criteria }),
    ...(playbook.budget !== undefined && { budget: playbook.budget }),
    playbook: { name: playbook.name, hash, params: values },
  };
  const problems = fill.problems.map(
    ({ path, message, hint }): Finding => ({ code: "BAD_REFERENCE", severity: "error", path, message, hint, source: sourceOf(path) }),
  );
  return { graph, problems };
}

/** What is left out of a task has one sensible meaning. */
export function completeTask(task: unknown): unknown {
  if (!isRecord(task)) return task;
  return { ...(typeof task["task_id"] === "string" && { title: task["task_id"] }), params: {}, depends_on: [], ...task };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

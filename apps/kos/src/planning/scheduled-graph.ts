// The plan of a scheduled run: made from the schedule's request as a submission would be, with the output of the run before where the playbook
// wants it.

import type { TaskRequest } from "@kos/api";
import type { ScheduledRequest } from "@kos/kcore";
import type { PlanGraph } from "@kos/plan";
import type { Planning } from "./planning.ts";

/** A playbook that declares a parameter of this name, of type object, gets the output of the last run that succeeded in it. */
const PREVIOUS = "previous";

export function createScheduledGraph(planning: Planning, newTraceId: () => string): (run: ScheduledRequest) => Promise<PlanGraph> {
  return async (run) => {
    const request = run.request as TaskRequest;
    return (await planning.make(await withPrevious(planning, request, run), newTraceId())).graph;
  };
}

async function withPrevious(planning: Planning, request: TaskRequest, run: ScheduledRequest): Promise<TaskRequest> {
  if (request.playbook === undefined || request.params?.[PREVIOUS] !== undefined) return request;
  const { params } = await planning.playbook(request.playbook);
  if (!takesPrevious(params)) return request;
  const previous = await run.previous();
  if (previous === undefined || !isRecord(previous.value)) return request;
  // As a literal in the plan it has lost where it came from: the plan as a whole carries its labels.
  const labels = [...new Set([...(request.labels ?? []), ...previous.labels])];
  return { ...request, params: { ...request.params, [PREVIOUS]: previous.value }, ...(labels.length > 0 && { labels }) };
}

function takesPrevious(schema: Readonly<Record<string, unknown>>): boolean {
  const { properties } = schema;
  const declared = isRecord(properties) ? properties[PREVIOUS] : undefined;
  return isRecord(declared) && declared["type"] === "object";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

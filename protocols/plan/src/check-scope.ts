// What the parts of the plan check share.

import type { CapabilityCatalogue } from "./capability-shape.ts";
import type { CheckReport } from "./check-report.ts";
import type { FlowPolicy } from "./label-flow.ts";
import { nearestName } from "./nearest-name.ts";
import type { Task } from "./plan.ts";
import type { PlacedReference } from "./reference.ts";
import type { SchemaView } from "./schema-view.ts";

export interface PlanLimits {
  readonly maxTasks: number;
  /** Characters of JSON of one task's params. */
  readonly maxParamsChars: number;
  /** Characters of JSON of the whole graph. */
  readonly maxDocumentChars: number;
  /** How deep subtasks may be nested below a task of the plan. */
  readonly maxSubtaskDepth: number;
}

export const DEFAULT_PLAN_LIMITS: PlanLimits = {
  maxTasks: 20_000,
  maxParamsChars: 1024 * 1024,
  maxDocumentChars: 8 * 1024 * 1024,
  maxSubtaskDepth: 4,
};

export interface CheckScope {
  readonly report: CheckReport;
  readonly catalogue: CapabilityCatalogue;
  readonly limits: PlanLimits;
  readonly policy: FlowPolicy;
  /** Every task a reference may name. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** What is known of the value behind a reference; `items` are the references of the reader's `for_each`. */
  readonly viewOf: (reference: Pick<PlacedReference, "name" | "path">, items: readonly PlacedReference[]) => SchemaView;
}

/** "Did you mean" for a task id. */
export function nearTask(name: string, scope: CheckScope): string {
  const near = nearestName(name, scope.tasks.keys());
  return near === undefined ? "Name a task of this plan." : `Did you mean "${near}"?`;
}

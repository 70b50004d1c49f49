export { criteriaNames, dependenciesOf, forEachItems, isReservedName, orderTasks, RESERVED_NAMES } from "./dependencies.ts";
export type { ReservedName, TaskOrder } from "./dependencies.ts";
export type { Bindings, EvaluateOptions, Expression } from "./expression.ts";
export { compileExpression } from "./expression.ts";
export { childPath, jsonPath, ROOT_PATH } from "./json-path.ts";
export type { BlobRef, Label, LabelledValue } from "./label.ts";
export { joinLabels, LABELS } from "./label.ts";
export type { Budget, Criterion, ForEach, Plan, PlanGraph, PlanStatus, Retry, Review, Strategy, Task, TaskStatus } from "./plan.ts";
export {
  BudgetSchema,
  CriterionSchema,
  ForEachSchema,
  PLAN_STATUSES,
  PlanGraphSchema,
  RetrySchema,
  ReviewSchema,
  STRATEGIES,
  TASK_STATUSES,
  TaskSchema,
} from "./plan.ts";
export { graphOf, planHash } from "./plan-hash.ts";
export type { PlacedReference, Resolved, ResolveOptions } from "./reference.ts";
export { referencesIn, resolveReferences } from "./reference.ts";
export type { Reference } from "./template.ts";

export type { BlobRef, Label, LabelledValue } from "./label.ts";
export { joinLabels, LABELS } from "./label.ts";
export type { Budget, Criterion, ForEach, Plan, PlanGraph, PlanStatus, Retry, Review, Strategy, Task, TaskStatus } from "./plan.ts";
export { BudgetSchema, CriterionSchema, ForEachSchema, PLAN_STATUSES, PlanGraphSchema, RetrySchema, ReviewSchema, STRATEGIES, TASK_STATUSES, TaskSchema } from "./plan.ts";

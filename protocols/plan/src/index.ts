export type { CapabilityCatalogue, CapabilityShape } from "./capability-shape.ts";
export type { CheckOptions, PlanCheck } from "./check-plan.ts";
export { checkPlan } from "./check-plan.ts";
export type { PlanLimits } from "./check-scope.ts";
export { DEFAULT_PLAN_LIMITS } from "./check-scope.ts";
export type { SubtaskCheck, SubtaskRequest } from "./check-subtasks.ts";
export { checkSubtasks } from "./check-subtasks.ts";
export type { ReservedName, TaskOrder } from "./dependencies.ts";
export { criteriaNames, dependenciesOf, forEachItems, isReservedName, orderTasks, RESERVED_NAMES } from "./dependencies.ts";
export type { Bindings, EvaluateOptions, Expression } from "./expression.ts";
export { compileExpression } from "./expression.ts";
export type { Finding, FindingCode, FindingSeverity } from "./finding.ts";
export { FINDING_CODES, findingsError } from "./finding.ts";
export { childPath, jsonPath, ROOT_PATH } from "./json-path.ts";
export type { BlobRef, Label, LabelledValue } from "./label.ts";
export { joinLabels, LABELS } from "./label.ts";
export type { FlowConcern, FlowPolicy, FlowQuestion, FlowRule } from "./label-flow.ts";
export { DEFAULT_FLOW_POLICY, FLOW_RULES, flowConcerns } from "./label-flow.ts";
export { nearestName } from "./nearest-name.ts";
export type { Pattern } from "./pattern.ts";
export { compilePattern } from "./pattern.ts";
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
export type { FieldChange, PlanDiff } from "./plan-diff.ts";
export { diffPlans } from "./plan-diff.ts";
export { graphOf, planHash } from "./plan-hash.ts";
export type { PlanTreeOptions } from "./plan-view.ts";
export { planMermaid, planTree } from "./plan-view.ts";
export type { PlacedReference, Resolved, ResolveOptions } from "./reference.ts";
export { referencesIn, resolveReferences } from "./reference.ts";
export type { SchemaProblem } from "./schema-problems.ts";
export { fitsSchema, schemaProblems } from "./schema-problems.ts";
export type { Reference, Template } from "./template.ts";
export { mayHoldReference, parseTemplate, writeTemplate } from "./template.ts";
export type { Wanted } from "./type-aliases.ts";
export { GIVEN_ALIASES, WANT_ALIASES } from "./type-aliases.ts";

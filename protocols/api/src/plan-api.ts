// Bodies and answers about plans and tasks.

import { BudgetSchema, PLAN_STATUSES, type PlanDiff, PlanGraphSchema, TASK_STATUSES, TaskSchema } from "@kos/plan";
import Type, { type Static } from "typebox";
import { Page, Problem, Timestamp } from "./common-schema.ts";

const strict = { additionalProperties: false } as const;
const Params = Type.Record(Type.String(), Type.Unknown());

const LabelSchema = Type.Union([Type.Literal("untrusted"), Type.Literal("confidential")]);

/**
 * `POST /agent/task` and `POST /planner/plan` take exactly one of: `goal`, `given` + `want`, `playbook`, `plan`, `plan_id`, `capability`.
 * Which fields go together is checked where the request is read (`submission.ts`), because an error that names the fields beats a failed `anyOf`.
 */
export const TaskRequestSchema = Type.Object(
  {
    goal: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
    strategy: Type.Optional(
      Type.Union([Type.Literal("explicit"), Type.Literal("playbook"), Type.Literal("composed"), Type.Literal("model")]),
    ),
    context: Type.Optional(Params),
    given: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "{name: value | {type, value}}; a name is a type, a short word or a param's.",
      }),
    ),
    want: Type.Optional(Type.Unknown({ description: "A type, a short word for one, or {type, through, without}." })),
    playbook: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    params: Type.Optional(Params),
    plan: Type.Optional(Type.Unknown({ description: "A plan graph; see PlanGraph." })),
    plan_id: Type.Optional(Type.String({ format: "uuid" })),
    capability: Type.Optional(Type.String({ maxLength: 100 })),
    budget: Type.Optional(BudgetSchema),
    /** Ask a person to approve the plan before it starts. */
    approval: Type.Optional(Type.Boolean()),
    labels: Type.Optional(Type.Array(LabelSchema)),
    parent: Type.Optional(Type.Object({ plan_id: Type.String(), task_id: Type.String() }, strict)),
  },
  strict,
);
export type TaskRequest = Static<typeof TaskRequestSchema>;

export const TaskAcceptedSchema = Type.Object({
  /** The plan itself for a whole plan, `plan_id/task_id` for work added to one. */
  task_id: Type.String(),
  plan_id: Type.String(),
  status: Type.Enum([...PLAN_STATUSES]),
});
export type TaskAccepted = Static<typeof TaskAcceptedSchema>;

const PlanSchema = Type.Object({
  plan_id: Type.String(),
  status: Type.Enum([...PLAN_STATUSES]),
  created_by: Type.String(),
  created_at: Timestamp,
  hash: Type.String(),
  ...PlanGraphSchema.properties,
});

const FindingSchema = Type.Object({
  code: Type.String(),
  severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
  path: Type.String(),
  message: Type.String(),
  hint: Type.Optional(Type.String()),
});
export type PlanFinding = Static<typeof FindingSchema>;

const EstimateSchema = Type.Object({
  tasks: Type.Integer(),
  effects: Type.Array(Type.String()),
  attempts_max: Type.Integer(),
  calls_max: Type.Integer(),
  /** Sum of the limits of all work when every call succeeds at once. */
  time_ms_once: Type.Integer(),
  /** The same with every retry and review round. */
  time_ms_max: Type.Integer(),
  /** What only waits, for a time or for a person, and for how long at most. */
  wait_ms_max: Type.Integer(),
  waits: Type.Array(Type.String()),
  units_max: Type.Integer(),
  /** Tasks that run once for each item of a list nobody knows yet; counted as one item. */
  open_ended: Type.Array(Type.String()),
});
export type Estimate = Static<typeof EstimateSchema>;

/** Of a composed plan: why it is as it is. */
const ExplanationSchema = Type.Object({
  want: Type.String(),
  through: Type.Optional(Type.String()),
  cost: Type.Number(),
  /** No plan counts for less; equal to `cost`: this is a cheapest one. */
  cost_at_least: Type.Number(),
  proven: Type.Boolean(),
  tasks: Type.Array(
    Type.Object({
      task_id: Type.String(),
      cost: Type.Number(),
      why: Type.String(),
      /** What was passed over, with what the plan would count for with it. */
      instead_of: Type.Array(
        Type.Object({ capability: Type.String(), gives: Type.String(), plan_cost: Type.Number(), proven: Type.Boolean() }),
      ),
    }),
  ),
  /** Names of what was given and is not used. */
  unused: Type.Array(Type.String()),
});
export type Explanation = Static<typeof ExplanationSchema>;

const planned = {
  estimate: EstimateSchema,
  findings: Type.Array(FindingSchema),
  /** Task id to the reason why a person must approve its calls. */
  approvals: Type.Record(Type.String(), Type.String()),
  /** What the caller should know about how the plan came about. */
  notes: Type.Array(Type.String()),
  explanation: Type.Optional(ExplanationSchema),
};
export const PlannedSchema = Type.Object({ plan: PlanSchema, ...planned });
export type Planned = Static<typeof PlannedSchema>;

/** A plan that is only looked at: it is stored nowhere. */
export const PreviewSchema = Type.Object({ plan: PlanGraphSchema, hash: Type.String(), ...planned });
export type Preview = Static<typeof PreviewSchema>;

const VerdictSchema = Type.Object({
  accepted: Type.Boolean(),
  score: Type.Number({ minimum: 0, maximum: 1 }),
  findings: Type.Array(
    Type.Object({
      criterion: Type.String(),
      severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
      message: Type.String(),
      path: Type.Optional(Type.String()),
      expected: Type.Optional(Type.Unknown()),
      actual: Type.Optional(Type.Unknown()),
    }),
  ),
});
export type Verdict = Static<typeof VerdictSchema>;

export const TaskViewSchema = Type.Object({
  /** Local name; items of a `for_each` are `name[i]`. */
  task_id: Type.String(),
  title: Type.String(),
  capability: Type.String(),
  status: Type.Enum([...TASK_STATUSES]),
  agent: Type.Optional(Type.String()),
  attempt: Type.Integer(),
  generation: Type.Integer(),
  depends_on: Type.Array(Type.String()),
  parent_id: Type.Optional(Type.String()),
  /** For a `for_each` task: items in all and items ended. */
  items_total: Type.Optional(Type.Integer()),
  items_done: Type.Optional(Type.Integer()),
  ready_at: Type.Optional(Timestamp),
  started_at: Type.Optional(Timestamp),
  ended_at: Type.Optional(Timestamp),
  retry_at: Type.Optional(Timestamp),
  labels: Type.Array(LabelSchema),
  /** Left out of lists and when over 32 KiB; `output_hash` is always there once succeeded. */
  output: Type.Optional(Type.Unknown()),
  output_hash: Type.Optional(Type.String()),
  error: Type.Optional(Problem),
  verdict: Type.Optional(VerdictSchema),
});
export type TaskView = Static<typeof TaskViewSchema>;

export const ApprovalSchema = Type.Object({
  approval_id: Type.String(),
  plan_id: Type.String(),
  task_id: Type.Optional(Type.String()),
  /** `plan` binds the plan's hash; `call` binds actor, capability, resolved params, target and generation. */
  kind: Type.Union([Type.Literal("plan"), Type.Literal("call")]),
  status: Type.Union([Type.Literal("open"), Type.Literal("approved"), Type.Literal("denied"), Type.Literal("void")]),
  /** What the decision must name, `sha256:<hex>`. */
  digest: Type.String(),
  title: Type.String(),
  reason: Type.String(),
  /** What would be called, with resolved params. */
  subject: Type.Optional(Type.Unknown()),
  requested_at: Timestamp,
  decided_at: Type.Optional(Timestamp),
  decided_by: Type.Optional(Type.String()),
});
export type Approval = Static<typeof ApprovalSchema>;

const InputRequestSchema = Type.Object({
  input_id: Type.String(),
  plan_id: Type.String(),
  task_id: Type.String(),
  question: Type.String(),
  /** JSON Schema of the answer. */
  schema: Type.Optional(Type.Unknown()),
  choices: Type.Optional(Type.Array(Type.String())),
  status: Type.Union([Type.Literal("open"), Type.Literal("answered"), Type.Literal("void")]),
  requested_at: Timestamp,
});
export type InputRequest = Static<typeof InputRequestSchema>;

export const PlanViewSchema = Type.Object({
  plan: PlanSchema,
  tasks: Type.Array(TaskViewSchema),
  approvals: Type.Array(ApprovalSchema),
  inputs: Type.Array(InputRequestSchema),
  output: Type.Optional(Type.Unknown()),
  error: Type.Optional(Problem),
  verdict: Type.Optional(VerdictSchema),
  /** Where a schedule started it: which run, and what people should know of it. */
  schedule: Type.Optional(
    Type.Object({ schedule_id: Type.String(), run: Type.Integer(), due_at: Timestamp, notes: Type.Array(Type.String()) }),
  ),
  started_at: Type.Optional(Timestamp),
  ended_at: Type.Optional(Timestamp),
  /** Newest event's plan_seq. */
  seq: Type.Integer(),
});
export type PlanView = Static<typeof PlanViewSchema>;

const PlanSummarySchema = Type.Object({
  plan_id: Type.String(),
  goal: Type.String(),
  status: Type.Enum([...PLAN_STATUSES]),
  strategy: Type.String(),
  playbook: Type.Optional(Type.String()),
  created_by: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
  ended_at: Type.Optional(Timestamp),
  tasks_total: Type.Integer(),
  tasks_done: Type.Integer(),
});
export type PlanSummary = Static<typeof PlanSummarySchema>;
export const PlanPage = Page(PlanSummarySchema);

/** A task that lost its worker, or its agent, on every attempt: a dead letter. The plan's retry runs it again. */
const DeadTaskSchema = Type.Object({
  plan_id: Type.String(),
  task_id: Type.String(),
  goal: Type.String(),
  plan_status: Type.Enum([...PLAN_STATUSES]),
  capability: Type.String(),
  agent: Type.String(),
  attempts: Type.Integer(),
  cause: Type.Enum(["worker_lost", "lease_expired", "restart"]),
  error: Problem,
  died_at: Timestamp,
  /** The newest plan that retry or fork made from this one. */
  retried_as: Type.Optional(Type.String()),
});
export type DeadTask = Static<typeof DeadTaskSchema>;
export const DeadTaskPage = Page(DeadTaskSchema);

const PlanEventSchema = Type.Object({
  plan_id: Type.String(),
  seq: Type.Integer(),
  type: Type.String(),
  at: Timestamp,
  /** Null where the payload has been removed. */
  payload: Type.Unknown(),
  cursor: Type.String(),
});
export type PlanEventView = Static<typeof PlanEventSchema>;
export const PlanEventPage = Page(PlanEventSchema);

/** `PATCH /agent/plan/:id`: the whole new graph, and the hash of the one it replaces. */
export const PlanPatchSchema = Type.Object({ plan: Type.Unknown(), base_hash: Type.String() }, strict);
export const ReasonSchema = Type.Object({ reason: Type.Optional(Type.String({ maxLength: 1000 })) }, strict);
export const RetryRequestSchema = Type.Object(
  {
    /** Only these tasks and what follows from them; default: all that failed. */
    tasks: Type.Optional(Type.Array(Type.String())),
    /** Go on although a definition changed since the plan was made. */
    accept_changed: Type.Optional(Type.Boolean()),
    /** Effects that would repeat are listed in the refusal; true confirms them. */
    confirm_effects: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type RetryRequest = Static<typeof RetryRequestSchema>;
export const ForkRequestSchema = Type.Object(
  {
    ...RetryRequestSchema.properties,
    /** Task from which on everything runs again; results before it are reused by hash(capability, version, inputs). */
    from: Type.Optional(Type.String()),
    /** New params by task. */
    params: Type.Optional(Type.Record(Type.String(), Params)),
    /** New playbook params: the plan is made anew from its playbook. */
    playbook_params: Type.Optional(Params),
  },
  strict,
);
export type ForkRequest = Static<typeof ForkRequestSchema>;
export const ResolveRequestSchema = Type.Object(
  {
    task_id: Type.String(),
    outcome: Type.Union([Type.Literal("succeeded"), Type.Literal("failed"), Type.Literal("run_again")]),
    output: Type.Optional(Type.Unknown()),
    reason: Type.String({ minLength: 1, maxLength: 1000 }),
  },
  strict,
);
export type ResolveRequest = Static<typeof ResolveRequestSchema>;
export const DecisionSchema = Type.Object(
  {
    decision: Type.Union([Type.Literal("approve"), Type.Literal("deny")]),
    digest: Type.String({ pattern: "^sha256:[0-9a-f]{64}$" }),
    reason: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  strict,
);
export type Decision = Static<typeof DecisionSchema>;
export const AnswerSchema = Type.Object({ answer: Type.Unknown() }, strict);
const FieldChangeSchema = Type.Object({ path: Type.String(), before: Type.Unknown(), after: Type.Unknown() });
export const PlanDiffSchema = Type.Unsafe<PlanDiff>(
  Type.Object({
    added: Type.Array(TaskSchema),
    removed: Type.Array(TaskSchema),
    changed: Type.Array(Type.Object({ task_id: Type.String(), fields: Type.Array(FieldChangeSchema) })),
    plan: Type.Array(FieldChangeSchema),
  }),
);

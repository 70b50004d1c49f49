// The plan document as it stands on the wire and on disk. Shape only: meaning is checked by check-plan.ts.

import Type from "typebox";

const LOCAL_NAME = "^[A-Za-z_][A-Za-z0-9_-]{0,63}$";
const CAPABILITY_NAME = "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$";
const ONE_DAY_MS = 86_400_000;

const strict = { additionalProperties: false } as const;
const Milliseconds = (maximum: number) => Type.Integer({ minimum: 0, maximum });

/** One statement about an output that the reviewer checks. `output` is the value under review; task ids name other outputs. */
export const CriterionSchema = Type.Union([
  Type.Object({ id: Type.Optional(Type.String({ pattern: LOCAL_NAME })), kind: Type.Literal("schema"), schema: Type.Unknown() }, strict),
  Type.Object(
    {
      id: Type.Optional(Type.String({ pattern: LOCAL_NAME })),
      kind: Type.Literal("assert"),
      /** A CEL expression that must be true. */
      expression: Type.String({ minLength: 1, maxLength: 4096 }),
      message: Type.Optional(Type.String({ maxLength: 1000 })),
    },
    strict,
  ),
  Type.Object(
    {
      id: Type.Optional(Type.String({ pattern: LOCAL_NAME })),
      kind: Type.Literal("artifact"),
      /** Name of an artifact the task must have written. */
      name: Type.String({ minLength: 1, maxLength: 255 }),
      media_type: Type.Optional(Type.String()),
      min_bytes: Type.Optional(Type.Integer({ minimum: 0 })),
      max_bytes: Type.Optional(Type.Integer({ minimum: 0 })),
      contains: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 32 })),
      /** A JSON Schema that the content, read as JSON, must fit. */
      schema: Type.Optional(Type.Unknown()),
    },
    strict,
  ),
]);
export type Criterion = Type.Static<typeof CriterionSchema>;

export const RetrySchema = Type.Object(
  {
    /** Attempts in all, the first included. */
    max_attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    backoff_ms: Type.Optional(Milliseconds(ONE_DAY_MS)),
    max_backoff_ms: Type.Optional(Milliseconds(ONE_DAY_MS)),
  },
  strict,
);
export type Retry = Type.Static<typeof RetrySchema>;

export const ReviewSchema = Type.Object(
  {
    criteria: Type.Array(CriterionSchema, { minItems: 1, maxItems: 64 }),
    /** Reviews in all; a failed one retries the task with the findings as feedback. Default 2. */
    max_rounds: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
    /** Tried once when the rounds are used up. */
    fallback: Type.Optional(
      Type.Object({ capability: Type.String({ pattern: CAPABILITY_NAME }), params: Type.Record(Type.String(), Type.Unknown()) }, strict),
    ),
    /**
     * What happens when nothing is left to try: a person is asked (default), the task fails, or the planner is asked once for another way
     * to the same type, without the capabilities that were tried; a person when there is none.
     */
    on_exhausted: Type.Optional(Type.Union([Type.Literal("ask"), Type.Literal("fail"), Type.Literal("replan")])),
  },
  strict,
);
export type Review = Type.Static<typeof ReviewSchema>;

export const ForEachSchema = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Array(Type.Unknown(), { maxItems: 100_000 }),
  Type.Object(
    {
      /** A whole reference to a list, or a literal list. In `params` an item is `${item}` and its position `${index}`. */
      items: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.Unknown(), { maxItems: 100_000 })]),
      /** Items in flight at once. Default: no bound beside the capability's own. */
      concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
      /** `fail` (default): one failed item fails the task. `skip`: its place in the joined list is null. */
      on_item_error: Type.Optional(Type.Union([Type.Literal("fail"), Type.Literal("skip")])),
    },
    strict,
  ),
]);
export type ForEach = Type.Static<typeof ForEachSchema>;

export const BudgetSchema = Type.Object(
  {
    /** Sum of the run time of all attempts, in milliseconds. */
    time_ms: Type.Optional(Type.Integer({ minimum: 1 })),
    attempts: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Dispatches of capabilities that have an effect outside (`net.*`, `exec`, `model`). */
    calls: Type.Optional(Type.Integer({ minimum: 1 })),
    /** A generic unit; a capability's `cost` says how many it takes. */
    units: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);
export type Budget = Type.Static<typeof BudgetSchema>;

export const TaskSchema = Type.Object(
  {
    task_id: Type.String({ pattern: LOCAL_NAME }),
    title: Type.String({ maxLength: 300 }),
    capability: Type.String({ pattern: CAPABILITY_NAME }),
    /** A role address that narrows the choice of agent: `kExecutor:web`. */
    agent: Type.Optional(Type.String()),
    params: Type.Record(Type.String(), Type.Unknown()),
    depends_on: Type.Array(Type.String({ pattern: LOCAL_NAME }), { maxItems: 10_000 }),
    /** A CEL expression over the outputs of earlier tasks; false skips the task. */
    when: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
    for_each: Type.Optional(ForEachSchema),
    retry: Type.Optional(RetrySchema),
    timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 * ONE_DAY_MS })),
    review: Type.Optional(ReviewSchema),
    /** A person must approve each call with its resolved params before it is dispatched. */
    approval: Type.Optional(Type.Union([Type.Boolean(), Type.Object({ reason: Type.Optional(Type.String({ maxLength: 1000 })) }, strict)])),
    parent_id: Type.Optional(Type.String({ pattern: LOCAL_NAME })),
  },
  strict,
);
export type Task = Type.Static<typeof TaskSchema>;

export const STRATEGIES = ["explicit", "playbook", "composed", "model"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export const PLAN_STATUSES = [
  "draft",
  "waiting_approval",
  "waiting_input",
  "running",
  "paused",
  "in_doubt",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export type PlanStatus = (typeof PLAN_STATUSES)[number];

export const TASK_STATUSES = [
  "pending",
  "ready",
  "running",
  "waiting_approval",
  "waiting_input",
  "reviewing",
  "succeeded",
  "failed",
  "skipped",
  "cancelled",
  "in_doubt",
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** What would run, without ids and times: exactly what the plan's hash covers. */
export const PlanGraphSchema = Type.Object(
  {
    goal: Type.String({ maxLength: 10_000 }),
    strategy: Type.Enum(STRATEGIES),
    tasks: Type.Array(TaskSchema, { minItems: 1, maxItems: 20_000 }),
    /** References into task outputs; what the plan gives back. */
    output: Type.Unknown(),
    criteria: Type.Optional(Type.Array(CriterionSchema, { maxItems: 64 })),
    budget: Type.Optional(BudgetSchema),
    /** Labels of everything the caller put into the plan. */
    labels: Type.Optional(Type.Array(Type.Union([Type.Literal("untrusted"), Type.Literal("confidential")]))),
    /** Which playbook it came from and what it was given. */
    playbook: Type.Optional(
      Type.Object({ name: Type.String(), hash: Type.String(), params: Type.Record(Type.String(), Type.Unknown()) }, strict),
    ),
  },
  strict,
);
export type PlanGraph = Type.Static<typeof PlanGraphSchema>;

/** The plan as the API returns it. */
export interface Plan extends PlanGraph {
  readonly plan_id: string;
  readonly status: PlanStatus;
  readonly created_by: string;
  readonly created_at: string;
  /** `sha256:<hex>` over the canonical JSON of the graph. */
  readonly hash: string;
}

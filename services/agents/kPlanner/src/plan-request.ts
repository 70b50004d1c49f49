// What kPlanner is asked with: the body of POST /planner/plan.

import { BudgetSchema, LABELS, STRATEGIES } from "@kos/plan";
import Type from "typebox";

const strict = { additionalProperties: false } as const;

/** Rides along with every form. */
const common = {
  budget: Type.Optional(BudgetSchema),
  labels: Type.Optional(Type.Array(Type.Enum(LABELS), { description: "Where the request came from: labels of everything in it." })),
  parent: Type.Optional(
    Type.Unknown({ description: "The task under which the work is added; the engine checks it against that task's rights." }),
  ),
  approval: Type.Optional(Type.Unknown({ description: "Whether a person approves the plan first; the engine's affair." })),
};
const Params = Type.Record(Type.String(), Type.Unknown());

export const PlanRequestSchema = Type.Union(
  [
    Type.Object({ plan: Type.Unknown({ description: "A plan graph; a whole plan may be given as well." }), ...common }, strict),
    Type.Object(
      {
        playbook: Type.String({ minLength: 1 }),
        params: Type.Optional(Params),
        goal: Type.Optional(Type.String({ maxLength: 10_000 })),
        ...common,
      },
      strict,
    ),
    Type.Object(
      {
        capability: Type.String({ minLength: 1 }),
        params: Type.Optional(Params),
        goal: Type.Optional(Type.String({ maxLength: 10_000 })),
        ...common,
      },
      strict,
    ),
    Type.Object(
      {
        goal: Type.String({ maxLength: 10_000 }),
        strategy: Type.Optional(Type.Enum(STRATEGIES)),
        context: Type.Optional(Type.Unknown()),
        ...common,
      },
      strict,
    ),
    Type.Object(
      {
        given: Type.Unknown({
          description:
            "What is there: {name: value} or {name: {type, value}}. A name is a type, one of the short words for one, or a param's.",
        }),
        want: Type.Unknown({ description: "What is wanted: a type, a short word for one, or {type, through, without}." }),
        goal: Type.Optional(Type.String({ maxLength: 10_000 })),
        ...common,
      },
      strict,
    ),
  ],
  { title: "plan.make input" },
);
export type PlanRequest = Type.Static<typeof PlanRequestSchema>;

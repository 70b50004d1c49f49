// Why a composed plan is as it is: for each task what it is there for, and what would have stood in its place at which cost.

import Type from "typebox";
import type { Assembly, ComposedTask } from "./assemble.ts";
import { callCost } from "./call-cost.ts";
import type { CallGraph } from "./call-graph.ts";
import { type CheapestPlan, cheapestPlan } from "./cheapest-plan.ts";
import type { Given, Wish } from "./given.ts";
import type { Effort } from "./hypergraph.ts";

const strict = { additionalProperties: false } as const;
const Cost = (description: string) => Type.Number({ minimum: 0, description });

export const ExplanationSchema = Type.Object(
  {
    want: Type.String({ description: "The type that is wanted." }),
    through: Type.Optional(Type.String({ description: "The type it is made from." })),
    cost: Cost("What the plan counts for: declared cost, time class and effects of its calls, each call once."),
    cost_at_least: Cost("No plan counts for less. Equal to cost: this is a cheapest one."),
    proven: Type.Boolean({ description: "Whether the search came to its end." }),
    tasks: Type.Array(
      Type.Object(
        {
          task_id: Type.String(),
          cost: Cost("What this call counts for."),
          why: Type.String(),
          instead_of: Type.Array(
            Type.Object(
              {
                capability: Type.String(),
                gives: Type.String({ description: "The type it would have given." }),
                plan_cost: Cost("What the plan would count for with it."),
                proven: Type.Boolean({ description: "False: there may be a cheaper plan with it." }),
              },
              strict,
            ),
            { description: "What was passed over, cheapest first." },
          ),
        },
        strict,
      ),
    ),
    unused: Type.Array(Type.String(), { description: "What was given and is not used." }),
  },
  { ...strict, title: "Explanation" },
);
export type Explanation = Type.Static<typeof ExplanationSchema>;

const MAX_ALTERNATIVES = 5;
const MAX_ALL_ALTERNATIVES = 24;

export interface ExplainOptions {
  readonly graph: CallGraph;
  readonly assembly: Assembly;
  readonly plan: CheapestPlan;
  readonly wish: Wish;
  readonly givens: readonly Given[];
  /** For costing what was passed over. */
  readonly effort: Effort;
}

export function explain({ graph, assembly, plan, wish, givens, effort }: ExplainOptions): Explanation {
  const used = new Set(assembly.tasks.flatMap(({ fillings }) => fillings.flatMap(({ given }) => given ?? [])));
  let left = MAX_ALL_ALTERNATIVES;
  const tasks = assembly.tasks.map((composed) => {
    const passedOver = alternatives(graph, assembly, composed, effort, Math.min(MAX_ALTERNATIVES, left));
    left -= passedOver.length;
    return {
      task_id: composed.task.task_id,
      cost: composed.call.cost,
      why: whyThere(composed, assembly, wish),
      instead_of: [...passedOver],
    };
  });
  return {
    want: wish.type,
    ...(wish.through !== undefined && { through: wish.through }),
    cost: plan.cost,
    cost_at_least: plan.costAtLeast,
    proven: plan.cost === plan.costAtLeast,
    tasks,
    unused: givens.filter((given) => !used.has(given)).map(({ name }) => name),
  };
}

/** What of its output is used, and by whom. */
function whyThere({ task, call, fillings }: ComposedTask, { tasks, last }: Assembly, wish: Wish): string {
  const users = new Map<string, string[]>();
  for (const other of tasks) {
    const taken = other.fillings.filter((filling) => filling.task === task.task_id && !filling.isFree).map(({ word }) => word ?? "");
    if (taken.length > 0) {
      const words = [...new Set(taken)].join(" and ");
      users.set(words, [...(users.get(words) ?? []), other.task.task_id]);
    }
  }
  const parts = [...users].map(([words, ids]) => `${words} for ${ids.join(" and ")}`);
  if (task.task_id === last) parts.push(`${wish.type}, which is wanted`);
  const given = [...new Set(fillings.flatMap((filling) => filling.given?.name ?? []))];
  const free = fillings
    .filter(({ isFree }) => isFree)
    .map(({ member, task: from }) => (from === undefined ? member : `${member} from ${from}`));
  return [
    `gives ${parts.join("; ")}`,
    ...(given.length > 0 ? [`takes the given ${given.join(", ")}`] : []),
    ...(call.cost > callCost(call.capability) ? ["though by its name the file is of another kind"] : []),
    ...(free.length > 0 ? [`takes along what is there anyway: ${free.join(", ")}`] : []),
  ].join("; ");
}

/** Other capabilities that give what is used of this task, with the cost of the cheapest plan that has them in its place. */
function alternatives(
  graph: CallGraph,
  { tasks, last }: Assembly,
  { task, call }: ComposedTask,
  effort: Effort,
  most: number,
): Explanation["tasks"][number]["instead_of"] {
  const target = graph.nameOf(graph.target);
  const words = new Set(
    tasks.flatMap(({ fillings }) =>
      fillings.flatMap((filling) => (filling.task === task.task_id && !filling.isFree ? (filling.word ?? []) : [])),
    ),
  );
  if (task.task_id === last && target.kind === "word") words.add(target.word);
  const found: Explanation["tasks"][number]["instead_of"] = [];
  for (const word of words) {
    const makers = new Set(
      graph.calls.filter(({ words: { places } }) => places.some((place) => place.word === word)).map((made) => made.capability.name),
    );
    for (const capability of makers) {
      const isSettled = capability === call.capability.name || found.some((other) => other.capability === capability);
      if (isSettled || found.length >= most || effort.left <= 0) continue;
      const others = new Set([...makers].filter((name) => name !== capability));
      const left = without(graph, others);
      const plan = cheapestPlan(left, effort);
      // Where it does not use it at all, it says nothing about it.
      if (plan?.edges.some((edge) => left.calls[edge]?.capability.name === capability) !== true) continue;
      found.push({ capability, gives: word, plan_cost: plan.cost, proven: plan.cost === plan.costAtLeast });
    }
  }
  return found.toSorted((left, right) => left.plan_cost - right.plan_cost || (left.capability < right.capability ? -1 : 1));
}

function without(graph: CallGraph, capabilities: ReadonlySet<string>): CallGraph {
  const isKept = graph.calls.map((call) => !capabilities.has(call.capability.name));
  return { ...graph, edges: graph.edges.filter((_, edge) => isKept[edge]), calls: graph.calls.filter((_, edge) => isKept[edge]) };
}

// The hash of what a plan would run. Ids, times and status are not part of it, so that an approval holds for exactly this graph.

import type { HashText } from "@kos/klp";
import { canonicalJson, hashText } from "@kos/klp";
import type { PlanGraph } from "./plan.ts";
import { PlanGraphSchema } from "./plan.ts";

const GRAPH_FIELDS = Object.keys(PlanGraphSchema.properties) as readonly (keyof PlanGraph)[];

/** The graph inside a larger document (a `Plan`): its own fields only, absent ones left out. */
export function graphOf(document: PlanGraph): PlanGraph {
  const present = GRAPH_FIELDS.filter((field) => document[field] !== undefined);
  return Object.fromEntries(present.map((field) => [field, document[field]])) as PlanGraph;
}

/** `sha256:<hex>` over the RFC 8785 canonical JSON of the graph's fields. Errors: BAD_REQUEST for what JSON cannot carry. */
export function planHash(graph: PlanGraph): HashText {
  return hashText(canonicalJson(graphOf(graph)));
}

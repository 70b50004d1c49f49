// Turns requests of doors into what a partition takes: graphs checked and hashed, large parts stored, keys scoped.

import { hashText, KosError } from "@kos/klp";
import type { BlobRef, PlanGraph } from "@kos/plan";
import { checkPlan, findingsError, planHash } from "@kos/plan";
import type { SubmitRequest } from "../engine-api.ts";
import type { Submission } from "../plan/decide-plan.ts";
import type { Definition, PlanCreated } from "../plan/plan-event.ts";
import type { EngineParts } from "./engine-parts.ts";

/** A graph whose JSON is longer lies in a blob. */
const MAX_GRAPH_CHARS = 262_144;
const KEY_TTL_MS = 86_400_000;
const MAX_CHECKED = 1000;

/** Hashes of graphs that passed the check, with the versions of their capabilities and the bound: another one is checked anew. */
const checked = new Map<string, string>();

/** Errors: BAD_REQUEST or the findings' own code, with `details.findings`. */
export function checkedHash(parts: EngineParts, graph: PlanGraph): { readonly hash: string; readonly definition: Definition } {
  const hash = planHash(graph);
  const definition = definitionOf(parts, graph);
  const { planTasks } = parts.limits;
  const passed = JSON.stringify([definition.capabilities, planTasks]);
  if (checked.get(hash) !== passed) {
    const error = findingsError(checkPlan(graph, parts.registry, { limits: { maxTasks: planTasks } }).findings);
    if (error !== undefined) throw error;
    if (checked.size >= MAX_CHECKED) checked.clear();
    checked.set(hash, passed);
  }
  return { hash, definition };
}

/** What the graph stands on as it is known now. */
function definitionOf(parts: EngineParts, graph: PlanGraph): Definition {
  const capabilities: Record<string, string> = {};
  for (const { capability, review } of graph.tasks) {
    for (const name of [capability, review?.fallback?.capability]) {
      if (name !== undefined) capabilities[name] = parts.registry.offer(name)?.version ?? "";
    }
  }
  const { playbook } = graph;
  return { ...(playbook && { playbook: { name: playbook.name, hash: playbook.hash } }), capabilities };
}

/** Stores what is too large for an event. */
export async function bodyBlob(parts: EngineParts, body: Pick<PlanCreated, "graph" | "reusable">): Promise<BlobRef | undefined> {
  const text = JSON.stringify(body);
  return text.length <= MAX_GRAPH_CHARS ? undefined : parts.options.blobs.put(Buffer.from(text), "application/json");
}

export interface KeyScope {
  /** Hash of tenant, caller, route and key: whoever else uses the same key means something else by it. */
  readonly scope: string;
  readonly body_hash: string;
  readonly expires_at: string;
}

export function keyScope(parts: EngineParts, request: Pick<SubmitRequest, "caller" | "idempotency">): KeyScope | undefined {
  const { caller, idempotency } = request;
  if (idempotency === undefined) return undefined;
  if (idempotency.key.length === 0 || idempotency.key.length > 200) {
    throw new KosError("BAD_REQUEST", "An Idempotency-Key has 1 to 200 characters.");
  }
  return {
    scope: hashText(`${caller.tenant}\u0000${caller.id}\u0000${idempotency.route}\u0000${idempotency.key}`),
    body_hash: idempotency.bodyHash,
    expires_at: new Date(parts.now() + KEY_TTL_MS).toISOString(),
  };
}

/** A new plan's id. With a key it lies in the key's partition, so that the same key always meets itself. */
export function newPlanId(parts: EngineParts, key: KeyScope | undefined): string {
  const { newId } = parts.options;
  if (key === undefined || parts.partitions === 1) return newId();
  const home = parts.partitionOf(key.scope);
  for (;;) {
    const planId = newId();
    if (parts.partitionOf(planId) === home) return planId;
  }
}

export async function submissionOf(parts: EngineParts, request: SubmitRequest, key: KeyScope | undefined): Promise<Submission> {
  const { graph } = request;
  const { hash, definition } = checkedHash(parts, graph);
  const body = await bodyBlob(parts, { graph });
  return {
    graph,
    hash,
    created_by: request.caller.id,
    grants: { fs_roots: request.fsRoots ?? [] },
    definition,
    approval: request.approval ?? false,
    start: request.start,
    ...(request.traceId !== undefined && { trace_id: request.traceId }),
    ...(key && { idempotency: key }),
    ...(body && { body }),
  };
}

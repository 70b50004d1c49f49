// Routes about plans and tasks: each is one call of the engine or the planner.

import type { PlanView, TaskRequest } from "@kos/api";
import type { Caller, HandlerRequest, Handlers } from "@kos/gateway";
import type { Engine, PlanCommand, SubmitRequest } from "@kos/kcore";
import { KosError } from "@kos/klp";
import { diffPlans, PLAN_STATUSES, type PlanGraph, type PlanStatus } from "@kos/plan";
import type { Grants } from "../data/grants.ts";
import type { PlanEvidence } from "../evidence/archived-evidence.ts";
import type { Planning } from "../planning/planning.ts";
import { engineCaller, need } from "./engine-caller.ts";

export interface PlanHandlerOptions {
  readonly engine: Engine;
  readonly planning: Planning;
  readonly grants: Grants;
  readonly evidence: PlanEvidence;
}

type PlanRoutes =
  | "submit"
  | "planTask"
  | "task"
  | "tasks"
  | "plans"
  | "plan"
  | "patchPlan"
  | "planEvents"
  | "evidence"
  | "planDiff"
  | "cancelPlan"
  | "pausePlan"
  | "resumePlan"
  | "retryPlan"
  | "forkPlan"
  | "resolveTask"
  | "trace"
  | "approvals"
  | "decide"
  | "answer"
  | "makePlan"
  | "previewPlan";

export function planHandlers({ engine, planning, grants, evidence }: PlanHandlerOptions): Pick<Handlers, PlanRoutes> {
  const { queries } = engine;

  async function command(caller: Caller, what: PlanCommand) {
    return engine.command(engineCaller(caller), what);
  }

  /** The submission of a body that asks for a new plan. */
  async function submission(request: HandlerRequest<"submit" | "makePlan">, route: string): Promise<SubmitRequest> {
    const { graph } = await planning.make(request.body, request.traceId);
    return {
      caller: engineCaller(request.caller),
      graph,
      start: true,
      approval: request.body.approval ?? false,
      fsRoots: await grants.roots(request.grant),
      traceId: request.traceId,
      ...idempotency(request, route),
    };
  }

  return {
    async submit(request) {
      const { body, caller } = request;
      if (body.plan_id !== undefined) {
        onlyField(body, "plan_id", ["idempotency"]);
        return command(caller, { kind: "start", planId: body.plan_id });
      }
      if (body.parent !== undefined) {
        const { graph } = await planning.make(body, request.traceId);
        return command(caller, { kind: "addSubtasks", planId: body.parent.plan_id, taskId: body.parent.task_id, graph });
      }
      return engine.submit(await submission(request, "POST /agent/task"));
    },
    async makePlan(request) {
      const { graph, hash: _hash, ...made } = await planning.make(request.body, request.traceId);
      const accepted = await engine.submit({
        caller: engineCaller(request.caller),
        graph,
        start: false,
        approval: request.body.approval ?? false,
        fsRoots: await grants.roots(request.grant),
        traceId: request.traceId,
        ...idempotency(request, "POST /planner/plan"),
      });
      return { plan: await queries.graph(request.caller.tenant, accepted.plan_id), ...made };
    },
    async previewPlan({ body, traceId }) {
      if (body.plan_id !== undefined) throw new KosError("BAD_REQUEST", "A plan that is there already is read with GET /agent/plan/:id.");
      const { graph, ...made } = await planning.make(body, traceId);
      return { plan: graph, ...made };
    },
    async planTask({ params, caller }) {
      const { plan } = await queries.plan(caller.tenant, need(params, "plan_id"));
      return { task_id: plan.plan_id, plan_id: plan.plan_id, status: plan.status };
    },
    tasks: async ({ query, caller }) => page(await queries.deadTasks({ tenant: caller.tenant, ...pageOf(query) })),
    task: ({ params, caller }) => queries.task(caller.tenant, need(params, "plan_id"), need(params, "task_id")),
    async plans({ query, caller }) {
      return page(await queries.plans({ tenant: caller.tenant, ...pageOf(query), ...statuses(query.status) }));
    },
    async plan({ params, caller }) {
      const planId = need(params, "plan_id");
      try {
        return await queries.plan(caller.tenant, planId);
      } catch (error) {
        throw await evidence.explain(caller.tenant, planId, error);
      }
    },
    async patchPlan({ params, body, caller, traceId }): Promise<PlanView> {
      const planId = need(params, "plan_id");
      const { graph } = await planning.make({ plan: body.plan }, traceId);
      await command(caller, { kind: "change", planId, graph, baseHash: body.base_hash });
      return queries.plan(caller.tenant, planId);
    },
    async planEvents({ params, query, caller }) {
      const { since, limit } = query;
      const options = { ...(since !== undefined && { since }), ...(limit !== undefined && { limit }) };
      return page(await queries.events(caller.tenant, need(params, "plan_id"), options));
    },
    async evidence({ params, caller }) {
      const planId = need(params, "plan_id");
      const body = await evidence.export(caller.tenant, planId);
      return { status: 200, headers: { "content-disposition": `attachment; filename="run-${planId}.kos.json"` }, body };
    },
    async planDiff({ params, caller }) {
      const [before, after] = await Promise.all([
        queries.graph(caller.tenant, need(params, "plan_id")),
        queries.graph(caller.tenant, need(params, "other")),
      ]);
      return diffPlans(before, after);
    },
    cancelPlan: ({ params, body, caller }) => command(caller, { kind: "cancel", planId: need(params, "plan_id"), ...reason(body) }),
    pausePlan: ({ params, body, caller }) => command(caller, { kind: "pause", planId: need(params, "plan_id"), ...reason(body) }),
    resumePlan: ({ params, body, caller }) => command(caller, { kind: "resume", planId: need(params, "plan_id"), ...reason(body) }),
    async retryPlan(request) {
      const { params, body, caller } = request;
      return engine.rerun({
        caller: engineCaller(caller),
        planId: need(params, "plan_id"),
        kind: "retry",
        ...(body.tasks && { tasks: body.tasks }),
        ...confirmations(body),
        ...idempotency(request, "POST /agent/plan/retry"),
      });
    },
    async forkPlan(request) {
      const { params, body, caller } = request;
      const planId = need(params, "plan_id");
      const graph =
        body.playbook_params && (await remake(await queries.graph(caller.tenant, planId), body.playbook_params, request.traceId));
      return engine.rerun({
        caller: engineCaller(caller),
        planId,
        kind: "fork",
        ...(body.tasks && { tasks: body.tasks }),
        ...(body.from !== undefined && { from: body.from }),
        ...(body.params && { params: body.params }),
        ...(graph && { graph }),
        ...(request.grant !== undefined && { fsRoots: await grants.roots(request.grant) }),
        ...confirmations(body),
        ...idempotency(request, "POST /agent/plan/fork"),
      });
    },
    async resolveTask({ params, body, caller }) {
      const { task_id: taskId, outcome, output, reason: why } = body;
      return command(caller, {
        kind: "resolve",
        planId: need(params, "plan_id"),
        taskId,
        outcome,
        reason: why,
        ...(output !== undefined && { output }),
      });
    },
    trace: ({ params, caller }) => queries.trace(caller.tenant, need(params, "plan_id")),
    async approvals({ query, caller }) {
      const status = query.status as "open" | undefined;
      return page(
        await queries.approvals({
          tenant: caller.tenant,
          ...pageOf(query),
          ...(query.plan_id !== undefined && { planId: query.plan_id }),
          ...(status !== undefined && { status }),
        }),
      );
    },
    async decide({ params, body, caller }) {
      const approvalId = need(params, "approval_id");
      const { decision, digest } = body;
      await command(caller, { kind: "decide", approvalId, decision, digest, ...reason(body) });
      return queries.approval(caller.tenant, approvalId);
    },
    answer: ({ params, body, caller }) => command(caller, { kind: "answer", inputId: need(params, "input_id"), answer: body.answer }),
  };

  async function remake(plan: PlanGraph, params: Readonly<Record<string, unknown>>, traceId: string): Promise<PlanGraph> {
    if (!plan.playbook)
      throw new KosError("BAD_REQUEST", "This plan was not made from a playbook, so it has no playbook params. Give `params` by task.");
    return (await planning.make({ playbook: plan.playbook.name, params: { ...plan.playbook.params, ...params } }, traceId)).graph;
  }
}

function page<Item>(found: { readonly items: readonly Item[]; readonly next_cursor: string | null }): {
  items: Item[];
  next_cursor: string | null;
} {
  return { items: [...found.items], next_cursor: found.next_cursor };
}

function pageOf(query: { readonly limit?: number; readonly cursor?: string }) {
  return { ...(query.limit !== undefined && { limit: query.limit }), ...(query.cursor !== undefined && { cursor: query.cursor }) };
}

function statuses(text: string | undefined): { status?: PlanStatus[] } {
  if (text === undefined) return {};
  const wanted = text.split(",");
  const unknown = wanted.find((status) => !PLAN_STATUSES.includes(status as PlanStatus));
  if (unknown !== undefined)
    throw new KosError("BAD_REQUEST", `"${unknown.slice(0, 40)}" is no plan status. They are ${PLAN_STATUSES.join(", ")}.`);
  return { status: wanted as PlanStatus[] };
}

function reason(body: { readonly reason?: string }) {
  return body.reason === undefined ? {} : { reason: body.reason };
}

function confirmations(body: { readonly accept_changed?: boolean; readonly confirm_effects?: boolean }) {
  return { acceptChanged: body.accept_changed ?? false, confirmEffects: body.confirm_effects ?? false };
}

function idempotency(
  request: HandlerRequest<"submit" | "makePlan" | "retryPlan" | "forkPlan">,
  route: string,
): Pick<SubmitRequest, "idempotency"> {
  const { idempotencyKey: key, bodyHash } = request;
  return key === undefined || bodyHash === undefined ? {} : { idempotency: { key, route, bodyHash } };
}

function onlyField(body: TaskRequest, field: keyof TaskRequest, besides: readonly string[]): void {
  const others = Object.keys(body).filter((name) => name !== field && !besides.includes(name));
  if (others.length > 0)
    throw new KosError("BAD_REQUEST", `With ${field} nothing else is taken, but the body also has ${others.join(", ")}.`);
}

// The strategies behind one format: whatever comes in, a checked graph goes out, or an error that holds every finding.

import { KosError } from "@kos/klp";
import type { Budget, CapabilityCatalogue, CheckOptions, Finding, PlanGraph, Task } from "@kos/plan";
import { checkPlan, findingsError, planHash } from "@kos/plan";
import { type ComposeLimits, composePlan } from "./compose/compose.ts";
import type { Explanation } from "./compose/explain.ts";
import type { Estimate } from "./estimate.ts";
import { estimatePlan } from "./estimate.ts";
import type { PlanRequest } from "./plan-request.ts";
import { completeTask, playbookGraph } from "./playbook-graph.ts";
import type { PlaybookLibrary } from "./playbook-library.ts";
import { paramValues } from "./playbook-params.ts";
import type { ReadPlaybook } from "./read-playbook.ts";
import { literalParams } from "./substitute.ts";

export interface PlannerParts {
  readonly library: PlaybookLibrary;
  readonly catalogue: CapabilityCatalogue;
  readonly check?: CheckOptions;
  /** Bounds of the search for composed plans. */
  readonly compose?: ComposeLimits;
}

export interface MadePlan {
  readonly graph: PlanGraph;
  readonly hash: string;
  /** Warnings only: with errors there is no plan. */
  readonly findings: readonly Finding[];
  readonly estimate: Estimate;
  /** Task id to reason, for tasks whose calls a person must approve because of where labelled values flow. */
  readonly approvals: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  /** Of a composed plan: why it is as it is. */
  readonly explanation?: Explanation;
}

interface Draft {
  /** Not checked yet. */
  readonly graph: unknown;
  readonly notes: readonly string[];
  readonly explanation?: Explanation;
  /** `file:line:column` of a JSON path, when the draft came from a file. */
  readonly sourceOf?: (path: string) => string;
}

const STRATEGIES_THERE_ARE = ["explicit", "playbook", "composed"] as const;

/**
 * Errors: BAD_REQUEST, UNKNOWN_CAPABILITY, TOO_LARGE, POLICY_DENIED with `details.findings`; NOT_FOUND for an unknown playbook;
 * MODEL_UNAVAILABLE for a goal in words.
 */
export async function makePlan(request: PlanRequest, parts: PlannerParts): Promise<MadePlan> {
  const draft = await draftPlan(request, parts);
  const document = withCommon(draft.graph, request);
  const { findings, approvals } = checkPlan(document, parts.catalogue, parts.check);
  const placed = findings.map((finding) => placeFinding(finding, draft));
  const error = findingsError(placed);
  if (error !== undefined) throw error;
  const graph = document as PlanGraph;
  return {
    graph,
    hash: planHash(graph),
    findings: placed,
    estimate: estimatePlan(graph, parts.catalogue),
    approvals,
    notes: draft.notes,
    ...(draft.explanation !== undefined && { explanation: draft.explanation }),
  };
}

async function draftPlan(request: PlanRequest, parts: PlannerParts): Promise<Draft> {
  if ("plan" in request) return { graph: explicitGraph(request.plan), notes: [] };
  if ("capability" in request) return { graph: callGraph(request.capability, request.params, request.goal), notes: [] };
  if ("playbook" in request) return playbookDraft(await parts.library.get(request.playbook), request.params ?? {}, request.goal);
  if ("given" in request) {
    const { catalogue, check, compose: limits } = parts;
    return composePlan(request, { catalogue, ...(check !== undefined && { check }), ...(limits !== undefined && { limits }) });
  }
  return refuseGoal(request.goal, request.strategy, parts);
}

/** What is left out has one sensible meaning; provenance is not the caller's to say. */
function explicitGraph(plan: unknown): unknown {
  if (!isRecord(plan)) return plan;
  const { plan_id: _id, status: _status, created_by: _by, created_at: _at, hash: _hash, playbook: _playbook, ...graph } = plan;
  const { tasks } = graph;
  return { goal: "", output: null, ...graph, ...(Array.isArray(tasks) && { tasks: tasks.map(completeTask) }), strategy: "explicit" };
}

/** One call: its params are literal, so nothing in them is a reference. */
function callGraph(capability: string, params: unknown, goal: string | undefined): unknown {
  const task: Task = { task_id: "call", title: `Call ${capability}`, capability, params: literalParams(params), depends_on: [] };
  return { goal: goal ?? `Call ${capability}`, strategy: "explicit", tasks: [task], output: "${call}" };
}

function playbookDraft(
  read: ReadPlaybook & { readonly replacesShipped: boolean },
  given: Readonly<Record<string, unknown>>,
  goal?: string,
): Draft {
  const result = paramValues(read.playbook, given);
  if ("problems" in result) {
    const findings = result.problems.map(
      ({ path, message, hint }): Finding => ({ code: "BAD_PARAM", severity: "error", path, message, hint }),
    );
    throw paramsError(read.playbook.name, findings);
  }
  const { graph, problems } = playbookGraph(read, result.values, goal);
  const error = findingsError(problems);
  if (error !== undefined) throw error;
  const notes = read.replacesShipped ? [`Your own ${read.file} is used in place of the shipped playbook "${read.playbook.name}".`] : [];
  return { graph, notes, sourceOf: read.sourceOf };
}

function paramsError(name: string, findings: readonly Finding[]): KosError {
  const shown = findings.slice(0, 5).map((finding) => `${finding.path}: ${finding.message} ${finding.hint}`);
  return new KosError("BAD_REQUEST", `The parameters do not fit the playbook "${name}". ${shown.join(" | ")}`, { details: { findings } });
}

/** Never a guess: a goal that happens to be called like a playbook is still a goal in words. */
async function refuseGoal(goal: string, strategy: string | undefined, parts: PlannerParts): Promise<never> {
  if (strategy === "explicit") throw notYet("BAD_REQUEST", "An explicit plan is sent as {plan: {tasks: […]}}.", "");
  if (strategy === "composed") throw notYet("BAD_REQUEST", "A composed plan needs what is there and what is wanted: {given, want}.", "");
  if (strategy === "playbook") throw notYet("BAD_REQUEST", "A playbook is named: {playbook, params}.", await playbookHint(parts));
  const summary = await parts.library.describe(goal);
  const hint =
    summary === undefined
      ? await playbookHint(parts)
      : `There is a playbook "${goal}": send {"playbook": "${goal}", "params": {…}}, or: kai run ${goal}.`;
  throw notYet("MODEL_UNAVAILABLE", "A goal in words needs a model, and none is configured.", hint);
}

function notYet(code: "BAD_REQUEST" | "MODEL_UNAVAILABLE", message: string, hint: string): KosError {
  const there = `Strategies there are: ${STRATEGIES_THERE_ARE.join(", ")}.`;
  return new KosError(code, [message, there, hint].filter((part) => part !== "").join(" "), {
    details: { strategies: STRATEGIES_THERE_ARE },
    retryable: false,
  });
}

async function playbookHint(parts: PlannerParts): Promise<string> {
  const names = (await parts.library.list()).map((summary) => summary.name);
  if (names.length === 0) return "No playbook is installed.";
  return `Playbooks: ${names.slice(0, 12).join(", ")}. Run one with {"playbook": "${names[0]}", "params": {…}}, or: kai run ${names[0]}.`;
}

/** The request's labels are added; its budget narrows the plan's own, never widens it. */
function withCommon(graph: unknown, request: PlanRequest): unknown {
  if (!isRecord(graph)) return graph;
  const labels = [
    ...new Set([...(Array.isArray(graph["labels"]) ? (graph["labels"] as readonly unknown[]) : []), ...(request.labels ?? [])]),
  ];
  const budget = isRecord(graph["budget"]) ? narrower(graph["budget"], request.budget) : (graph["budget"] ?? request.budget);
  return { ...graph, ...(labels.length > 0 && { labels }), ...(budget !== undefined && { budget }) };
}

function narrower(own: Budget, asked: Budget | undefined): Budget {
  const merged: Record<string, unknown> = { ...own };
  for (const [unit, limit] of Object.entries(asked ?? {})) {
    const present = merged[unit];
    merged[unit] = typeof present === "number" ? Math.min(present, limit) : limit;
  }
  return merged;
}

function placeFinding(finding: Finding, draft: Draft): Finding {
  return draft.sourceOf === undefined ? finding : { ...finding, source: draft.sourceOf(finding.path) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

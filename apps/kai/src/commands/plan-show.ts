// `kai plan show`: a plan as a tree, as a Mermaid chart, as JSON or as YAML. Nothing runs.

import type { Preview } from "@kos/api";
import { safeText } from "@kos/klp";
import { graphOf, type Plan, type PlanGraph, planMermaid, planTree } from "@kos/plan";
import { stringify } from "yaml";
import type { Command, CommandInput, Kai } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import { EXIT } from "../exit-code.ts";
import { safeLines } from "../format/safe-text.ts";
import { cutTo } from "../format/text-width.ts";
import { asksToCompose, COMPOSE_OPTIONS } from "../run/composed-work.ts";
import { readDocument } from "../run/plan-file.ts";
import { readSubmission } from "../run/submission.ts";
import { withLines } from "../run/submit.ts";
import { usageError } from "../usage.ts";
import { estimateLines, explanationLines } from "../view/estimate-lines.ts";

export type PlanForm = "tree" | "mermaid" | "yaml";

export const PLAN_FORM_OPTIONS = [
  { flags: "--mermaid", about: "as a Mermaid flowchart" },
  { flags: "--yaml", about: "as YAML, to edit and run as a file" },
] as const;

const MOST_TASKS = 1000;

export const planShow: Command = {
  name: "plan show",
  group: "Plans",
  summary: "show a plan's graph: tree, Mermaid, YAML or (--json) JSON; runs and stores nothing",
  details:
    "With --given and --want the plan that kOS composes, with the reasons; with a playbook's name and its parameters the plan it makes; a plan file is checked, and every fault named with its line.",
  args: [
    { name: "plan", about: "a plan's id, a unique end or beginning of it, `last`, a plan file, or a playbook's name", isOptional: true },
    { name: "params", about: "the playbook's parameters", isOptional: true, isList: true },
  ],
  options: [
    ...COMPOSE_OPTIONS,
    { flags: "--params <file>", about: "parameters from a JSON or YAML file, - for standard input" },
    { flags: "--param <name=value>", about: "one parameter, whatever its name", isList: true },
    ...PLAN_FORM_OPTIONS,
  ],
  takesAnyOption: true,
  examples: [
    ["plan show last", "as a tree"],
    ["plan show --given url=https://example.org/ --want report", "what kOS would do, and why"],
    ["plan show repo-report --path .", "what a playbook would do"],
    ["plan show plan.yaml", "a file, checked"],
    ["plan show plan.yaml --mermaid", "a file as a chart"],
    ["plan show last --yaml > plan.yaml", "to change and run again"],
  ],
  async perform(kai, input) {
    const [target = "last", ...rest] = input.args;
    if (asksToCompose(input) || !isPlanId(target)) return showPreview(kai, input);
    const [surplus] = rest;
    if (surplus !== undefined) throw usageError(`A plan that is there takes no parameters, but "${surplus}" was given.`);
    const plan = await planOf(kai, target);
    if (kai.terminal.isJson) kai.terminal.json(plan);
    else printPlan(kai, plan, planForm(input));
    return EXIT.done;
  },
};

/** Of a plan that is there; everything else names what one is made of. */
function isPlanId(target: string): boolean {
  return target === "last" || (target !== "-" && /^[0-9a-f-]+$/i.test(target));
}

function isPlanFile(target: string): boolean {
  return target === "-" || /\.(json|ya?ml)$/i.test(target);
}

/** What stands in a file is drawn even where the node would not run it; then its faults are the error. */
async function showPreview(kai: Kai, input: CommandInput): Promise<typeof EXIT.done> {
  const { terminal } = kai;
  const session = await kai.connect();
  const { request, source } = await readSubmission(kai, session, input);
  const form = planForm(input);
  let preview: Preview;
  try {
    preview = await session.client.call("previewPlan", { body: request });
  } catch (error) {
    if (source === undefined) throw error;
    if (!terminal.isJson && isGraph(request.plan)) printPlan(kai, drawable(request.plan, input.args[0] ?? ""), form);
    throw withLines(error, source);
  }
  if (terminal.isJson) {
    terminal.json(source === undefined ? preview : preview.plan);
    return EXIT.done;
  }
  printPlan(kai, preview.plan, form);
  const { explanation } = preview;
  if (form === "tree") {
    if (explanation !== undefined) terminal.print("", ...explanationLines(explanation, terminal.width(), terminal.style));
    terminal.print("", ...estimateLines(preview, terminal.style));
  } else if (form === "mermaid" && explanation !== undefined) {
    terminal.print(...explanation.tasks.map(({ task_id, why }) => `%% ${safeText(task_id)}: ${safeText(why)}`));
  }
  return EXIT.done;
}

export function planForm(input: CommandInput): PlanForm {
  return input.flag("mermaid") ? "mermaid" : input.flag("yaml") ? "yaml" : "tree";
}

/** From the node by id, or from a file without asking any node. Errors: BAD_REQUEST, NOT_FOUND. */
export async function planOf(kai: Kai, typed: string): Promise<PlanGraph | Plan> {
  if (isPlanFile(typed)) {
    const { value } = await readDocument(kai.machine, typed);
    if (isGraph(value)) return drawable(value, typed);
    throw usageError(`${typed} holds no plan: it has no list of tasks, each with a task_id and a capability.`);
  }
  const session = await kai.connect();
  const { plan } = await session.client.call("plan", { params: { plan_id: await resolvePlanId(session, typed) } });
  return plan;
}

export function printPlan(kai: Kai, plan: PlanGraph | Plan, form: PlanForm): void {
  const { terminal } = kai;
  switch (form) {
    case "mermaid":
      terminal.print(...safeLines(planMermaid(plan).trimEnd()));
      break;
    case "yaml":
      terminal.raw(stringify(graphOf(plan)));
      break;
    case "tree":
      terminal.print(...safeLines(planTree(plan, { maxTasks: MOST_TASKS }).trimEnd()).map((line) => cutTo(line, terminal.width())));
      break;
  }
}

/** Plan files may leave out what has a natural default. */
function drawable(graph: PlanGraph, name: string): PlanGraph {
  return { ...graph, goal: graph.goal ?? name, strategy: graph.strategy ?? "explicit", tasks: graph.tasks.map(completed) };
}

function completed(task: PlanGraph["tasks"][number]): PlanGraph["tasks"][number] {
  return { ...task, title: task.title ?? task.task_id, params: task.params ?? {}, depends_on: task.depends_on ?? [] };
}

function isGraph(value: unknown): value is PlanGraph {
  const tasks = typeof value === "object" && value !== null ? (value as { readonly tasks?: unknown }).tasks : undefined;
  return (
    Array.isArray(tasks) &&
    tasks.every((task: unknown) => {
      const { task_id, capability } = (typeof task === "object" && task !== null ? task : {}) as Readonly<Record<string, unknown>>;
      return typeof task_id === "string" && typeof capability === "string";
    })
  );
}

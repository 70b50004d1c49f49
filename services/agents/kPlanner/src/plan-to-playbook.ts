// A plan as a playbook: the same tasks, with the values that were written into them offered as parameters.

import { canonicalJson, KosError } from "@kos/klp";
import type { CapabilityCatalogue, PlanGraph, Task } from "@kos/plan";
import { mayHoldReference, parseTemplate, writeTemplate } from "@kos/plan";
import { stringify } from "yaml";
import { wordOf } from "./compose/schema-words.ts";
import { isPlaybookName, type PlaybookParam } from "./playbook.ts";
import { readPlaybook } from "./read-playbook.ts";

export interface PlaybookDraftOptions {
  readonly name: string;
  readonly title?: string;
  /** Said in a comment. */
  readonly planId: string;
}

const MAX_TITLE_CHARS = 100;
const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const BOUNDS = ["minimum", "maximum", "minLength", "maxLength", "maxItems"] as const;
const LINE_WIDTH = 120;

/** The text of a sound playbook. Errors: BAD_REQUEST for a name that is none, TOO_LARGE for a plan that no playbook can hold. */
export function playbookOfPlan(plan: PlanGraph, catalogue: CapabilityCatalogue, options: PlaybookDraftOptions): string {
  const { name, planId } = options;
  if (!isPlaybookName(name))
    throw new KosError("BAD_REQUEST", `"${name.slice(0, 80)}" is no name of a playbook: use small letters, digits and dashes.`);
  const params = new Map<string, PlaybookParam>();
  const tasks = plan.tasks.map((task) => taskOf(task, catalogue, params));
  const goal = plan.goal.trim();
  const title = (options.title ?? (goal === "" ? name : goal)).replaceAll(/\s+/g, " ").slice(0, MAX_TITLE_CHARS);
  const document = {
    playbook: 1,
    name,
    version: "1.0.0",
    title,
    description: goal === "" ? title : goal.slice(0, 2000),
    ...(goal !== "" && { goal: asText(goal.slice(0, 2000)) }),
    params: Object.fromEntries(params),
    tasks,
    ...(plan.output !== null && { output: plan.output }),
    ...(plan.criteria !== undefined && { criteria: plan.criteria.map(criterionOf) }),
    ...(plan.budget !== undefined && { budget: plan.budget }),
  };
  const head = [
    `# Made from plan ${planId}. What was written into it are the defaults of the parameters:`,
    "# remove a default and write `required: true` to be asked for a value each time, or put a value back in place of ${params.x}.",
    "# How to write one: playbooks/README.md. Check it with: kai playbooks check",
  ];
  const text = `${head.join("\n")}\n${stringify(document, { lineWidth: LINE_WIDTH })}`;
  const reading = readPlaybook({ name, file: `${name}.yaml`, origin: "own", text });
  if ("read" in reading) return text;
  const [first] = reading.findings;
  throw new KosError("TOO_LARGE", `This plan cannot be kept as a playbook: ${first?.message ?? "it does not fit"}`, {
    details: { findings: reading.findings },
  });
}

function taskOf(task: Task, catalogue: CapabilityCatalogue, params: Map<string, PlaybookParam>): Readonly<Record<string, unknown>> {
  const { parent_id: _parent, depends_on: dependsOn, title, params: given, review, ...rest } = task;
  const properties = propertiesOf(catalogue.get(task.capability)?.input);
  const offered = Object.entries(given).map(([member, value]): [string, unknown] => {
    const param = paramOf(value, properties[member]);
    return [member, param === undefined ? value : `\${params.${offer(params, member, task.task_id, param)}}`];
  });
  const { task_id, capability, ...others } = rest;
  return {
    task_id,
    title: asText(title),
    capability,
    ...(offered.length > 0 && { params: Object.fromEntries(offered) }),
    ...(dependsOn.length > 0 && { depends_on: dependsOn }),
    ...others,
    ...(review !== undefined && { review: { ...review, criteria: review.criteria.map(criterionOf) } }),
  };
}

/** Texts of criteria are not templates in a plan, but are filled in a playbook. */
function criterionOf(criterion: NonNullable<PlanGraph["criteria"]>[number]): Readonly<Record<string, unknown>> {
  const entries = Object.entries(criterion).map(([key, value]): [string, unknown] => [
    key,
    key === "schema" ? value : Array.isArray(value) ? value.map(asText) : asText(value),
  ]);
  return Object.fromEntries(entries);
}

function asText(value: unknown): unknown {
  return typeof value === "string" && mayHoldReference(value) ? writeTemplate([value]) : value;
}

/** The name under which the value is offered: one name for equal values of one member. */
function offer(params: Map<string, PlaybookParam>, member: string, taskId: string, param: PlaybookParam): string {
  const plain = PARAM_NAME.test(member) ? member : "value";
  const long = `${taskId.replaceAll("-", "_")}_${plain}`.slice(0, 60);
  for (let count = 0; ; count += 1) {
    const name = count === 0 ? plain : count === 1 ? long : `${long}_${count}`;
    const known = params.get(name);
    if (known === undefined) params.set(name, param);
    else if (known.type !== param.type || canonicalJson(known.default) !== canonicalJson(param.default)) continue;
    return name;
  }
}

/** A value that is written out: text, number, truth value, or a list of such. */
function paramOf(value: unknown, schema: Readonly<Record<string, unknown>> | undefined): PlaybookParam | undefined {
  const literal = literalOf(value);
  if (literal === undefined) return undefined;
  const type = typeOf(literal.value, schema);
  const items = Array.isArray(literal.value) ? itemsOf(literal.value) : undefined;
  if (type === undefined || (type === "list" && items === undefined)) return undefined;
  const about = schema?.["description"] ?? schema?.["title"];
  const bounds = BOUNDS.flatMap((bound) =>
    typeof schema?.[bound] === "number" && type !== "path" ? [[bound, schema[bound]] as const] : [],
  );
  const choices = schema?.["enum"];
  const isChoice =
    Array.isArray(choices) && choices.length > 0 && choices.length <= 100 && choices.every((each) => typeof each === "string");
  return {
    type,
    ...(items !== undefined && items !== "string" && { items }),
    ...(typeof schema?.["title"] === "string" && { title: schema["title"].slice(0, MAX_TITLE_CHARS) }),
    description: typeof about === "string" && about !== "" ? about.slice(0, 1000) : "As it was in the plan.",
    ...(isChoice && { enum: choices }),
    ...Object.fromEntries(bounds),
    default: literal.value,
  };
}

function literalOf(value: unknown): { readonly value: unknown } | undefined {
  if (typeof value === "number" || typeof value === "boolean") return { value };
  if (typeof value === "string") {
    const template = mayHoldReference(value) ? parseTemplate(value, "$") : [value];
    return template.every((part) => typeof part === "string") ? { value: template.join("") } : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item) => (Array.isArray(item) ? undefined : literalOf(item)));
  return items.every((item) => item !== undefined) ? { value: items.map((item) => item.value) } : undefined;
}

function typeOf(value: unknown, schema: Readonly<Record<string, unknown>> | undefined): PlaybookParam["type"] | undefined {
  switch (typeof value) {
    case "string":
      return wordOf(schema) === "fs.path" && /^(\/|[A-Za-z]:[\\/])/.test(value) ? "path" : "string";
    case "boolean":
      return "boolean";
    case "number":
      return Number.isInteger(value) && schema?.["type"] !== "number" ? "integer" : "number";
    default:
      return Array.isArray(value) ? "list" : undefined;
  }
}

/** The one type of a list's items; text for an empty list. */
function itemsOf(list: readonly unknown[]): NonNullable<PlaybookParam["items"]> | undefined {
  const types = new Set(list.map((item) => typeof item));
  if (types.size > 1) return undefined;
  const [type = "string"] = types;
  if (type === "number") return list.every((item) => Number.isInteger(item)) ? "integer" : "number";
  return type === "string" || type === "boolean" ? type : undefined;
}

function propertiesOf(input: unknown): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const properties = isRecord(input) ? input["properties"] : undefined;
  return isRecord(properties) ? (properties as Readonly<Record<string, Readonly<Record<string, unknown>>>>) : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

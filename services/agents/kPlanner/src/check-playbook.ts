// Everything that can be said of a playbook before anybody gives it values: its file, its definitions, and the plan it makes, in which
// each parameter stands for any value of its type.

import type { CapabilityCatalogue, CapabilityShape, CheckOptions, Finding, Reference, Task, Template } from "@kos/plan";
import { checkPlan, mayHoldReference, parseTemplate, writeTemplate } from "@kos/plan";
import type { Playbook, PlaybookParam } from "./playbook.ts";
import { playbookGraph } from "./playbook-graph.ts";
import { paramsSchema } from "./playbook-params.ts";
import type { PlaybookFile } from "./playbook-source.ts";
import type { ReadPlaybook } from "./read-playbook.ts";
import { readPlaybook } from "./read-playbook.ts";

/** Stands for the parameters while the plan is checked; no playbook can have a capability of that name, since no agent offers it. */
const PARAMS_TASK = "kos_params";
const PARAMS_CAPABILITY = "kos.params";

export interface CheckedPlaybook {
  /** All findings, each with file, line and column where it has a place. */
  readonly findings: readonly Finding[];
  /** Undefined when the file itself cannot be read as a playbook. */
  readonly read: ReadPlaybook | undefined;
}

export function checkPlaybook(file: PlaybookFile, catalogue: CapabilityCatalogue, options: CheckOptions = {}): CheckedPlaybook {
  const reading = readPlaybook(file);
  if (!("read" in reading)) return { findings: reading.findings, read: undefined };
  const { read } = reading;
  const open: ReadPlaybook = { ...read, playbook: withOpenParams(read.playbook) };
  const { graph, problems } = playbookGraph(open, samples(read.playbook));
  if (problems.length > 0) return { findings: problems, read };
  const { playbook } = read;
  const document = { ...graph, tasks: [...(graph["tasks"] as readonly unknown[]), PARAMS_STAND_IN] };
  const { findings } = checkPlan(document, withParams(catalogue, playbook), options);
  const placed = findings
    .filter((finding) => finding.task_id !== PARAMS_TASK)
    .map((finding) => ({ ...finding, source: read.sourceOf(finding.path), message: finding.message.replaceAll(PARAMS_TASK, "params") }));
  return { findings: [...placed, ...reportFindings(read)], read };
}

const PARAMS_STAND_IN: Task = { task_id: PARAMS_TASK, title: "Parameters", capability: PARAMS_CAPABILITY, params: {}, depends_on: [] };

function withParams(catalogue: CapabilityCatalogue, playbook: Playbook): CapabilityCatalogue {
  const schema = { ...paramsSchema(playbook), required: Object.keys(playbook.params) };
  const stand: CapabilityShape = {
    name: PARAMS_CAPABILITY,
    input: {},
    output: schema,
    effects: [],
    idempotent: true,
    timeout_ms: 1,
    retry: { max_attempts: 1 },
    cost: 0,
    output_labels: [],
  };
  return { get: (name) => (name === PARAMS_CAPABILITY ? stand : catalogue.get(name)), keys: () => catalogue.keys() };
}

/** The playbook with `${params.x}` made a reference to the stand-in, wherever a running plan could have a reference. */
function withOpenParams(playbook: Playbook): Playbook {
  const names = new Set(Object.keys(playbook.params));
  const opened = (value: unknown): unknown => openParams(value, names);
  const openTask = (task: Readonly<Record<string, unknown>>) => ({
    ...task,
    ...(task["params"] !== undefined && { params: opened(task["params"]) }),
    ...(task["for_each"] !== undefined && { for_each: opened(task["for_each"]) }),
    ...(isRecord(task["review"]) && { review: openReview(task["review"], opened) }),
  });
  return {
    ...playbook,
    tasks: playbook.tasks.map(openTask),
    ...(playbook.output !== undefined && { output: opened(playbook.output) }),
  };
}

function openReview(review: Readonly<Record<string, unknown>>, opened: (value: unknown) => unknown): unknown {
  const { fallback } = review;
  return isRecord(fallback) ? { ...review, fallback: { ...fallback, params: opened(fallback["params"]) } } : review;
}

function openParams(value: unknown, names: ReadonlySet<string>): unknown {
  if (typeof value === "string") return mayHoldReference(value) ? openText(value, names) : value;
  if (Array.isArray(value)) return value.map((element) => openParams(element, names));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, openParams(member, names)]));
}

function openText(text: string, names: ReadonlySet<string>): string {
  let template: Template;
  try {
    template = parseTemplate(text, "$");
  } catch {
    // Reported where the values are filled in.
    return text;
  }
  return writeTemplate(template.map((part) => (typeof part === "string" ? part : openReference(part, names))));
}

function openReference(reference: Reference, names: ReadonlySet<string>): Reference {
  const [first] = reference.path;
  if (reference.name !== "params" || typeof first !== "string" || !names.has(first)) return reference;
  return { ...reference, name: PARAMS_TASK, text: reference.text.replace("${params", `\${${PARAMS_TASK}`) };
}

/** Values for the places where only a literal can stand: titles, conditions, assertions. */
function samples(playbook: Playbook): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(playbook.params).map(([name, param]) => [name, param.default ?? sample(param)]));
}

function sample(param: PlaybookParam): unknown {
  const [first] = param.enum ?? [];
  if (first !== undefined) return first;
  switch (param.type) {
    case "path":
      return "/";
    case "string":
      return "x".repeat(Math.max(1, Math.min(param.minLength ?? 1, 1000)));
    case "integer":
    case "number":
      return Math.ceil(Math.max(param.minimum ?? Math.min(1, param.maximum ?? 1), Number.MIN_SAFE_INTEGER));
    case "boolean":
      return true;
    case "list":
      return [];
    case "object":
      return {};
  }
}

/** What is to be shown at the end has to be there. */
function reportFindings({ playbook, sourceOf }: ReadPlaybook): readonly Finding[] {
  const { output, report } = playbook;
  if (report === undefined || !isRecord(output)) return [];
  return report.outputs.flatMap((name, position): Finding[] => {
    if (Object.hasOwn(output, name)) return [];
    const path = `$.report.outputs[${position}]`;
    const hint = `The output has: ${Object.keys(output).join(", ")}.`;
    return [{ code: "SHAPE", severity: "warning", path, message: `the output has no "${name}" to show.`, hint, source: sourceOf(path) }];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// What is said when a run has ended: outcome, verdicts, output in short. Pure.

import type { Artifact, PlanView, Verdict } from "@kos/api";
import { isEnded } from "@kos/api";
import { safeText } from "@kos/klp";
import { formatBytes, formatDuration, formatNumber, shortId } from "../format/quantity.ts";
import { type Style, signOf, statusText } from "../format/style.ts";
import { cutTo, padEnd, textWidth } from "../format/text-width.ts";

const MAX_FINDINGS = 5;
const MAX_OUTPUT_LINES = 14;
const NAMES_SHOWN = 4;

export function outcomeLine(view: PlanView, tookMs: number, style: Style): string {
  const { plan, tasks } = view;
  const retries = tasks.reduce((sum, task) => sum + Math.max(0, task.attempt - 1), 0);
  const parts = [
    `${signOf(plan.status, style)} ${statusText(plan.status, style)} ${isEnded(plan.status) ? "in" : "after"} ${formatDuration(tookMs)}`,
    `${formatNumber(plan.tasks.length)} ${plan.tasks.length === 1 ? "task" : "tasks"}`,
    ...(retries > 0 ? [retries === 1 ? "1 retry" : `${retries} retries`] : []),
    `plan ${shortId(plan.plan_id)}`,
  ];
  return parts.join(style.dim(" · "));
}

/** Failed tasks and what ended the plan, a line each. */
export function problemLines(view: PlanView, style: Style): readonly string[] {
  const failed = view.tasks.filter((task) => task.status === "failed" && task.error);
  const said = new Set(failed.map((task) => task.error?.message));
  const plan = view.error && !said.has(view.error.message) ? [`  ${style.bad(view.error.code)}: ${safeText(view.error.message)}`] : [];
  const tasks = failed
    .slice(0, MAX_FINDINGS)
    .map((task) => `  ${safeText(task.task_id)}: ${style.bad(task.error?.code ?? "")}: ${safeText(task.error?.message ?? "")}`);
  const more = failed.length > MAX_FINDINGS ? [`  … and ${failed.length - MAX_FINDINGS} more failed tasks`] : [];
  return [...plan, ...tasks, ...more];
}

export function verdictLines(view: PlanView, width: number, style: Style): readonly string[] {
  const reviewed = [...joinItems(view), ...(view.verdict ? [{ name: "whole plan", verdict: view.verdict, note: "" }] : [])];
  if (reviewed.length === 0) return [];
  const columns = Math.max(...reviewed.map(({ name }) => textWidth(safeText(name))));
  return [style.bold("Review"), ...reviewed.flatMap((each) => verdictOf(each, columns, width, style))];
}

interface Reviewed {
  readonly name: string;
  readonly verdict: Verdict;
  readonly note: string;
}

/** Items of a `for_each` that were accepted stand in one line; those that were not, each in its own. */
function joinItems({ tasks }: PlanView): readonly Reviewed[] {
  const reviewed = tasks.flatMap(({ task_id, verdict }) => (verdict ? [{ task_id, verdict }] : []));
  const groups = Map.groupBy(reviewed, ({ task_id, verdict }) => (verdict.accepted ? task_id.replace(/\[\d+\]$/, "") : task_id));
  return [...groups].flatMap(([name, [first, ...others]]): Reviewed[] => {
    if (first === undefined) return [];
    const all = [first, ...others];
    const worst = all.reduce((low, each) => (each.verdict.score < low.verdict.score ? each : low));
    return [{ name, verdict: worst.verdict, note: others.length > 0 ? `all ${formatNumber(all.length)} items, ` : "" }];
  });
}

function verdictOf({ name, verdict, note }: Reviewed, columns: number, width: number, style: Style): readonly string[] {
  const sign = verdict.accepted ? style.good("✓") : style.bad("✗");
  const word = verdict.accepted ? "accepted" : style.bad("rejected");
  const head = `  ${sign} ${padEnd(safeText(name), columns)}  ${word}  ${style.dim(`${note}score ${verdict.score.toFixed(2)}`)}`;
  const findings = verdict.findings.slice(0, MAX_FINDINGS).map((finding) => {
    const mark = finding.severity === "error" ? style.bad("error") : style.warn("warning");
    return cutTo(`      ${mark} ${safeText(finding.criterion)}: ${safeText(finding.message)}`, width);
  });
  const more = verdict.findings.length > MAX_FINDINGS ? [`      … and ${verdict.findings.length - MAX_FINDINGS} more`] : [];
  return [head, ...findings, ...more];
}

/** The output's own fields, each on one line; lists by their size and first names. */
export function outputLines(output: unknown, width: number, style: Style): readonly string[] {
  if (output === undefined || output === null) return [];
  const fields = isRecord(output) ? Object.entries(output).filter(([, value]) => !isArtifactRef(value)) : [["result", output] as const];
  const shown = fields.slice(0, MAX_OUTPUT_LINES);
  if (shown.length === 0) return [];
  const columns = Math.min(24, Math.max(...shown.map(([name]) => textWidth(name))));
  const lines = shown.map(([name, value]) => {
    const label = padEnd(cutTo(safeText(name.replaceAll("_", " ")), columns), columns);
    return cutTo(`  ${style.dim(label)}  ${brief(name, value)}`, width);
  });
  const more = fields.length > shown.length ? [style.dim(`  … and ${fields.length - shown.length} more fields`)] : [];
  return [style.bold("Result"), ...lines, ...more];
}

export function brief(name: string, value: unknown): string {
  if (typeof value === "number") return /(^|_)(bytes|size)(_|$)/.test(name) ? formatBytes(value) : formatNumber(value);
  if (typeof value === "string") return safeText(value);
  if (Array.isArray(value)) return listText(value);
  if (isRecord(value)) {
    const size = Object.keys(value).length;
    const scalars = Object.entries(value).filter(([, each]) => typeof each !== "object");
    if (scalars.length === 0) return `${size} ${size === 1 ? "field" : "fields"}`;
    return scalars
      .slice(0, NAMES_SHOWN)
      .map(([key, each]) => `${safeText(key)} ${brief(key, each)}`)
      .join(", ");
  }
  return String(value);
}

function listText(list: readonly unknown[]): string {
  if (list.length === 0) return "none";
  const names = list.map(nameOf).filter((name) => name !== undefined);
  if (names.length === 0) return formatNumber(list.length);
  const shown = names.slice(0, NAMES_SHOWN).map(safeText);
  const more = list.length > shown.length ? ["…"] : [];
  const between = shown.some((name) => /[,.]( |$)/.test(name)) ? "; " : ", ";
  return `${formatNumber(list.length)}: ${[...shown, ...more].join(between)}`;
}

function nameOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!isRecord(value)) return undefined;
  const found = ["name", "title", "path", "url", "term", "id"].map((key) => value[key]).find((each) => typeof each === "string");
  return typeof found === "string" ? found : undefined;
}

/** By the paths they were written to, else by their names in the node. */
export function artifactLines(artifacts: readonly Artifact[], files: readonly string[] | undefined, style: Style): readonly string[] {
  if (artifacts.length === 0) return [];
  const names = artifacts.map(({ name }, place) => safeText(files?.[place] ?? name));
  const columns = Math.max(...names.map((name) => textWidth(name)));
  return [
    style.bold(files === undefined ? "Artifacts" : "Report"),
    ...artifacts.map(({ bytes }, place) => `  ${padEnd(names[place] ?? "", columns)}  ${style.dim(formatBytes(bytes))}`),
  ];
}

function isArtifactRef(value: unknown): boolean {
  return isRecord(value) && typeof value["hash"] === "string" && typeof value["bytes"] === "number";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// What a plan would take and why it is as it is, in lines for a person. Pure.

import type { Explanation, Preview } from "@kos/api";
import { safeText } from "@kos/klp";
import { formatDuration, formatNumber } from "../format/quantity.ts";
import type { Style } from "../format/style.ts";
import { padEnd, textWidth, wrap } from "../format/text-width.ts";

const MAX_NAMES = 6;
const LEAST_COLUMNS = 30;

type Made = Pick<Preview, "estimate" | "findings" | "notes" | "explanation">;

/** Work with its limits, what only waits, effects; then what should be looked at. */
export function estimateLines({ estimate, findings, notes }: Made, style: Style): readonly string[] {
  const effects = estimate.effects.length === 0 ? "no effects" : `effects: ${estimate.effects.map(safeText).join(", ")}`;
  const counts = [
    count(estimate.tasks, "task"),
    ...(estimate.calls_max > 0 ? [`at most ${count(estimate.calls_max, "outside call")}`] : []),
  ];
  return [
    `${counts.join(", ")}; ${effects}`,
    ...workLine(estimate),
    ...waitLine(estimate),
    ...(estimate.open_ended.length > 0 ? [`Runs once for each item of a list that is not known yet: ${names(estimate.open_ended)}`] : []),
    ...notes.map((note) => `${style.warn("!")} ${safeText(note)}`),
    ...findings.map((finding) => `${style.warn("!")} ${safeText(finding.path)}: ${safeText(finding.message)}`),
  ];
}

function workLine({ time_ms_once: once, time_ms_max: most }: Made["estimate"]): readonly string[] {
  if (most === 0) return [];
  const retries = most > once ? `, after ${formatDuration(most)} with every retry` : "";
  return [`Work is cut off after ${formatDuration(once)} when all goes well${retries}; most runs take a small part of it`];
}

function waitLine({ wait_ms_max: wait, waits }: Made["estimate"]): readonly string[] {
  return waits.length === 0 ? [] : [`Waits in ${names(waits)}, for ${formatDuration(wait)} at most`];
}

/** Each task with what it is there for and what was passed over. */
export function explanationLines(explanation: Explanation, width: number, style: Style): readonly string[] {
  const { tasks, cost, proven, cost_at_least: least } = explanation;
  const columns = Math.max(...tasks.map(({ task_id }) => textWidth(safeText(task_id))));
  const lines = tasks.flatMap(({ task_id, why, instead_of: passedOver }) => {
    const about = [safeText(why), ...passedOver.map((other) => style.dim(passedOverText(other, cost)))].flatMap((text) =>
      wrap(text, Math.max(LEAST_COLUMNS, width - columns - 4)),
    );
    return about.map((text, place) => `  ${padEnd(place === 0 ? style.accent(safeText(task_id)) : "", columns)}  ${text}`);
  });
  const verdict = proven
    ? `The plan counts for ${formatNumber(cost)} (cost, time class, effects); no other counts for less.`
    : `The plan counts for ${formatNumber(cost)}; the search was cut short, another would count for ${formatNumber(least)} at least.`;
  return [style.bold("Why"), ...lines, style.dim(verdict)];
}

function passedOverText(other: Explanation["tasks"][number]["instead_of"][number], cost: number): string {
  const name = safeText(other.capability);
  if (other.plan_cost <= cost) return `${name} would do as well`;
  return `not ${name}: the plan would count for ${formatNumber(other.plan_cost)}${other.proven ? "" : " or less"}, not ${formatNumber(cost)}`;
}

function names(list: readonly string[]): string {
  const rest = list.length - MAX_NAMES;
  return `${list.slice(0, MAX_NAMES).map(safeText).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function count(value: number, noun: string): string {
  return `${formatNumber(value)} ${noun}${value === 1 ? "" : "s"}`;
}

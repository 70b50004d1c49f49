// The difference of two plans as lines: what came, what went, what changed. Pure.

import type { PlanDiff } from "@kos/plan";
import { safeLine } from "../format/safe-text.ts";
import type { Style } from "../format/style.ts";
import { cutTo } from "../format/text-width.ts";

type Field = PlanDiff["plan"][number];

export function diffLines(diff: PlanDiff, width: number, style: Style): readonly string[] {
  const lines = [
    ...diff.plan.flatMap((field) => fieldLines(field, "plan", style)),
    ...diff.removed.map((task) => style.bad(`- ${safeLine(task.task_id)}: ${safeLine(task.title)} (${safeLine(task.capability)})`)),
    ...diff.added.map((task) => style.good(`+ ${safeLine(task.task_id)}: ${safeLine(task.title)} (${safeLine(task.capability)})`)),
    ...diff.changed.flatMap(({ task_id, fields }) => [
      `~ ${style.bold(safeLine(task_id))}`,
      ...fields.flatMap((field) => fieldLines(field, "", style).map((line) => `  ${line}`)),
    ]),
  ];
  return lines.length === 0 ? ["The plans are the same."] : lines.map((line) => cutTo(line, width));
}

function fieldLines({ path, before, after }: Field, owner: string, style: Style): readonly string[] {
  const name = safeLine(owner + path.replace(/^\$\.?/, owner === "" ? "" : "."));
  return [
    ...(before === undefined ? [] : [style.bad(`- ${name}: ${valueText(before)}`)]),
    ...(after === undefined ? [] : [style.good(`+ ${name}: ${valueText(after)}`)]),
  ];
}

function valueText(value: unknown): string {
  return safeLine(typeof value === "string" ? value : (JSON.stringify(value) ?? "null"));
}

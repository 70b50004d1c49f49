// The difference of two plans as lines: what came, what went, what changed. Pure.

import { safeText } from "@kos/klp";
import type { PlanDiff } from "@kos/plan";
import type { Style } from "../format/style.ts";
import { cutTo } from "../format/text-width.ts";

type Field = PlanDiff["plan"][number];

export function diffLines(diff: PlanDiff, width: number, style: Style): readonly string[] {
  const lines = [
    ...diff.plan.flatMap((field) => fieldLines(field, "plan", style)),
    ...diff.removed.map((task) => style.bad(`- ${safeText(task.task_id)}: ${safeText(task.title)} (${safeText(task.capability)})`)),
    ...diff.added.map((task) => style.good(`+ ${safeText(task.task_id)}: ${safeText(task.title)} (${safeText(task.capability)})`)),
    ...diff.changed.flatMap(({ task_id, fields }) => [
      `~ ${style.bold(safeText(task_id))}`,
      ...fields.flatMap((field) => fieldLines(field, "", style).map((line) => `  ${line}`)),
    ]),
  ];
  return lines.length === 0 ? ["The plans are the same."] : lines.map((line) => cutTo(line, width));
}

function fieldLines({ path, before, after }: Field, owner: string, style: Style): readonly string[] {
  const name = safeText(owner + path.replace(/^\$\.?/, owner === "" ? "" : "."));
  return [
    ...(before === undefined ? [] : [style.bad(`- ${name}: ${valueText(before)}`)]),
    ...(after === undefined ? [] : [style.good(`+ ${name}: ${valueText(after)}`)]),
  ];
}

function valueText(value: unknown): string {
  return safeText(typeof value === "string" ? value : (JSON.stringify(value) ?? "null"));
}

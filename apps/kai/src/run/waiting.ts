// What a person can do about a plan that waits for one, as commands to type.

import type { PlanView } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Kai } from "../command.ts";
import { shortId } from "../format/quantity.ts";

export function waitingLines(kai: Pick<Kai, "terminal" | "invocation">, view: PlanView): readonly string[] {
  const { style } = kai.terminal;
  const id = shortId(view.plan.plan_id);
  const approvals = view.approvals
    .filter(({ status }) => status === "open")
    .flatMap((approval) => [
      `${style.warn("?")} ${safeText(approval.title)}`,
      `    look and decide:  ${kai.invocation} approve ${shortId(approval.approval_id)}`,
    ]);
  const inputs = view.inputs
    .filter(({ status }) => status === "open")
    .flatMap((input) => [
      `${style.warn("?")} ${safeText(input.question)}`,
      `    answer:  ${kai.invocation} answer ${shortId(input.input_id)}`,
    ]);
  const doubts = view.tasks
    .filter(({ status }) => status === "in_doubt")
    .flatMap((task) => [
      `${style.warn("!")} ${safeText(task.task_id)} was cut off; whether it took effect is unknown`,
      `    settle it:  ${kai.invocation} resolve ${id} ${safeText(task.task_id)} --outcome succeeded|failed|run_again --reason TEXT`,
    ]);
  const paused = view.plan.status === "paused" ? [`${style.warn("‖")} paused`, `    go on:  ${kai.invocation} resume ${id}`] : [];
  return [...approvals, ...inputs, ...doubts, ...paused];
}

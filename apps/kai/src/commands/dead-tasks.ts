// Dead letters as `kai ps --dead` shows them: the tasks that lost their worker on every attempt, and how to go on with each.

import type { DeadTask } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Kai } from "../command.ts";
import { eachItem } from "../connection/session.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import type { Style } from "../format/style.ts";
import { renderTable } from "../format/table.ts";

export async function listDeadTasks(kai: Kai, most: number): Promise<void> {
  const { client } = await kai.connect();
  const found: DeadTask[] = [];
  for await (const task of eachItem(client, "tasks", { query: { state: "dead", limit: Math.min(200, most) } })) {
    found.push(task);
    if (found.length >= most) break;
  }
  const { terminal, machine, invocation } = kai;
  if (terminal.isJson) for (const task of found) terminal.json(task);
  else if (found.length === 0) terminal.print("No task has lost its worker on every attempt.");
  else {
    const table = deadTable(found, machine.now(), terminal.width(), terminal.style);
    terminal.print(...table, "", `Look first:  ${invocation} logs PLAN`, `Go on with:  ${invocation} retry PLAN`);
  }
}

function deadTable(tasks: readonly DeadTask[], nowMs: number, width: number, style: Style): readonly string[] {
  const columns = [
    { title: "plan" },
    { title: "task" },
    { title: "capability" },
    { title: "attempts", align: "right" as const },
    { title: "died" },
    { title: "retried as" },
    { title: "last error", flexible: true },
  ];
  const rows = tasks.map((task) => [
    style.accent(shortId(task.plan_id)),
    safeText(task.task_id),
    task.capability,
    String(task.attempts),
    formatTime(task.died_at, nowMs),
    task.retried_as === undefined ? "-" : style.accent(shortId(task.retried_as)),
    safeText(task.error.message),
  ]);
  return renderTable(columns, rows, width, style);
}

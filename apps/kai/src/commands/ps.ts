// `kai ps`: plans, newest first.

import type { PlanSummary } from "@kos/api";
import { safeText } from "@kos/klp";
import { PLAN_STATUSES } from "@kos/plan";
import type { Command } from "../command.ts";
import { eachItem } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatDuration, formatTime, shortId } from "../format/quantity.ts";
import { type Style, signOf, statusText } from "../format/style.ts";
import { renderTable } from "../format/table.ts";
import { didYouMean, usageError } from "../usage.ts";
import { listDeadTasks } from "./dead-tasks.ts";

const DEFAULT_ROWS = 20;

export const ps: Command = {
  name: "ps",
  group: "Run",
  summary: "list plans, newest first",
  options: [
    { flags: "-a, --all", about: "all of them, not only the newest 20" },
    { flags: "-n, --limit <count>", about: "how many at most" },
    { flags: "--status <names>", about: "only these, comma-separated: running,failed" },
    { flags: "--open", about: "only those that have not ended" },
    { flags: "--dead", about: "instead of plans the tasks that lost their worker on every attempt" },
  ],
  examples: [
    ["ps", "the newest 20 plans"],
    ["ps --open", "what is running or waiting"],
    ["ps --dead", "what killed its worker every time, and how to go on"],
    ["ps --status failed --json", "as JSON lines"],
  ],
  async perform(kai, input) {
    const status = input.flag("open") ? "waiting_approval,waiting_input,running,paused,in_doubt" : input.text("status");
    checkStatuses(status);
    const most = input.count("limit", 1) ?? (input.flag("all") ? Number.POSITIVE_INFINITY : DEFAULT_ROWS);
    if (input.flag("dead")) {
      if (status !== undefined) throw usageError("--dead lists tasks, not plans: it goes with neither --open nor --status.");
      await listDeadTasks(kai, most);
      return EXIT.done;
    }
    const session = await kai.connect();
    const found: PlanSummary[] = [];
    const query = { limit: Math.min(200, most), ...(status !== undefined && { status }) };
    for await (const plan of eachItem(session.client, "plans", { query })) {
      found.push(plan);
      if (found.length >= most) break;
    }
    const { terminal, machine } = kai;
    if (terminal.isJson) for (const plan of found) terminal.json(plan);
    else if (found.length === 0)
      terminal.print(`No plans${status === undefined ? " yet" : " of that kind"}. Start one: ${kai.invocation} run repo-report --path .`);
    else terminal.print(...planTable(found, machine.now(), terminal.width(), terminal.style));
    return EXIT.done;
  },
};

function planTable(plans: readonly PlanSummary[], nowMs: number, width: number, style: Style): readonly string[] {
  const columns = [
    { title: "plan" },
    { title: "status" },
    { title: "tasks", align: "right" as const },
    { title: "started" },
    { title: "took", align: "right" as const },
    { title: "goal", flexible: true },
  ];
  const rows = plans.map((plan) => [
    style.accent(shortId(plan.plan_id)),
    `${signOf(plan.status, style)} ${statusText(plan.status, style)}`,
    `${plan.tasks_done}/${plan.tasks_total}`,
    formatTime(plan.created_at, nowMs),
    formatDuration((plan.ended_at === undefined ? nowMs : Date.parse(plan.ended_at)) - Date.parse(plan.created_at)),
    safeText(plan.goal),
  ]);
  return renderTable(columns, rows, width, style);
}

function checkStatuses(status: string | undefined): void {
  for (const name of status?.split(",") ?? []) {
    if (!(PLAN_STATUSES as readonly string[]).includes(name))
      throw usageError(`"${name}" is no plan status.`, { hint: didYouMean(name, PLAN_STATUSES) });
  }
}

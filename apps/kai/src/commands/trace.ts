// `kai trace`: where a plan's time went.

import type { Trace } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import { EXIT } from "../exit-code.ts";
import { formatDuration } from "../format/quantity.ts";
import type { Style } from "../format/style.ts";
import { renderTable } from "../format/table.ts";
import { bar } from "../view/run-lines.ts";

const BAR_COLUMNS = 20;

export const trace: Command = {
  name: "trace",
  group: "Look inside",
  summary: "queued, run, review and commit time of every attempt, and the critical path",
  args: [{ name: "plan", about: "a plan's id, a unique end or beginning of it, or `last`" }],
  examples: [["trace last", "where the time of the newest plan went"]],
  async perform(kai, input) {
    const session = await kai.connect();
    const found = await session.client.call("trace", { params: { plan_id: await resolvePlanId(session, input.args[0] ?? "last") } });
    const { terminal } = kai;
    if (terminal.isJson) terminal.json(found);
    else terminal.print(...traceLines(found, terminal.width(), terminal.style));
    return EXIT.done;
  },
};

function traceLines(trace: Trace, width: number, style: Style): readonly string[] {
  const right = { align: "right" as const };
  const columns = [
    { title: "task", flexible: true },
    { title: "try", ...right },
    { title: "outcome" },
    { title: "queued", ...right },
    { title: "run", ...right },
    { title: "review", ...right },
    { title: "commit", ...right },
  ];
  const rows = trace.attempts.map((attempt) => [
    safeText(attempt.task_id),
    String(attempt.attempt),
    safeText(attempt.outcome),
    ...[attempt.queued_ms, attempt.run_ms, attempt.review_ms, attempt.commit_ms].map((ms) => formatDuration(ms)),
  ]);
  const longest = Math.max(1, ...trace.critical_path.map(({ ms }) => ms));
  const path = trace.critical_path.map(({ task_id, ms }) => [safeText(task_id), formatDuration(ms), bar(ms / longest, BAR_COLUMNS, style)]);
  return [
    ...renderTable(columns, rows, width, style),
    "",
    `${style.bold("Critical path")} ${style.dim(`of ${formatDuration(trace.total_ms)} in all`)}`,
    ...renderTable([{ title: "task", flexible: true }, { title: "time", ...right }, { title: "" }], path, width, style),
  ];
}

// `kai show`: one plan as it stands, or its evidence.

import { Readable } from "node:stream";
import { runStateOf } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import type { Session } from "../connection/session.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import { safeLines } from "../format/safe-text.ts";
import { signOf, statusText } from "../format/style.ts";
import { followPlan } from "../run/follow.ts";
import { artifactsOf } from "../run/report-folder.ts";
import { waitingLines } from "../run/waiting.ts";
import { runLines } from "../view/run-lines.ts";
import { artifactLines, outputLines, problemLines, verdictLines } from "../view/run-summary.ts";

const ALL_ROWS = 20_000;

export const show: Command = {
  name: "show",
  group: "Run",
  summary: "show a plan: tasks, verdicts, output, what it waits for",
  details: "With --evidence the whole run goes to standard output as one file that `kai verify` checks offline.",
  args: [{ name: "plan", about: "a plan's id, a unique end or beginning of it, or `last`" }],
  options: [
    { flags: "--evidence", about: "write the run's evidence to standard output" },
    { flags: "--follow", about: "follow it to its end; Ctrl-C ends the watching, not the plan" },
    { flags: "--output", about: "only the plan's output, as JSON" },
    { flags: "--task <name>", about: "one task with its output" },
  ],
  examples: [
    ["show last", "the newest plan"],
    ["show 1f2e3d4c --evidence > run.kos.json", "its evidence as a file"],
    ["show last --follow", "watch a running plan"],
    ["show last --output", "what it gave back"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const planId = await resolvePlanId(session, input.args[0] ?? "last");
    if (input.flag("evidence")) return writeEvidence(kai, session, planId);
    const taskId = input.text("task");
    if (taskId !== undefined) {
      const task = await session.client.call("task", { params: { plan_id: planId, task_id: taskId } });
      kai.terminal.print(...(kai.terminal.isJson ? [JSON.stringify(task)] : safeLines(JSON.stringify(task, undefined, 2))));
      return EXIT.done;
    }
    if (input.flag("follow")) {
      const { view, how } = await followPlan(kai, session, planId, { approvePlan: false, cancels: false });
      if (how === "left") return EXIT.done;
      if (kai.terminal.isJson) kai.terminal.json({ event: "result", plan_id: planId, status: view.plan.status });
      else kai.terminal.print(...waitingLines(kai, view));
      return exitCodeOf(view.plan.status);
    }
    const view = await session.client.call("plan", { params: { plan_id: planId } });
    if (input.flag("output")) kai.terminal.json(view.output ?? null);
    else if (kai.terminal.isJson) kai.terminal.json(view);
    else await print(kai, session, planId);
    return EXIT.done;
  },
};

async function writeEvidence(kai: Kai, session: Session, planId: string): Promise<typeof EXIT.done> {
  const answer = await session.client.open("evidence", { params: { plan_id: planId } });
  if (answer.body === null) return EXIT.done;
  for await (const chunk of Readable.fromWeb(answer.body as never)) kai.terminal.raw(chunk as Uint8Array);
  return EXIT.done;
}

async function print(kai: Kai, session: Session, planId: string): Promise<void> {
  const { terminal, machine } = kai;
  const { style } = terminal;
  const view = await session.client.call("plan", { params: { plan_id: planId } });
  const { plan } = view;
  const width = terminal.width();
  const rows = runLines(runStateOf(view), { width, height: ALL_ROWS, nowMs: machine.now(), style });
  const sections = [
    [
      `${signOf(plan.status, style)} ${style.bold(safeText(plan.goal))}`,
      `  ${statusText(plan.status, style)} ${style.dim("·")} ${safeText(plan.strategy)}${plan.playbook ? ` ${safeText(plan.playbook.name)}` : ""} ${style.dim("·")} ${formatTime(plan.created_at, machine.now())} ${style.dim("by")} ${safeText(plan.created_by)}`,
      style.dim(`  ${plan.plan_id}  ${plan.hash}`),
    ],
    rows,
    verdictLines(view, width, style),
    outputLines(view.output, width, style),
    artifactLines(await artifactsOf(session, planId), undefined, style),
    problemLines(view, style),
    waitingLines(kai, view),
    [style.dim(`More: ${kai.invocation} trace ${shortId(planId)} · logs ${shortId(planId)} · events ${shortId(planId)}`)],
  ];
  terminal.print(
    ...sections.filter((section) => section.length > 0).flatMap((section, place) => (place === 0 ? section : ["", ...section])),
  );
}

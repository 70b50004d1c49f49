// `kai run`: submit, follow, report.

import type { PlanView } from "@kos/api";
import type { Command, Kai } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { shortId } from "../format/quantity.ts";
import { COMPOSE_OPTIONS } from "../run/composed-work.ts";
import { keepInterrupts } from "../run/interrupts.ts";
import { SCHEDULE_OPTIONS, scheduleRun, wantsSchedule } from "../run/schedule-run.ts";
import { readSubmission } from "../run/submission.ts";
import { submitTo } from "../run/submit.ts";
import { watchRun } from "../run/watch-run.ts";
import { usageError } from "../usage.ts";

export const RUN_OPTIONS = [
  { flags: "--params <file>", about: "parameters from a JSON or YAML file, - for standard input" },
  { flags: "--param <name=value>", about: "one parameter, whatever its name", isList: true },
  { flags: "--capability <name>", about: "call one capability instead of a playbook or plan" },
  { flags: "--goal <text>", about: "a goal in words, planned by a model" },
  ...COMPOSE_OPTIONS,
  { flags: "--grant <path>", about: "let the run read this folder too; --path parameters are granted by themselves", isList: true },
  { flags: "--budget <limits>", about: "time=10m,attempts=50,calls=20,units=5: what is used up stops the run" },
] as const;

export const run: Command = {
  name: "run",
  group: "Run",
  summary: "run a playbook, a plan or one capability, and follow it to its end",
  details:
    "A target ending in .json, .yaml or .yml is a plan file, anything else a playbook, whose parameters become options (--path DIR).\n" +
    "Works with no node running: one is started for the time of the job and ends by itself. Ctrl-C cancels the run; a second\n" +
    "Ctrl-C leaves at once, and the node goes on.",
  args: [
    { name: "target", about: "a playbook's name, or a plan file", isOptional: true },
    { name: "params", about: "the playbook's parameters", isOptional: true, isList: true },
  ],
  options: [
    ...RUN_OPTIONS,
    ...SCHEDULE_OPTIONS,
    { flags: "--approval", about: "ask a person to approve the plan before it starts" },
    { flags: "--yes", about: "approve the plan itself without asking; calls that need approval are still asked for" },
    { flags: "--detach", about: "do not wait: print the plan's id and leave it to the node" },
    { flags: "--out <dir>", about: "where the report is written (default: a new folder here)" },
    { flags: "--no-out", about: "write no report; its artifacts stay in the node" },
  ],
  takesAnyOption: true,
  examples: [
    ["run repo-report --path ../some/checkout", "a report on a code base"],
    ["run plan.yaml --budget time=10m", "a plan of your own, at most ten minutes of work"],
    ["run --capability fs.scan --path .", "a single capability"],
    ["run --given path=notes.pdf --want summary", "from what there is to what is wanted; kOS finds the plan"],
    ["run repo-report --path . --json", "one JSON object a line: plan, frames, result"],
    ["run repo-report --path . --detach", "start it and leave; `kai ps` shows it"],
    ["run repo-report --path . --every '0 9 * * 1-5'", "every weekday at nine, as long as a node is up"],
  ],
  async perform(kai, input) {
    const startedAtMs = kai.machine.now();
    if (input.flag("detach") && input.text("out") !== undefined)
      throw usageError("--out needs the run's end, so it does not go with --detach.");
    const isLater = wantsSchedule(input);
    const connected = await kai.connect();
    const submission = await readSubmission(kai, connected, input);
    if (isLater) return scheduleRun(kai, connected, submission, input);
    const idempotencyKey = kai.machine.newSecret();
    using interrupts = keepInterrupts(kai.machine);
    const { result: accepted, session } = await submitTo(kai, connected, submission, (to, grant) =>
      to.client.call("submit", { body: submission.request }, { idempotencyKey, ...(grant !== undefined && { grant }) }),
    );
    const view = await session.client.call("plan", { params: { plan_id: accepted.plan_id } });
    if (kai.terminal.isJson) kai.terminal.json({ event: "plan", plan: view.plan });
    if (input.flag("detach")) return detached(kai, view);
    return await watchRun(kai, session, view.plan, {
      name: submission.name,
      shows: submission.shows,
      out: input.wants("out") ? input.text("out") : null,
      approvePlan: input.flag("yes"),
      startedAtMs,
      interrupts,
    });
  },
};

function detached(kai: Kai, { plan }: PlanView): typeof EXIT.done {
  if (!kai.terminal.isJson) {
    kai.terminal.print(`${plan.plan_id} ${plan.status}`);
    kai.terminal.remark(`Look at it with: ${kai.invocation} show ${shortId(plan.plan_id)}`);
  }
  return EXIT.done;
}

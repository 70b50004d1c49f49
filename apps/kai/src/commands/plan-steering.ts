// Commands that move a plan on or stop it: cancel, pause, resume, retry, fork, resolve.

import type { TaskAccepted } from "@kos/api";
import type { Command, CommandInput, Kai } from "../command.ts";
import { resolvePath } from "../connection/data-files.ts";
import { withGrant } from "../connection/grant.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import type { Session } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { shortId } from "../format/quantity.ts";
import { signOf, statusText } from "../format/style.ts";
import { readDocument } from "../run/plan-file.ts";
import { usageError } from "../usage.ts";

const PLAN = { name: "plan", about: "a plan's id, a unique end or beginning of it, or `last`" } as const;
const REASON = { flags: "--reason <text>", about: "why; it goes into the log" } as const;
const CONFIRM = [
  { flags: "--accept-changed", about: "go on although a playbook or capability changed since" },
  { flags: "--confirm-effects", about: "let effects that happened already happen again" },
] as const;

function steering(name: "cancel" | "pause" | "resume", summary: string, effect: string): Command {
  const route = ({ cancel: "cancelPlan", pause: "pausePlan", resume: "resumePlan" } as const)[name];
  return {
    name,
    group: "Plans",
    summary,
    args: [PLAN],
    options: [REASON],
    examples: [[`${name} 1f2e3d4c`, effect]],
    async perform(kai, input) {
      const { session, planId } = await target(kai, input);
      const reason = input.text("reason");
      const body = reason === undefined ? {} : { reason };
      return say(kai, await session.client.call(route, { params: { plan_id: planId }, body }));
    },
  };
}

export const cancel = steering("cancel", "cancel a plan and what runs in it", "stop it; what is finished stays");
export const pause = steering("pause", "start nothing new in a plan; what runs ends", "hold it");
export const resume = steering("resume", "go on with a paused plan", "go on");

export const retry: Command = {
  name: "retry",
  group: "Plans",
  summary: "run the failed tasks of an ended plan again; finished ones are kept",
  details: "Before anything runs, the playbook and the capabilities are compared with what was recorded; what changed is listed.",
  args: [PLAN],
  options: [{ flags: "--task <name>", about: "only this task and what follows from it", isList: true }, ...CONFIRM],
  examples: [
    ["retry 1f2e3d4c", "after what made it fail was mended"],
    ["retry 1f2e3d4c --task fetch", "only one of them"],
  ],
  async perform(kai, input) {
    const { session, planId } = await target(kai, input);
    const tasks = input.list("task");
    const body = { ...(tasks.length > 0 && { tasks: [...tasks] }), ...confirmations(input) };
    const options = { idempotencyKey: kai.machine.newSecret() };
    return say(kai, await session.client.call("retryPlan", { params: { plan_id: planId }, body }, options));
  },
};

export const fork: Command = {
  name: "fork",
  group: "Plans",
  summary: "a new plan from an old one, with changed input; results that still hold are reused",
  details: "Approvals are not carried over. Effects that would happen again are listed and must be confirmed.",
  args: [PLAN],
  options: [
    { flags: "--from <task>", about: "run this task and what follows again" },
    { flags: "--params <file>", about: "new params by task, from a JSON or YAML file: {task: {param: value}}" },
    { flags: "--playbook-params <file>", about: "new parameters of the playbook: the plan is made anew" },
    { flags: "--grant <path>", about: "let the run read this folder too", isList: true },
    ...CONFIRM,
  ],
  examples: [
    ["fork 1f2e3d4c --from summarise", "again from one task on"],
    ["fork last --playbook-params new.json", "the same playbook with other parameters"],
  ],
  async perform(kai, input) {
    const { session, planId } = await target(kai, input);
    const from = input.text("from");
    const params = await objectIn(kai, input, "params");
    const playbookParams = await objectIn(kai, input, "playbook-params");
    const body = {
      ...(from !== undefined && { from }),
      ...(params !== undefined && { params: params as Record<string, Record<string, unknown>> }),
      ...(playbookParams !== undefined && { playbook_params: playbookParams }),
      ...confirmations(input),
    };
    const roots = input.list("grant").map((path) => resolvePath(kai.machine, path));
    const accepted = await withGrant(kai.machine, kai.dataFolder, roots, (grant) =>
      session.client.call(
        "forkPlan",
        { params: { plan_id: planId }, body },
        { idempotencyKey: kai.machine.newSecret(), ...(grant !== undefined && { grant }) },
      ),
    );
    return say(kai, accepted);
  },
};

export const resolve: Command = {
  name: "resolve",
  group: "People",
  summary: "settle a task whose effect is in doubt",
  details: "Look first whether the effect happened. The reason goes into the signed log.",
  args: [PLAN, { name: "task", about: "the task in doubt" }],
  options: [
    { flags: "--outcome <outcome>", about: "what happened", choices: ["succeeded", "failed", "run_again"] },
    { flags: "--output <file>", about: "its output, as a JSON or YAML file (with succeeded)" },
    REASON,
  ],
  examples: [["resolve 1f2e3d4c send --outcome succeeded --reason 'the mail is in the outbox'", "it happened"]],
  async perform(kai, input) {
    const outcome = input.text("outcome");
    const reason = input.text("reason");
    if (outcome === undefined) throw usageError("Say what happened: --outcome succeeded, failed or run_again.");
    if (reason === undefined) throw usageError("Say how you know: --reason TEXT.");
    const { session, planId } = await target(kai, input);
    const file = input.text("output");
    const output = file === undefined ? undefined : (await readDocument(kai.machine, file)).value;
    const body = {
      task_id: input.args[1] ?? "",
      outcome: outcome as "succeeded" | "failed" | "run_again",
      reason,
      ...(output !== undefined && { output }),
    };
    return say(kai, await session.client.call("resolveTask", { params: { plan_id: planId }, body }));
  },
};

async function target(kai: Kai, input: CommandInput): Promise<{ readonly session: Session; readonly planId: string }> {
  const session = await kai.connect();
  return { session, planId: await resolvePlanId(session, input.args[0] ?? "") };
}

function say(kai: Kai, accepted: TaskAccepted): typeof EXIT.done {
  const { terminal } = kai;
  if (terminal.isJson) terminal.json(accepted);
  else {
    terminal.print(
      `${signOf(accepted.status, terminal.style)} plan ${shortId(accepted.plan_id)} ${statusText(accepted.status, terminal.style)}`,
    );
    if (accepted.status === "running") terminal.remark(`Watch it with: ${kai.invocation} show ${shortId(accepted.plan_id)} --follow`);
  }
  return EXIT.done;
}

function confirmations(input: CommandInput) {
  return {
    ...(input.flag("accept-changed") && { accept_changed: true }),
    ...(input.flag("confirm-effects") && { confirm_effects: true }),
  };
}

async function objectIn(kai: Kai, input: CommandInput, option: string): Promise<Record<string, unknown> | undefined> {
  const file = input.text(option);
  if (file === undefined) return undefined;
  const { value } = await readDocument(kai.machine, file);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw usageError(`--${option} ${file} holds no object.`);
  return value as Record<string, unknown>;
}

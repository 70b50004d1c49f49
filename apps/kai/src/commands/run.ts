// `kai run`: submit, follow, report.

import type { Artifact, PlanView, TaskAccepted } from "@kos/api";
import { isKosError, KosError, toWireError } from "@kos/klp";
import { planTree } from "@kos/plan";
import type { Command, CommandInput, Kai } from "../command.ts";
import { resolvePath } from "../connection/data-files.ts";
import { withGrant } from "../connection/grant.ts";
import type { Session } from "../connection/session.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { shortId } from "../format/quantity.ts";
import { safeLines } from "../format/safe-text.ts";
import { cutTo } from "../format/text-width.ts";
import { type Followed, followPlan } from "../run/follow.ts";
import type { ReadDocument } from "../run/plan-file.ts";
import { artifactsOf, safeFileName, shownPath, writeArtifacts } from "../run/report-folder.ts";
import { readSubmission, type Submission } from "../run/submission.ts";
import { waitingLines } from "../run/waiting.ts";
import { usageError } from "../usage.ts";
import { artifactLines, outcomeLine, outputLines, problemLines, verdictLines } from "../view/run-summary.ts";

const MOST_TREE_TASKS = 60;

export const RUN_OPTIONS = [
  { flags: "--params <file>", about: "parameters from a JSON or YAML file, - for standard input" },
  { flags: "--param <name=value>", about: "one parameter, whatever its name", isList: true },
  { flags: "--capability <name>", about: "call one capability instead of a playbook or plan" },
  { flags: "--goal <text>", about: "a goal in words, planned by a model" },
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
    ["run repo-report --path . --json", "one JSON object a line: plan, frames, result"],
    ["run repo-report --path . --detach", "start it and leave; `kai ps` shows it"],
  ],
  async perform(kai, input) {
    const startedAtMs = kai.machine.now();
    if (input.flag("detach") && input.text("out") !== undefined)
      throw usageError("--out needs the run's end, so it does not go with --detach.");
    const session = await kai.connect();
    const submission = await readSubmission(kai, session, input);
    const accepted = await submit(kai, session, submission);
    const view = await session.client.call("plan", { params: { plan_id: accepted.plan_id } });
    if (kai.terminal.isJson) kai.terminal.json({ event: "plan", plan: view.plan });
    if (input.flag("detach")) return detached(kai, view);
    if (!kai.terminal.isJson) kai.terminal.print(...treeLines(kai, view), "");
    const followed = await followPlan(kai, session, accepted.plan_id, { approvePlan: input.flag("yes"), cancels: true });
    return finish(kai, followed, submission, input, startedAtMs);
  },
};

/** Errors: the node's own; where a plan came from a file, each finding says its line. */
async function submit(kai: Kai, session: Session, { request, roots, source }: Submission): Promise<TaskAccepted> {
  const idempotencyKey = kai.machine.newSecret();
  try {
    return await withGrant(kai.machine, kai.dataFolder, roots, (grant) =>
      session.client.call("submit", { body: request }, { idempotencyKey, ...(grant !== undefined && { grant }) }),
    );
  } catch (error) {
    throw source === undefined ? error : withLines(error, source);
  }
}

export function withLines(error: unknown, source: ReadDocument): unknown {
  if (!isKosError(error) || !Array.isArray(error.details?.["findings"])) return error;
  const findings = error.details["findings"].map((finding: unknown) => {
    const path = typeof finding === "object" && finding !== null ? (finding as { readonly path?: unknown }).path : undefined;
    return typeof path === "string" ? { ...(finding as object), source: source.place(path) } : finding;
  });
  return new KosError(error.code, error.message, { details: { ...error.details, findings }, cause: error });
}

function treeLines(kai: Pick<Kai, "terminal">, view: Pick<PlanView, "plan">): readonly string[] {
  const { style } = kai.terminal;
  const [goal = "", ...tasks] = safeLines(planTree(view.plan, { maxTasks: MOST_TREE_TASKS }).trimEnd());
  const width = kai.terminal.width();
  return [cutTo(style.bold(goal), width), ...tasks.map((line) => cutTo(line, width))];
}

function detached(kai: Kai, { plan }: PlanView): typeof EXIT.done {
  if (!kai.terminal.isJson) {
    kai.terminal.print(`${plan.plan_id} ${plan.status}`);
    kai.terminal.remark(`Look at it with: ${kai.invocation} show ${shortId(plan.plan_id)}`);
  }
  return EXIT.done;
}

async function finish(kai: Kai, { view, how, session }: Followed, { name, shows }: Submission, input: CommandInput, startedAtMs: number) {
  const { terminal } = kai;
  const id = shortId(view.plan.plan_id);
  if (how === "left") {
    terminal.remark("", `Left. The node goes on by itself; look again with: ${kai.invocation} show ${id} --follow`);
    return EXIT.cancelled;
  }
  const exitCode = exitCodeOf(view.plan.status);
  const artifacts = how === "ended" ? chosen(await artifactsOf(session, view.plan.plan_id), shows, view.output) : [];
  const report = await writeReport(kai, session, artifacts, `${safeFileName(name)}-${id}`, input);
  const tookMs = kai.machine.now() - startedAtMs;
  if (terminal.isJson) terminal.json(resultDocument(view, artifacts, report, exitCode, tookMs));
  else {
    terminal.print("", ...summaryLines(kai, view, artifacts, report?.files, tookMs));
    if (report?.problem !== undefined) terminal.remark(report.problem);
    if (how === "waiting") terminal.print(...waitingLines(kai, view));
  }
  return exitCode;
}

/** Those that the playbook wants shown, which it names by fields of its output; all where none of them is there. */
function chosen(artifacts: readonly Artifact[], shows: readonly string[], output: unknown): readonly Artifact[] {
  const fields = typeof output === "object" && output !== null ? (output as Readonly<Record<string, unknown>>) : {};
  const hashes = shows.map((name) => (fields[name] as { readonly hash?: unknown } | null | undefined)?.hash);
  const wanted = artifacts.filter(({ hash }) => hashes.includes(hash));
  return wanted.length > 0 ? wanted : artifacts;
}

interface Report {
  readonly folder?: string;
  /** Paths as shown, in the order of the artifacts. */
  readonly files?: readonly string[];
  readonly problem?: string;
}

/** A report that cannot be written does not make the run fail: the artifacts are in the node. */
async function writeReport(
  kai: Kai,
  session: Session,
  artifacts: readonly Artifact[],
  name: string,
  input: CommandInput,
): Promise<Report | undefined> {
  if (artifacts.length === 0 || !input.wants("out")) return undefined;
  const { cwd } = kai.machine;
  const wanted = resolvePath(kai.machine, input.text("out") ?? name);
  try {
    const { folder, files } = await writeArtifacts(session, artifacts, wanted);
    return { folder: shownPath(folder, cwd), files: files.map((file) => shownPath(file, cwd)) };
  } catch (error) {
    return { problem: `The report was not written: ${toWireError(error).message} It is kept: ${kai.invocation} artifact list` };
  }
}

function resultDocument(view: PlanView, artifacts: readonly Artifact[], report: Report | undefined, exitCode: number, tookMs: number) {
  return {
    event: "result",
    plan_id: view.plan.plan_id,
    status: view.plan.status,
    exit_code: exitCode,
    took_ms: tookMs,
    output: view.output ?? null,
    verdicts: Object.fromEntries(view.tasks.flatMap(({ task_id, verdict }) => (verdict ? [[task_id, verdict]] : []))),
    ...(view.verdict && { verdict: view.verdict }),
    ...(view.error && { error: view.error }),
    approvals: view.approvals.filter(({ status }) => status === "open"),
    inputs: view.inputs.filter(({ status }) => status === "open"),
    artifacts,
    report: report?.folder ?? null,
    files: report?.files ?? [],
    ...(report?.problem !== undefined && { report_problem: report.problem }),
  };
}

function summaryLines(
  kai: Kai,
  view: PlanView,
  artifacts: readonly Artifact[],
  files: readonly string[] | undefined,
  tookMs: number,
): readonly string[] {
  const { terminal, invocation } = kai;
  const { style } = terminal;
  const width = terminal.width();
  const id = shortId(view.plan.plan_id);
  const sections = [
    verdictLines(view, width, style),
    view.plan.status === "succeeded" ? outputLines(view.output, width, style) : [],
    artifactLines(artifacts, files, style),
    [outcomeLine(view, tookMs, style), ...problemLines(view, style)],
    view.plan.status === "succeeded" || view.plan.status === "failed"
      ? [
          `${style.dim("Verify it:")} ${invocation} show ${id} --evidence > run.kos.json && ${invocation.split(" --data")[0] ?? "kai"} verify run.kos.json`,
        ]
      : [],
  ];
  return sections.filter((section) => section.length > 0).flatMap((section, place) => (place === 0 ? section : ["", ...section]));
}

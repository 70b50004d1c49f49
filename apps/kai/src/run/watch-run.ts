// From a submitted plan to its end on the terminal: tree, progress, verdicts, output, report, and how to verify it all.

import type { Artifact, PlanView } from "@kos/api";
import { toWireError } from "@kos/klp";
import { planTree } from "@kos/plan";
import type { Kai } from "../command.ts";
import { resolvePath } from "../connection/data-files.ts";
import type { Session } from "../connection/session.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../exit-code.ts";
import { shortId } from "../format/quantity.ts";
import { safeLines } from "../format/safe-text.ts";
import { cutTo } from "../format/text-width.ts";
import { artifactLines, outcomeLine, outputLines, problemLines, verdictLines } from "../view/run-summary.ts";
import { type Followed, followPlan } from "./follow.ts";
import type { Interrupts } from "./interrupts.ts";
import { artifactsOf, safeFileName, shownPath, writeArtifacts } from "./report-folder.ts";
import { waitingLines } from "./waiting.ts";

const MOST_TREE_TASKS = 60;

interface RunEnding {
  /** Names the report's folder. */
  readonly name: string;
  /** Fields of the output that hold the artifacts to show; empty: all artifacts. */
  readonly shows: readonly string[];
  /** A folder as the person wrote it; undefined for a new one here, null for none. */
  readonly out: string | undefined | null;
  readonly approvePlan: boolean;
  readonly startedAtMs: number;
  readonly interrupts: Interrupts;
}

/** Gives the exit code. Prints the plan's tree first. */
export async function watchRun(kai: Kai, first: Session, plan: PlanView["plan"], ending: RunEnding): Promise<ExitCode> {
  if (!kai.terminal.isJson) kai.terminal.print(...treeLines(kai, plan), "");
  const followed = await followPlan(kai, first, plan.plan_id, {
    approvePlan: ending.approvePlan,
    cancels: true,
    interrupts: ending.interrupts,
  });
  return finish(kai, followed, ending);
}

function treeLines({ terminal }: Pick<Kai, "terminal">, plan: PlanView["plan"]): readonly string[] {
  const [goal = "", ...tasks] = safeLines(planTree(plan, { maxTasks: MOST_TREE_TASKS }).trimEnd());
  const width = terminal.width();
  return [cutTo(terminal.style.bold(goal), width), ...tasks.map((line) => cutTo(line, width))];
}

async function finish(kai: Kai, { view, how, session }: Followed, { name, shows, out, startedAtMs }: RunEnding): Promise<ExitCode> {
  const { terminal } = kai;
  const id = shortId(view.plan.plan_id);
  if (how === "left") {
    terminal.remark("", `Left. The node goes on by itself; look again with: ${kai.invocation} show ${id} --follow`);
    return EXIT.cancelled;
  }
  const exitCode = exitCodeOf(view.plan.status);
  const artifacts = how === "ended" ? chosen(await artifactsOf(session, view.plan.plan_id), shows, view.output) : [];
  const report = await writeReport(kai, session, artifacts, out === undefined ? `${safeFileName(name)}-${id}` : out);
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
async function writeReport(kai: Kai, session: Session, artifacts: readonly Artifact[], out: string | null): Promise<Report | undefined> {
  if (artifacts.length === 0 || out === null) return undefined;
  const { cwd } = kai.machine;
  try {
    const { folder, files } = await writeArtifacts(session, artifacts, resolvePath(kai.machine, out));
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

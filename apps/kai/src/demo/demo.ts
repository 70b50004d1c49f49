// `kai demo`: what kOS promises, seen in half a minute on files it makes itself. It uses a folder and a node of its own; no network, no key.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EvidenceReport, verifyEvidence } from "@kos/evidence";
import { KosError, safeText } from "@kos/klp";
import { planTree } from "@kos/plan";
import type { Command, Kai } from "../command.ts";
import { attachToNode } from "../connection/connect.ts";
import { resolvePath } from "../connection/data-files.ts";
import { withGrant } from "../connection/grant.ts";
import type { Session } from "../connection/session.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { formatBytes, formatDuration, formatNumber } from "../format/quantity.ts";
import { safeLines } from "../format/safe-text.ts";
import { cutTo } from "../format/text-width.ts";
import { type OwnNode, startOwnNode } from "../own-node/own-node.ts";
import { followPlan } from "../run/follow.ts";
import { approvalLines } from "../run/question.ts";
import { artifactsOf, shownPath, writeArtifacts } from "../run/report-folder.ts";
import { type DemoFacts, makeDemoFiles } from "./demo-files.ts";
import { createDemoStage, type DemoStage } from "./demo-stage.ts";
import { checkReport } from "./report-check.ts";
import { killWorkerDuring, workerLossOf } from "./worker-loss.ts";

const STEPS = 7;
const PLAYBOOK = "repo-report";
/** The step whose process is killed: it has several items under way at once. */
const KILLED_TASK = /^metrics\[/;

export const demo: Command = {
  name: "demo",
  group: "Run",
  summary: "half a minute that shows what kOS does: plan, approval, agents, a crash, a report, its proof",
  details:
    "Makes a folder of files under the system's folder for temporary files, starts a node of its own on it, runs a real plan, kills one of its\n" +
    "processes on purpose, and checks the evidence. Your own node and data are not touched; no network and no key are needed.",
  options: [
    { flags: "--out <dir>", about: "keep the report here (default: it goes with the rest)" },
    { flags: "--keep", about: "keep the node's data folder and the files, and say where they are" },
  ],
  examples: [
    ["demo", "see it"],
    ["demo --keep", "and look around afterwards"],
  ],
  async perform(kai, input) {
    const startedAtMs = kai.machine.now();
    const place = await mkdtemp(join(tmpdir(), "kos-demo-"));
    const out = input.text("out");
    const show = createShow(kai, place, out === undefined ? join(place, "report") : resolvePath(kai.machine, out));
    try {
      const passed = await show.run();
      finish(kai, show.stage, kai.machine.now() - startedAtMs, passed);
      return passed ? EXIT.done : EXIT.failed;
    } finally {
      await show.close();
      if (input.flag("keep")) kai.terminal.remark(`Kept: ${place}. Look around with: kai --data ${join(place, "data")} ps`);
      else await rm(place, { recursive: true, force: true });
    }
  },
};

interface Show {
  readonly stage: DemoStage;
  /** Whether everything shown was as promised. */
  run(): Promise<boolean>;
  close(): Promise<void>;
}

function createShow(kai: Kai, place: string, reportFolder: string): Show {
  const stage = createDemoStage(kai, STEPS);
  const data = join(place, "data");
  const code = join(place, "orchard");
  let node: OwnNode | undefined;
  return {
    stage,
    async run() {
      const facts = await makeFiles(kai, stage, code);
      node = startOwnNode({ runtime: kai.machine.runtime, program: kai.machine.nodeProgram, data, env: ownEnvironment(kai) });
      const session = await openNode(kai, stage, node, data);
      const planId = await makePlan(kai, stage, session, data, code);
      await approve(kai, stage, session, planId);
      const isWhole = await runAndKill(kai, stage, session, node, planId);
      const isRight = await openReport(kai, stage, session, planId, facts, reportFolder);
      const isProved = await prove(kai, stage, session, planId);
      return isWhole && isRight && isProved;
    },
    async close() {
      node?.kill("SIGTERM");
      await node?.exited;
    },
  };
}

async function makeFiles(kai: Kai, stage: DemoStage, code: string): Promise<DemoFacts> {
  stage.begin(
    "files",
    "Something to work on",
    "A small code base is made; what it holds is known, so every number that comes out can be checked.",
  );
  const facts = await makeDemoFiles(code);
  stage.say(
    `${formatNumber(facts.files)} files, ${formatBytes(facts.bytes)}, ${facts.todos} lines marked for later, in ${shownPath(code, kai.machine.cwd)}`,
  );
  stage.end({ folder: code, ...facts });
  return facts;
}

async function openNode(kai: Kai, stage: DemoStage, node: OwnNode, data: string): Promise<Session> {
  stage.begin(
    "node",
    "A node",
    "One process with a data folder of its own. It listens on this machine only, and whoever asks needs its owner's token.",
  );
  const ready = await node.ready;
  const session = ready && (await attachToNode(kai.machine, data));
  if (!session) throw new KosError("UNAVAILABLE", `The node did not start. It said: ${safeText(node.said().slice(-500))}`);
  const { agents } = await session.client.call("status", {});
  stage.say(
    `ready at ${session.node.url}, its key ${session.node.did.slice(0, 24)}…`,
    `agents: ${agents.map(({ agent_id }) => safeText(agent_id)).join(", ")}`,
  );
  stage.end({ url: session.node.url, did: session.node.did, agents: agents.map(({ agent_id }) => agent_id) });
  return session;
}

async function makePlan(kai: Kai, stage: DemoStage, session: Session, data: string, code: string): Promise<string> {
  stage.begin(
    "plan",
    "A plan to read before anything runs",
    "kPlanner makes it from a playbook and checks it: names, types, references, rights. It may read that one folder.",
  );
  const { plan } = await withGrant(kai.machine, data, [code], (grant) =>
    session.client.call(
      "makePlan",
      { body: { playbook: PLAYBOOK, params: { path: code }, approval: true } },
      { ...(grant !== undefined && { grant }) },
    ),
  );
  const [, ...tasks] = safeLines(planTree(plan, {}).trimEnd());
  stage.say(...tasks.map((line) => cutTo(line, kai.terminal.width() - 2)));
  stage.end({ plan_id: plan.plan_id, hash: plan.hash, tasks: plan.tasks.length });
  return plan.plan_id;
}

async function approve(kai: Kai, stage: DemoStage, session: Session, planId: string): Promise<void> {
  stage.begin(
    "approval",
    "You decide",
    "The approval names the plan's hash. Were one letter of the plan changed afterwards, it would be void.",
  );
  await session.client.call("submit", { body: { plan_id: planId } });
  const { approvals } = await session.client.call("plan", { params: { plan_id: planId } });
  const approval = approvals.find(({ kind, status }) => kind === "plan" && status === "open");
  if (!approval) throw new KosError("INTERNAL", "The plan did not ask to be approved.");
  stage.say(...approvalLines(approval, kai));
  const answer = kai.terminal.canAsk ? await kai.terminal.ask(`  Approve? ${kai.terminal.style.dim("[Enter] yes, [n]o")} `) : "";
  const isDenied = answer === undefined || /^n/i.test(answer.trim());
  const params = { approval_id: approval.approval_id };
  await session.client.call("decide", { params, body: { decision: isDenied ? "deny" : "approve", digest: approval.digest } });
  if (isDenied) throw new KosError("CANCELLED", "You said no, so nothing ran. That is the point.");
  stage.say(kai.terminal.canAsk ? "approved by you" : "approved by the demonstration, for nobody is here to be asked");
  stage.end({ approval_id: approval.approval_id, digest: approval.digest });
}

/** True when work was really lost and everything that had finished stayed finished. */
async function runAndKill(kai: Kai, stage: DemoStage, session: Session, node: OwnNode, planId: string): Promise<boolean> {
  stage.begin(
    "run",
    "Agents at work, and one process killed in the middle",
    "Executors run as processes of their own. One gets SIGKILL while it works; kCore notices, gives its task to a new one, and repeats nothing that had finished.",
  );
  const ended = new AbortController();
  const isUnderWay = (frame: { readonly type: string; readonly task_id: string | null }) =>
    frame.type === "TASK_PROGRESS" && KILLED_TASK.test(frame.task_id ?? "");
  const killing = killWorkerDuring(node, session, planId, isUnderWay, ended.signal);
  const { view } = await followPlan(kai, session, planId, { approvePlan: true, cancels: true });
  ended.abort();
  const wasKilled = await killing;
  const loss = await workerLossOf(session, planId);
  const { style } = kai.terminal;
  const sign = (isGood: boolean) => (isGood ? style.good("✓") : style.bad("✗"));
  const isLost = wasKilled && loss.lost.length > 0;
  stage.say(
    `${sign(isLost)} a process was killed and took ${loss.lost.length} ${loss.lost.length === 1 ? "task" : "tasks"} with it: ${loss.lost.map(safeText).join(", ") || "none"}`,
    `${sign(view.plan.status === "succeeded")} the plan ${safeText(view.plan.status)} all the same`,
    `${sign(loss.repeated.length === 0)} of ${loss.kept} finished tasks ${loss.repeated.length === 0 ? "none" : loss.repeated.length} ran a second time`,
  );
  stage.end({ status: view.plan.status, killed: wasKilled, ...loss });
  return isLost && view.plan.status === "succeeded" && loss.repeated.length === 0;
}

async function openReport(
  kai: Kai,
  stage: DemoStage,
  session: Session,
  planId: string,
  facts: DemoFacts,
  folder: string,
): Promise<boolean> {
  stage.begin(
    "report",
    "The report",
    "Read back and compared with what the files were made of. kReviewer had accepted each part of it before.",
  );
  const written = await writeArtifacts(session, await artifactsOf(session, planId), folder);
  const { checks, lines } = await checkReport(written.files, facts);
  const { style } = kai.terminal;
  stage.say(
    ...checks.map(
      ({ what, found, expected }) =>
        `${found === expected ? style.good("✓") : style.bad("✗")} ${what}: ${formatNumber(found)}, as made: ${formatNumber(expected)}`,
    ),
  );
  stage.say(...lines.map((line) => style.dim(`│ ${cutTo(safeText(line), kai.terminal.width() - 6)}`)));
  stage.end({ folder: written.folder, checks });
  return checks.every(({ found, expected }) => found === expected);
}

async function prove(kai: Kai, stage: DemoStage, session: Session, planId: string): Promise<boolean> {
  stage.begin(
    "proof",
    "The proof",
    "The whole run as one file: every event in a signed tree. Anyone can check it offline with nothing but the node's public key.",
  );
  const answer = await session.client.open("evidence", { params: { plan_id: planId } });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const report = verifyEvidence(bytes, { node: session.node.did });
  const spoilt = verifyEvidence(withOneByteChanged(bytes), { node: session.node.did });
  const { style } = kai.terminal;
  stage.say(
    `${report.ok ? style.good("✓") : style.bad("✗")} ${passedOf(report)} checks passed over ${formatNumber(report.run?.events ?? 0)} events in ${formatBytes(bytes.length)}`,
    `${spoilt.ok ? style.bad("✗") : style.good("✓")} with one byte changed it ${spoilt.ok ? "still passes" : `does not hold: ${spoilt.wrong.slice(0, 3).map(safeText).join(", ") || "its form is broken"}`}`,
  );
  stage.end({ ok: report.ok, events: report.run?.events ?? 0, bytes: bytes.length, spoilt_ok: spoilt.ok, wrong: spoilt.wrong });
  return report.ok && !spoilt.ok;
}

function passedOf(report: EvidenceReport): string {
  return `${report.checks.filter(({ passed }) => passed).length} of ${report.checks.length}`;
}

/** A digit in the middle, so that the file stays in form and the wrong item can be named. */
function withOneByteChanged(bytes: Uint8Array): Uint8Array {
  const spoilt = Uint8Array.from(bytes);
  const isDigit = (unit: number) => unit >= 0x30 && unit <= 0x38;
  const place = spoilt.findIndex((unit, at) => at > spoilt.length / 2 && isDigit(unit));
  spoilt[place] = (spoilt[place] ?? 0) + 1;
  return spoilt;
}

/** The node of the demonstration takes nothing from the settings of the person's own. */
function ownEnvironment({ machine }: Kai): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(machine.env).filter(([name]) => !name.startsWith("KOS_")));
}

function finish({ terminal, invocation }: Kai, stage: DemoStage, tookMs: number, passed: boolean): ExitCode {
  if (terminal.isJson) terminal.json({ event: "result", passed, took_ms: tookMs });
  else {
    const { style } = terminal;
    terminal.print(
      "",
      passed
        ? style.good(`Everything held. ${formatDuration(tookMs)} in all.`)
        : style.bad("Something was not as promised; the lines with ✗ say what."),
      style.dim(
        stage
          .times()
          .map(([title, ms]) => `${title} ${formatDuration(ms)}`)
          .join(" · "),
      ),
      "",
      `Now with your own: ${invocation} run ${PLAYBOOK} --path DIR`,
    );
  }
  return passed ? EXIT.done : EXIT.failed;
}

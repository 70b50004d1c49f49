// `kai prove crash`: kills real nodes at random instants and checks that nothing was lost or done twice. It uses data folders of its own.

import { writeFile } from "node:fs/promises";
import { arch, cpus, platform, release } from "node:os";
import { safeText } from "@kos/klp";
import type { Command, CommandInput, Kai } from "../command.ts";
import { resolvePath } from "../connection/data-files.ts";
import { EXIT } from "../exit-code.ts";
import { createScreen } from "../terminal/screen.ts";
import { INSTANTS, type Instant, type LaneResult, runLane } from "./crash-lane.ts";
import { type CrashReport, crashMarkdown, joinChecks } from "./crash-report.ts";
import { seededRandom } from "./seeded-random.ts";

const DEFAULT_KILLS = 100;
const MOST_LANES = 16;

export const proveCrash: Command = {
  name: "prove crash",
  group: "Evidence",
  summary: "kill real nodes at random instants and check that nothing is lost or done twice",
  details:
    "Starts nodes on data folders of its own, under the system's folder for temporary files, gives them plans with effects on a local\n" +
    "server, and kills them with SIGKILL. Your own node and data are not touched. Exit code 0: every promise held; 1: one did not,\n" +
    "and the report and the data folder say which.",
  options: [
    { flags: "--kills <count>", about: `how often a node is killed (default: ${DEFAULT_KILLS})` },
    { flags: "--seed <text>", about: "fixes the plans and the choice of instants (default: a new one, which is printed)" },
    { flags: "--lanes <count>", about: "nodes under proof at once (default: one for every processor)" },
    { flags: "--report <file>", about: "write the report: FILE as JSON, and as Markdown beside it" },
  ],
  examples: [
    ["prove crash --kills 200", "a minute or two"],
    ["prove crash --kills 10000 --report crash.json", "the long proof, with a report for others"],
  ],
  async perform(kai, input) {
    const report = await prove(kai, input);
    const path = input.text("report");
    if (path !== undefined) await writeReport(kai, path, report);
    const { terminal } = kai;
    if (terminal.isJson) terminal.json(report);
    else print(kai, report);
    return report.passed ? EXIT.done : EXIT.failed;
  },
};

async function prove(kai: Kai, input: CommandInput): Promise<CrashReport> {
  const { machine } = kai;
  const kills = input.count("kills", 1) ?? DEFAULT_KILLS;
  const seed = input.text("seed") ?? machine.newSecret().slice(0, 8);
  const wanted = Math.min(MOST_LANES, input.count("lanes", 1) ?? Math.max(1, cpus().length));
  const startedAtMs = machine.now();
  const count = { started: 0, worker: 0, byInstant: new Map<Instant, number>() };
  const killed = () => [...count.byInstant.values()].reduce((sum, each) => sum + each, 0);
  const stop = new AbortController();
  const stopListening = machine.onInterrupt(() => stop.abort(new Error("interrupted")));
  const progress = showProgress(kai, seed, kills, () => ({ node: killed(), worker: count.worker }));
  const random = seededRandom(seed);
  try {
    const lanes = Array.from({ length: Math.min(wanted, kills) }, (_, place) =>
      runLane({
        name: `${place + 1}`,
        random: random.branch(`lane ${place + 1}`),
        runtime: machine.runtime,
        program: machine.nodeProgram,
        env: ownEnvironment(machine.env),
        fetch: machine.fetch,
        pause: (ms, signal) => machine.pause(ms, signal),
        after: (ms, run) => once(kai, ms, run),
        now: () => machine.now(),
        oneMore: () => (count.started += 1) <= kills,
        onKill(what) {
          if (what === "worker") count.worker += 1;
          else count.byInstant.set(what, (count.byInstant.get(what) ?? 0) + 1);
          progress.changed();
        },
        signal: stop.signal,
      }).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    );
    const settled = await Promise.allSettled(lanes);
    stop.signal.throwIfAborted();
    const results = settled.flatMap((lane) => (lane.status === "fulfilled" ? [lane.value] : []));
    return reportOf(kai, { kills, seed, wanted, startedAtMs, results, worker: count.worker, byInstant: count.byInstant });
  } finally {
    progress.end();
    stopListening();
  }
}

interface Outcome {
  readonly kills: number;
  readonly seed: string;
  readonly wanted: number;
  readonly startedAtMs: number;
  readonly results: readonly LaneResult[];
  readonly worker: number;
  readonly byInstant: ReadonlyMap<Instant, number>;
}

function reportOf({ machine }: Kai, { kills, seed, wanted, startedAtMs, results, worker, byInstant }: Outcome): CrashReport {
  const sum = (of: (lane: LaneResult) => number) => results.reduce((total, lane) => total + of(lane), 0);
  const shell = /^[\w.-]+$/.test(seed) ? seed : `'${seed.replaceAll("'", `'\\''`)}'`;
  return {
    format: "kos-prove-crash/1.0",
    passed: results.every((lane) => lane.passed),
    command: `npx kai prove crash --kills ${kills} --seed ${shell} --lanes ${wanted}`,
    seed,
    version: machine.version,
    runtime: machine.runtimeVersion,
    system: `${platform()} ${release()} ${arch()}, ${cpus().length} processors`,
    started_at: new Date(startedAtMs).toISOString(),
    took_ms: machine.now() - startedAtMs,
    kills: {
      node: [...byInstant.values()].reduce((total, each) => total + each, 0),
      worker,
      by_instant: Object.fromEntries(INSTANTS.map((instant) => [instant, byInstant.get(instant) ?? 0])),
    },
    starts: sum((lane) => lane.lives),
    plans: sum((lane) => lane.ledger.submissions.length),
    finished_steps_watched: sum((lane) => lane.ledger.finishedSteps),
    requests_received: sum((lane) => lane.receiver.requests),
    doubts: { had_happened: sum((lane) => lane.ledger.settled.succeeded), had_not: sum((lane) => lane.ledger.settled.run_again) },
    checks: joinChecks(results),
    kept: results.filter((lane) => !lane.passed).map((lane) => lane.data),
  };
}

/** The nodes under proof take nothing from the settings of the person's own node. */
function ownEnvironment(env: Kai["machine"]["env"]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("KOS_")));
}

function once(kai: Kai, ms: number, run: () => void): () => void {
  const stop = new AbortController();
  kai.machine.pause(ms, stop.signal).then(run, () => undefined);
  return () => stop.abort();
}

function showProgress(kai: Kai, seed: string, kills: number, counted: () => { readonly node: number; readonly worker: number }) {
  const { terminal, machine } = kai;
  if (terminal.isJson) return { changed: () => undefined, end: () => undefined };
  terminal.print(`Seed ${safeText(seed)}. ${kills} kills of the node; Ctrl-C stops.`);
  const screen = terminal.isLive ? createScreen({ write: (text) => terminal.raw(text), columns: () => machine.columns() }) : undefined;
  const startedAtMs = machine.now();
  let told = 0;
  return {
    changed() {
      const { node, worker } = counted();
      const rate = node / Math.max(1, (machine.now() - startedAtMs) / 1000);
      const line = `${node} of ${kills} kills, ${worker} of single workers, ${rate.toFixed(1)} a second`;
      if (screen) screen.draw([`${bar(node / kills)} ${line}`]);
      else if (Math.floor((node * 10) / kills) > told) {
        told = Math.floor((node * 10) / kills);
        terminal.print(line);
      }
    },
    end: () => screen?.clear(),
  };
}

const BAR_WIDTH = 24;

function bar(fraction: number): string {
  const full = Math.min(BAR_WIDTH, Math.round(fraction * BAR_WIDTH));
  return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
}

async function writeReport(kai: Kai, path: string, report: CrashReport): Promise<void> {
  const json = resolvePath(kai.machine, path);
  await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(`${json.replace(/\.json$/i, "")}.md`, crashMarkdown(report));
}

function print(kai: Kai, report: CrashReport): void {
  const { terminal } = kai;
  const { style } = terminal;
  terminal.print(
    "",
    ...report.checks.flatMap(({ title, passed, detail, items }) => [
      `${passed ? style.good("✓") : style.bad("✗")} ${title}${style.dim(`: ${safeText(detail)}`)}`,
      ...items.map((item) => `      ${style.bad("wrong:")} ${safeText(item)}`),
    ]),
    "",
    `${report.kills.node} kills of the node and ${report.kills.worker} of single workers in ${Math.round(report.took_ms / 1000)} s; ${report.plans} plans, ${report.requests_received} requests received.`,
    report.passed ? style.good("Every promise held.") : style.bad("A promise was broken."),
    ...report.kept.map((folder) => `Kept for a look: ${safeText(folder)}`),
    style.dim(`Do it again: ${report.command}`),
  );
}

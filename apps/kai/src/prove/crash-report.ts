// The report of a crash proof: what was done, what was found, and how a stranger does it again.

import type { Check } from "./crash-checks.ts";
import type { LaneResult } from "./crash-lane.ts";

export interface CrashReport {
  readonly format: "kos-prove-crash/1.0";
  readonly passed: boolean;
  /** How to do it again. */
  readonly command: string;
  readonly seed: string;
  readonly version: string;
  readonly runtime: string;
  readonly system: string;
  readonly started_at: string;
  readonly took_ms: number;
  readonly kills: {
    readonly node: number;
    readonly worker: number;
    /** Kills of the node by the kind of instant. */
    readonly by_instant: Readonly<Record<string, number>>;
  };
  readonly starts: number;
  readonly plans: number;
  readonly finished_steps_watched: number;
  readonly requests_received: number;
  readonly doubts: { readonly had_happened: number; readonly had_not: number };
  readonly checks: readonly Check[];
  /** Data folders kept because something was wrong in them. */
  readonly kept: readonly string[];
}

/** One check over all lanes. */
export function joinChecks(lanes: readonly LaneResult[]): readonly Check[] {
  const joined = new Map<string, Check>();
  for (const { checks } of lanes) {
    for (const found of checks) {
      const before = joined.get(found.id);
      if (before === undefined) joined.set(found.id, found);
      else {
        const detail = before.detail === found.detail ? found.detail : `${before.detail} ${found.detail}`;
        joined.set(found.id, { ...found, passed: before.passed && found.passed, detail, items: [...before.items, ...found.items] });
      }
    }
  }
  return [...joined.values()];
}

export function crashMarkdown(report: CrashReport): string {
  const { kills, doubts } = report;
  return [
    `# Crash proof: ${report.passed ? "passed" : "FAILED"}`,
    "",
    `kOS ${report.version} on Node.js ${report.runtime}, ${report.system}, ${report.started_at}, ${Math.round(report.took_ms / 1000)} s.`,
    "",
    "A real node ran real plans and was killed with SIGKILL again and again: while it started, while it worked, right after it had",
    "acknowledged a plan, right when an effect had arrived outside. Plans send requests to two local servers that write down what arrives.",
    "",
    "| what | how often |",
    "| --- | --- |",
    `| kills of the node | ${kills.node} |`,
    ...Object.entries(kills.by_instant).map(([instant, count]) => `| … ${INSTANT_TEXT[instant] ?? instant} | ${count} |`),
    `| kills of one worker process | ${kills.worker} |`,
    `| starts of the node | ${report.starts} |`,
    `| plans | ${report.plans} |`,
    `| requests that arrived | ${report.requests_received} |`,
    `| effects in doubt, which had happened | ${doubts.had_happened} |`,
    `| effects in doubt, which had not | ${doubts.had_not} |`,
    "",
    "| check | result | looked at |",
    "| --- | --- | --- |",
    ...report.checks.map(
      ({ title, passed, detail }) => `| ${title} | ${passed ? "holds" : "**broken**"} | ${detail.replaceAll("|", "\\|")} |`,
    ),
    "",
    ...report.checks.flatMap(({ title, items }) => (items.length === 0 ? [] : [`${title}:`, "", ...items.map((item) => `- ${item}`), ""])),
    ...(report.kept.length === 0 ? [] : ["The data folders were kept:", "", ...report.kept.map((folder) => `- \`${folder}\``), ""]),
    "Do it again:",
    "",
    `    ${report.command}`,
    "",
    "The seed fixes the plans and the choice of instants. It cannot fix how the system interleaves processes, so two runs with one seed",
    "do not hit the very same instructions. SIGKILL does not test the disk: what the system had taken over is still written.",
    "",
  ].join("\n");
}

const INSTANT_TEXT: Readonly<Record<string, string>> = {
  start: "while it started",
  work: "while it worked",
  acknowledged: "right after it had acknowledged a plan",
  effect: "right when an effect had arrived outside",
};

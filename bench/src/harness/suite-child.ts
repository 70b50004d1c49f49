// A suite in a process of its own, so that none inherits the heap, the compiled code or the open files of another. Both ends of it.

import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Suite, SuiteReport } from "./figure.ts";
import { runSuite } from "./run-suite.ts";

export interface SuiteOrder {
  readonly suite: string;
  readonly runs: number;
  readonly quick: boolean;
}

type FromChild =
  | { readonly kind: "round"; readonly round: number; readonly rounds: number }
  | { readonly kind: "report"; readonly report: SuiteReport }
  | { readonly kind: "failed"; readonly message: string };

export interface ChildOptions {
  readonly entry: URL;
  readonly profile: string | undefined;
  readonly onRound: (round: number, rounds: number) => void;
}

/** Rejects with what the suite says when it cannot be measured. */
export async function measureInChild(suite: Suite, order: SuiteOrder, options: ChildOptions): Promise<SuiteReport> {
  const profile = options.profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", options.profile];
  const child = fork(options.entry, ["--suite", JSON.stringify(order)], {
    execArgv: [...(suite.nodeArguments ?? []), ...profile],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const stop = (): void => void child.kill("SIGTERM");
  process.once("SIGINT", stop);
  let report: SuiteReport | undefined;
  let failure: string | undefined;
  child.on("message", (message: FromChild) => {
    if (message.kind === "round") options.onRound(message.round, message.rounds);
    else if (message.kind === "report") report = message.report;
    else failure = message.message;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  process.removeListener("SIGINT", stop);
  if (report === undefined) throw new Error(failure ?? `the process of the suite ended with code ${code}`);
  return report;
}

/** The other end: measures and tells. */
export async function serveSuite(suite: Suite, order: SuiteOrder): Promise<void> {
  const tell = (message: FromChild) => new Promise<void>((resolve) => void process.send?.(message, undefined, undefined, () => resolve()));
  const folder = mkdtempSync(join(tmpdir(), "kos-bench-"));
  const notes: string[] = [];
  try {
    await using open = await suite.open({ runs: order.runs, quick: order.quick, folder, note: (text) => notes.push(text) });
    const report = await runSuite(suite, open, {
      runs: order.runs,
      notes,
      onRound: (round, rounds) => void tell({ kind: "round", round, rounds }),
    });
    await tell({ kind: "report", report });
  } catch (error) {
    await tell({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    // A suite that failed half way may have left timers behind.
    process.exit();
  }
}

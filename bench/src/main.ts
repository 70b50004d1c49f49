// `npm run bench`: measures suite by suite, prints tables, writes the figures as JSON.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type BenchArguments, readArguments, USAGE } from "./harness/arguments.ts";
import type { Figure, Suite, SuiteReport } from "./harness/figure.ts";
import { measureInChild, type SuiteOrder, serveSuite } from "./harness/suite-child.ts";
import { tableOf } from "./harness/table.ts";
import { SUITES } from "./suites/suites.ts";

async function main(): Promise<void> {
  const [first, order] = process.argv.slice(2);
  if (first === "--suite" && order !== undefined) return serve(JSON.parse(order));
  const args = argumentsOrUsage(process.argv.slice(2));
  if (args === undefined) return;
  if (args.help) return say(USAGE);
  if (args.list) return say(SUITES.map(({ name, title }) => `${name.padEnd(20)} ${title}\n`).join(""));
  const chosen = SUITES.filter(
    (suite) =>
      (args.peers && suite.name === "peers") ||
      (args.only.length === 0 ? !suite.onDemand && !args.peers : args.only.some((word) => suite.name.includes(word))),
  );
  if (chosen.length === 0) return refuse(`No suite is called that. There are: ${SUITES.map(({ name }) => name).join(", ")}.`);

  const machine = describeMachine();
  say(`${machine.cpu} × ${machine.cpus}, ${machine.system}, Node ${machine.node}, load ${machine.load}\n`);
  say("Compare ratios: each is taken within one round. Absolute figures belong to this machine and this hour.\n\n");
  const reports: SuiteReport[] = [];
  for (const suite of chosen) {
    const report = await measure(suite, { suite: suite.name, runs: args.runs, quick: args.quick }, args.profile);
    if (report !== undefined) reports.push(report);
  }
  const file = resolve(args.json ?? join(import.meta.dirname, "..", "results", `${new Date().toISOString().replaceAll(":", "")}.json`));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine, quick: args.quick, reports }, null, 2)}\n`);
  say(summary(reports.flatMap(({ figures }) => figures)));
  say(`The figures are in ${file}\n`);
}

function argumentsOrUsage(args: readonly string[]): BenchArguments | undefined {
  try {
    return readArguments(args);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function refuse(reason: string): void {
  process.stderr.write(`${reason}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function measure(suite: Suite, order: SuiteOrder, profile: string | undefined): Promise<SuiteReport | undefined> {
  const status = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`\r\u001b[K${text}`));
  status(`${suite.name}: warming up`);
  try {
    const entry = new URL(import.meta.url);
    const report = await measureInChild(suite, order, {
      entry,
      profile,
      onRound: (round, rounds) => status(`${suite.name}: round ${round} of ${rounds}`),
    });
    status("");
    say(`${tableOf(report)}\n\n`);
    return report;
  } catch (error) {
    status("");
    say(`${suite.title}\n  not measured: ${error instanceof Error ? error.message : String(error)}\n\n`);
    process.exitCode = 1;
    return undefined;
  }
}

async function serve(order: SuiteOrder): Promise<void> {
  const suite = SUITES.find(({ name }) => name === order.suite);
  if (suite === undefined) throw new Error(`There is no suite ${order.suite}.`);
  await serveSuite(suite, order);
}

function summary(figures: readonly Figure[]): string {
  const judged = figures.filter(({ verdict }) => verdict !== undefined);
  const missed = judged.filter(({ verdict }) => verdict === "missed");
  const lines = missed.map(({ suite, title }) => `  missed: ${suite}: ${title}\n`);
  return `${judged.length - missed.length} of ${judged.length} targets reached, ${judged.filter(({ verdict }) => verdict === "aim").length} of them the aim\n${lines.join("")}`;
}

function describeMachine() {
  const [first] = cpus();
  return {
    cpu: first?.model ?? "unknown processor",
    cpus: cpus().length,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    load: (loadavg()[0] ?? 0).toFixed(1),
    measured_at: new Date().toISOString(),
  };
}

function say(text: string): void {
  process.stdout.write(text);
}

await main();

// `npm run simulate -- --seeds N [--from S] [--threads T]` runs seeds; `-- --seed X` replays one with its whole trace.

// oxlint-disable-next-line kos/no-ambient -- a program of its own: arguments come in and lines go out here only
import process from "node:process";
import { parseArgs } from "node:util";
import { runSeeds } from "./run-seeds.ts";
import { simulate } from "./simulate.ts";

const USAGE = "usage: simulate [--seeds N] [--from S] [--threads T] | --seed X";

function number(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

const { values } = parseArgs({
  options: { seeds: { type: "string" }, from: { type: "string" }, threads: { type: "string" }, seed: { type: "string" } },
});

if (values.seed !== undefined) {
  const result = simulate({ seed: number(values.seed, 1), print: (line) => void process.stdout.write(`${line}\n`) });
  for (const violation of result.violations) process.stdout.write(`broken: ${violation}\n`);
  process.stdout.write(`seed ${result.seed}: ${result.plans} plans, ${result.events} events, trace ${result.traceHash}\n`);
  process.exit(result.violations.length === 0 ? 0 : 1);
}

const seeds = number(values.seeds, 20_000);
const threads = values.threads === undefined ? {} : { threads: Math.max(1, number(values.threads, 1)) };
const report = await runSeeds({
  from: number(values.from, 1),
  count: seeds,
  ...threads,
  onProgress: (sofar) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${sofar.seeds} of ${seeds} seeds, ${sofar.failures.length} broken`);
  },
});
if (process.stdout.isTTY) process.stdout.write("\n");
for (const { seed, violations } of report.failures.slice(0, 20)) {
  process.stdout.write(`seed ${seed}: ${violations.join(" | ")}\n  replay: npm run simulate -- --seed ${seed}\n`);
}
process.stdout.write(`${report.seeds} seeds, ${report.plans} plans, ${report.events} events, ${report.failures.length} broken\n`);
process.exit(report.failures.length === 0 ? 0 : 1);

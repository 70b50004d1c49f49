// `npm test [-- filter]`: sets up what is missing, with what tests need, then runs the guards and every suite. A filter chooses guards by
// name and test files by path. The last line is plain: `N passed, N failed`.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { endLeftovers, markName } from "./leftovers.mjs";
import { inCheckout, root } from "./setup/checkout.mjs";
import { setUpConsole } from "./setup/console.mjs";
import { withNode } from "./setup/launch.mjs";
import { runMain, SetupProblem } from "./setup/problem.mjs";
import { formatMs, say } from "./setup/screen.mjs";
import { setUp } from "./setup/setup.mjs";
import { countResults, plainLine } from "./test-results.mjs";
import { declaredNeeds, installCommand, installMissing, missingPrograms } from "./test-services.mjs";

const filters = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
const inCi = process.env["CI"] === "true" || process.env["CI"] === "1";

/** @returns {Promise<string[]>} the programs that suites must do without */
async function findMissing() {
  const needs = declaredNeeds(root);
  const missing = missingPrograms(needs, process.env["PATH"] ?? "");
  if (missing.length === 0) return [];
  const reason = await installMissing(missing, process.env);
  const still = missingPrograms(needs, process.env["PATH"] ?? "");
  if (still.length === 0) return [];
  for (const { program, files } of still) say(`! ${program} is missing, so tests are skipped in ${files.join(", ")}`);
  say(`  ${reason ?? "it was not found after installing"}; to run them: ${installCommand(still)}`);
  if (inCi) throw new SetupProblem("In CI no test is skipped for want of a program.");
  return still.map(({ program }) => program);
}

/**
 * Runs one program of the run, marked, in the foreground of our terminal.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, message: { passed: number, failed: number } | undefined }>}
 */
async function run(node, args, env) {
  const child = spawn(node, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  /** @type {{ passed: number, failed: number } | undefined} */
  let message;
  child.on("message", (value) => {
    message = /** @type {{ passed: number, failed: number }} */ (value);
  });
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => child.kill(signal);
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, forward);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode) => resolve(exitCode ?? 130));
  });
  for (const signal of signals) process.removeListener(signal, forward);
  return { code, message };
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
async function runSuites(node, env) {
  const folder = mkdtempSync(path.join(tmpdir(), "kos-test-"));
  const report = path.join(folder, "results.json");
  try {
    const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, "--passWithNoTests", ...filters];
    const { code } = await run(node, [inCheckout("node_modules", "vitest", "vitest.mjs"), ...args], env);
    /** @type {import("./test-results.mjs").Counts} */
    let counts;
    try {
      counts = countResults(JSON.parse(readFileSync(report, "utf8")));
    } catch {
      counts = { passed: 0, failed: 0, skipped: 0 };
    }
    // An error outside of any test fails the run without failing a test.
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  const started = performance.now();
  const node = await setUp({ dev: true });
  await setUpConsole();
  const missing = await findMissing();
  const mark = randomUUID();
  const plain = process.stdout.isTTY === true || process.env["FORCE_COLOR"] !== undefined ? {} : { NO_COLOR: "1" };
  const env = { ...withNode(node, process.env), ...plain, [markName]: mark, KOS_TEST_MISSING: missing.join(",") };

  const chosen = filters.length === 0 ? [] : [`--matching=${filters.join(",")}`];
  const guards = await run(node, [inCheckout("scripts", "guards", "run.mjs"), ...chosen], env);
  const checks = guards.message ?? { passed: 0, failed: 1 };

  say("\nSuites");
  const suites = await runSuites(node, env);
  const left = await endLeftovers(mark, { graceMs: 5000 });
  for (const { pid, command } of left) say(`✗ left running: process ${pid}, ${command}`);

  const total = {
    passed: checks.passed + suites.passed + (left.length === 0 ? 1 : 0),
    failed: checks.failed + suites.failed + (left.length === 0 ? 0 : 1),
    skipped: suites.skipped,
  };
  if (checks.passed + checks.failed + suites.passed + suites.failed === 0) {
    total.failed += 1;
    say(`no guard and no test matches ${filters.join(" ")}`);
  }
  say(`\n${checks.failed === 0 ? "guards passed" : `${checks.failed} guards failed`}; took ${formatMs(performance.now() - started)}`);
  process.stdout.write(`${plainLine(total)}\n`);
  return total.failed === 0 ? 0 : 1;
}

await runMain(async () => {
  try {
    return await main();
  } catch (error) {
    // Nothing could be tested; the last line says so as plainly as any other outcome.
    process.stderr.write(`\n${error instanceof SetupProblem ? error.message : String(error instanceof Error ? error.stack : error)}\n\n`);
    process.stdout.write(`${plainLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
    return error instanceof SetupProblem ? error.exitCode : 1;
  }
});

// `npm run fuzz [-- --times N filter …]`: property tests with cases that no run has had before, N times as many of each (30 unless said). A case
// that fails is printed with its seed. `npm test` runs the same properties with the same cases every time (test/support/fast-check.ts).
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { listFiles } from "./guards/files.mjs";
import { inCheckout, root } from "./setup/checkout.mjs";
import { launch, withNode } from "./setup/launch.mjs";
import { runMain, SetupProblem } from "./setup/problem.mjs";
import { setUp } from "./setup/setup.mjs";

const MINUTE_MS = 60_000;

/** Test files with properties: their own, or those of a contract. */
function propertyTests() {
  const hasProperties = /from "(?:fast-check|[^"]+\.contract\.ts)"/;
  return listFiles(root).filter((name) => /\.test\.tsx?$/.test(name) && hasProperties.test(readFileSync(inCheckout(name), "utf8")));
}

function readArguments() {
  try {
    return parseArgs({ options: { times: { type: "string", default: "30" } }, allowPositionals: true });
  } catch (cause) {
    throw new SetupProblem(cause instanceof Error ? cause.message : String(cause), { cause, exitCode: 2 });
  }
}

await runMain(async () => {
  const { values, positionals } = readArguments();
  const times = Number(values.times);
  if (!Number.isSafeInteger(times) || times < 1) throw new SetupProblem("--times is a whole number from 1 on.");
  const node = await setUp({ dev: true, bundles: false });
  const files = propertyTests().filter((name) => positionals.length === 0 || positionals.some((filter) => name.includes(filter)));
  if (files.length === 0) throw new SetupProblem(`No property test has ${positionals.join(" or ")} in its path.`);
  const env = { ...withNode(node, process.env), KOS_FUZZ_TIMES: String(times) };
  const args = ["run", `--testTimeout=${times * MINUTE_MS}`, ...files];
  return launch(node, [inCheckout("node_modules", "vitest", "vitest.mjs"), ...args], { cwd: root, env });
});

// Runs the guards over this checkout, one line each as it ends and its findings below it. Run by scripts/check.mjs and scripts/test.mjs on
// the runtime's Node; `--matching=a,b` runs those whose names hold one of the words.
import { root } from "../setup/checkout.mjs";
import { runMain } from "../setup/problem.mjs";
import { formatMs } from "../setup/screen.mjs";
import { guards } from "./all.mjs";

const mostShown = 60;

/**
 * @param {readonly import("./guard.mjs").Guard[]} chosen
 * @param {(text: string) => void} write
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runGuards(chosen, write) {
  let failed = 0;
  const queue = [...chosen];
  const work = async () => {
    for (let guard = queue.shift(); guard !== undefined; guard = queue.shift()) {
      const started = performance.now();
      const problems = await guard
        .run(root)
        .catch((/** @type {unknown} */ error) => [`the guard itself failed: ${error instanceof Error ? error.stack : error}`]);
      const took = formatMs(performance.now() - started);
      if (problems.length === 0) {
        write(`✓ ${guard.name} (${took})\n`);
      } else {
        failed += 1;
        const rest = problems.length > mostShown ? `    and ${problems.length - mostShown} more\n` : "";
        write(
          `✗ ${guard.name} (${took})\n${problems
            .slice(0, mostShown)
            .map((line) => `    ${line}\n`)
            .join("")}${rest}`,
        );
      }
    }
  };
  await Promise.all([work(), work()]);
  return { passed: chosen.length - failed, failed };
}

if (import.meta.filename === process.argv[1]) {
  await runMain(async () => {
    const wanted = process.argv
      .find((arg) => arg.startsWith("--matching="))
      ?.slice("--matching=".length)
      .split(",");
    const chosen = wanted === undefined ? guards : guards.filter(({ name }) => wanted.some((part) => name.includes(part)));
    if (chosen.length > 0) process.stdout.write("\nGuards\n");
    const { passed, failed } = await runGuards(chosen, (text) => process.stdout.write(text));
    process.send?.({ passed, failed });
    if (chosen.length > 0) process.stdout.write(`${passed} guards passed, ${failed} failed\n`);
    return failed === 0 ? 0 : 1;
  });
}

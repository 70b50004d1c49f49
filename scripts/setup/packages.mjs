// The packages kOS is built from, installed exactly as package-lock.json pins them, without install scripts.
import { inCheckout, root } from "./checkout.mjs";
import { countPackages, sizeOf } from "./disk.mjs";
import { runNpm } from "./npm.mjs";
import { beginStep, formatBytes } from "./screen.mjs";
import { countWanted, differenceFromLock } from "./tree.mjs";

/** @param {{ dev: boolean }} options */
export function packagesAreReady({ dev }) {
  return differenceFromLock(root, { dev }) === undefined;
}

/**
 * @param {{ dev: boolean }} options dev: with what tests and checks need
 * @param {(child: import("node:child_process").ChildProcess) => void} onStart
 */
export async function installPackages({ dev }, onStart) {
  const nodeModules = inCheckout("node_modules");
  const wanted = countWanted(inCheckout("package-lock.json"), { dev });
  const step = beginStep(
    `packages${dev ? ", with those for development" : ""}`,
    () => `${Math.min(countPackages(nodeModules), wanted)} of ${wanted}`,
  );
  try {
    await runNpm(["ci", ...(dev ? ["--include=dev"] : ["--omit=dev"]), "--include=optional"], { cwd: root, onStart });
  } catch (error) {
    step.fail("not installed");
    throw error;
  }
  step.done(`${countPackages(nodeModules)} packages, ${formatBytes(sizeOf(nodeModules))}`);
}

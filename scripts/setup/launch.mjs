// Runs a program in the foreground as if it had been started itself: its terminal, its signals, its exit code.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import path from "node:path";

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} the exit code; 128 + n when signal n ended it
 */
export async function launch(command, args, { cwd = process.cwd(), env = process.env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: "inherit" });
  // A terminal sends Ctrl-C to all of its foreground processes, the child included, and npm sends it once more to us: handing it on would
  // make one key press two. Without a terminal the child has only us.
  const atTerminal = process.stdin.isTTY === true || process.stdout.isTTY === true || process.stderr.isTTY === true;
  let lastInterruptMs = Number.NEGATIVE_INFINITY;
  const interrupt = () => {
    const now = performance.now();
    if (!atTerminal && now - lastInterruptMs > 250) child.kill("SIGINT");
    lastInterruptMs = now;
  };
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => child.kill(signal);
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", forward);
  process.on("SIGHUP", forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
    });
  } finally {
    process.removeListener("SIGINT", interrupt);
    process.removeListener("SIGTERM", forward);
    process.removeListener("SIGHUP", forward);
  }
}

/**
 * The environment with the runtime's folder first on the PATH, so that a program that starts `node` gets the same one.
 *
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export function withNode(node, env) {
  return { ...env, PATH: [path.dirname(node), env["PATH"] ?? ""].join(path.delimiter) };
}

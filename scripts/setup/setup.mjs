// Set-up as a whole: what is missing is found quickly and without writing anything; only then is the lock taken and the work done, in
// order, each step of which may have been left half-done before.
import { buildBundles, bundlesAreReady } from "./bundles.mjs";
import { inCheckout } from "./checkout.mjs";
import { takeLock } from "./lock.mjs";
import { installPackages, packagesAreReady } from "./packages.mjs";
import { SetupProblem } from "./problem.mjs";
import { installRuntime, runtimeIsReady, runtimeNode } from "./runtime.mjs";
import { formatMs, say } from "./screen.mjs";

/**
 * Makes the checkout ready and returns the path of the Node to run things with. Once all is in place it only looks.
 *
 * @param {{ dev?: boolean, bundles?: boolean }} [options] dev: with what tests and checks need; bundles: with dist/
 */
export async function setUp({ dev = false, bundles = true } = {}) {
  const isReady = () => runtimeIsReady() && packagesAreReady({ dev }) && (!bundles || bundlesAreReady());
  if (isReady()) return runtimeNode();
  const started = performance.now();
  say("Setting up kOS");
  const lock = await takeLock(inCheckout(".runtime", "setup.lock"), {
    onWait: (pid) => say(`  another set-up of this checkout is at work (process ${pid}); waiting for it`),
  });
  /** @type {Set<import("node:child_process").ChildProcess>} */
  const children = new Set();
  const stop = stopOnSignal(children);
  /** @param {import("node:child_process").ChildProcess} child */
  const onStart = (child) => {
    children.add(child);
    child.once("exit", () => children.delete(child));
    lock.nameChild(child.pid);
  };
  try {
    if (!runtimeIsReady()) await installRuntime(onStart);
    stop.check();
    if (!packagesAreReady({ dev })) await installPackages({ dev }, onStart);
    stop.check();
    if (bundles && !bundlesAreReady()) await buildBundles();
    stop.check();
  } catch (error) {
    stop.check();
    throw error;
  } finally {
    stop.end();
    lock.release();
  }
  say(`Set-up took ${formatMs(performance.now() - started)}`);
  return runtimeNode();
}

/**
 * A signal ends the running child and then, at the next check, us: the lock is released and what is finished is kept.
 *
 * @param {Set<import("node:child_process").ChildProcess>} children
 */
function stopOnSignal(children) {
  /** @type {NodeJS.Signals | undefined} */
  let caught;
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    if (caught !== undefined) return;
    caught = signal;
    for (const child of children) child.kill("SIGTERM");
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, onSignal);
  return {
    check() {
      if (caught !== undefined) {
        throw new SetupProblem("Set-up was interrupted; start again to go on where it stopped.", {
          exitCode: caught === "SIGINT" ? 130 : 143,
        });
      }
    },
    end() {
      for (const signal of signals) process.removeListener(signal, onSignal);
    },
  };
}

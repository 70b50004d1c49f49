// Installs and builds the web console where that is missing. A node runs it when the console is first opened, with `--announce json`: then it
// says how far it is in lines of JSON on its standard output. By hand: `node scripts/console.mjs`.
import { setUpConsole } from "./setup/console.mjs";
import { runMain, SetupProblem } from "./setup/problem.mjs";

const json = process.argv.includes("json");

/** @param {object} line */
const announce = (line) => (json ? process.stdout.write(`${JSON.stringify(line)}\n`) : undefined);

await runMain(async () => {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let npm;
  // Nothing is half in place at any moment, and the lock goes with the process.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(signal, () => {
      npm?.kill("SIGTERM");
      process.exit(130);
    });
  }
  try {
    await setUpConsole({
      onProgress: (progress) => void announce({ event: "progress", ...progress }),
      onStart: (child) => {
        npm = child;
      },
    });
    return 0;
  } catch (error) {
    announce({
      event: "failed",
      message: error instanceof SetupProblem ? error.message : "Set-up itself failed. Run node scripts/console.mjs to see how.",
    });
    throw error;
  }
});

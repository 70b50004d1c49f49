// An error whose message is meant for the person at the terminal: what is wrong and what to do. Printed without a stack.

export class SetupProblem extends Error {
  /**
   * @param {string} message
   * @param {{ exitCode?: number, cause?: unknown }} [options]
   */
  constructor(message, options = {}) {
    super(message, { cause: options.cause });
    this.name = "SetupProblem";
    this.exitCode = options.exitCode ?? 1;
  }
}

/**
 * Runs a script's main function and turns its outcome into the process's: a code returned is the exit code, a SetupProblem is
 * printed plainly, anything else is a defect and keeps its stack.
 *
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (error instanceof SetupProblem) {
      process.stderr.write(`\n${error.message}\n`);
      process.exitCode = error.exitCode;
    } else {
      process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}

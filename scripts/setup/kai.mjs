// Starts kai, the terminal client, after making sure that it is built.
import { existsSync } from "node:fs";
import { bundleOf, compileCache } from "./bundles.mjs";
import { personFolder } from "./checkout.mjs";
import { dropStaleConsole } from "./console.mjs";
import { launch } from "./launch.mjs";
import { SetupProblem } from "./problem.mjs";
import { setUp } from "./setup.mjs";

/**
 * @param {string[]} args
 * @returns {Promise<number>} kai's exit code
 */
export async function startKai(args) {
  const node = await setUp();
  dropStaleConsole();
  const bundle = bundleOf("kai");
  if (!existsSync(bundle)) throw new SetupProblem("kai is not part of this checkout yet (apps/kai/src/main.ts).");
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env };
  return launch(node, [bundle, ...args], { env, cwd: personFolder(process.env, process.cwd()) });
}

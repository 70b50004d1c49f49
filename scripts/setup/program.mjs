// Starts kai, the terminal client, or the node itself, after making sure that they are built.
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
export function startKai(args) {
  return startRole("kai", args);
}

/**
 * The node in the foreground, as `kai up` without options runs it, but without kai in between.
 *
 * @returns {Promise<number>} its exit code
 */
export function startNode() {
  return startRole("node", []);
}

/**
 * @param {"kai" | "node"} role
 * @param {string[]} args
 */
async function startRole(role, args) {
  const node = await setUp();
  dropStaleConsole();
  const bundle = bundleOf(role);
  if (!existsSync(bundle)) throw new SetupProblem(`This checkout has no ${role} to start.`);
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env };
  return launch(node, [bundle, ...args], { env, cwd: personFolder(process.env, process.cwd()) });
}

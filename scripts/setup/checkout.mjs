// Where this checkout lies, and where the person stood who started us. Owns no state.
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the checkout, without a trailing separator. */
export const root = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** @param {...string} parts */
export function inCheckout(...parts) {
  return path.join(root, ...parts);
}

/**
 * The folder relative paths on the command line are meant against. `npm start` changes into the checkout first and leaves the
 * person's folder in INIT_CWD; that variable is believed only when it was set by npm for this very script, since it is inherited.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cwd
 */
export function personFolder(env, cwd) {
  const stood = env["INIT_CWD"];
  const ours = env["npm_package_json"] === path.join(root, "package.json") && env["npm_lifecycle_event"] === "start";
  return ours && stood !== undefined && existsSync(stood) ? stood : cwd;
}

// One bundle per process role in dist/, built again only when something it was built from changed. dist/build.json records the inputs; a
// file is compared by size and time and, where these differ, by content.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { roles } from "../roles.mjs";
import { inCheckout, root } from "./checkout.mjs";
import { sizeOf } from "./disk.mjs";
import { describeInput, isUnchanged, manifestsOf } from "./inputs.mjs";
import { SetupProblem } from "./problem.mjs";
import { beginStep, formatBytes } from "./screen.mjs";

/** @typedef {{ version: number, inputs: Record<string, import("./inputs.mjs").Input> }} Build */

/** Raised when a build with the same inputs would come out differently. */
const version = 2;
const record = inCheckout("dist", "build.json");

/** Not part of any bundle, yet they decide what goes in: resolution, versions and the way of building. */
const steering = ["package-lock.json", "scripts/roles.mjs", "scripts/setup/bundles.mjs"];

/** What several bundles share, and what is loaded when first needed; named after its content. */
const chunks = inCheckout("dist", "chunks");

/** @param {string} name */
export function bundleOf(name) {
  return inCheckout("dist", `${name}.js`);
}

/** Where Node keeps what it compiled of the bundles, which makes the next start faster; emptied with each build. */
export const compileCache = inCheckout("dist", "compile-cache");

function presentRoles() {
  return roles.filter(({ entry }) => existsSync(inCheckout(entry)));
}

/** A checkout without any role has nothing to build. */
export function bundlesAreReady() {
  if (presentRoles().length === 0) return true;
  /** @type {Build} */
  let build;
  try {
    build = JSON.parse(readFileSync(record, "utf8"));
  } catch {
    return false;
  }
  if (build.version !== version || !presentRoles().every(({ name }) => existsSync(bundleOf(name)))) return false;
  return Object.entries(build.inputs).every(([file, input]) => isUnchanged(file, input));
}

export async function buildBundles() {
  const present = presentRoles();
  const step = beginStep(`building ${present.map(({ name }) => name).join(", ")}`);
  const before = new Map(steering.map((file) => [file, describeInput(file)]));
  const startedMs = Date.now();
  let result;
  try {
    // Not at the top: this module is loaded before anything is installed.
    const esbuild = await import("esbuild");
    result = await esbuild.build({
      absWorkingDir: root,
      entryPoints: Object.fromEntries(present.map(({ name, entry }) => [name, entry])),
      outdir: "dist",
      write: false,
      metafile: true,
      bundle: true,
      platform: "node",
      target: "node24",
      format: "esm",
      // What is imported when first needed (readers of PDF, HTML, …) is a file of its own: no process holds what it never uses.
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      // Node holds the text of what it has loaded, and twice as much of it where one character is not ASCII: names stay, for stacks of calls.
      minifyWhitespace: true,
      lineLimit: 200,
      legalComments: "none",
      // Packages in the older module format call require() for what Node has built in. esbuild does not see the banner, so the name that
      // it imports must be one that no source uses; a source's own `require` is renamed by esbuild.
      banner: {
        js: 'import { createRequire as createRequireOfBundle } from "node:module";\nconst require = createRequireOfBundle(import.meta.url);',
      },
      // The tsconfig files steer checking only; what is built must not depend on them.
      tsconfigRaw: {},
      logLevel: "silent",
    });
  } catch (error) {
    step.fail("failed");
    const errors = /** @type {{ errors?: { text: string, location: { file: string, line: number, column: number } | null }[] }} */ (error)
      .errors;
    if (errors === undefined) throw error;
    const lines = errors.map(
      ({ text, location }) => `  ${location === null ? "" : `${location.file}:${location.line}:${location.column}: `}${text}`,
    );
    throw new SetupProblem(`${lines.join("\n")}\n\nThe bundles were not built; mend the lines above and start again.`);
  }
  const sources = Object.keys(result.metafile.inputs).filter((file) => !file.includes("node_modules/"));
  const inputs = Object.fromEntries(before);
  for (const file of [...sources, ...manifestsOf(sources)]) {
    inputs[file] = describeInput(file, startedMs);
  }
  put(result.outputFiles, { version, inputs });
  step.done(formatBytes(sizeOf(inCheckout("dist"))));
}

/**
 * Puts the files in place one by one, each whole, and the record last: an interrupted build is built again.
 *
 * @param {{ path: string, contents: Uint8Array }[]} files
 * @param {Build} build
 */
function put(files, build) {
  mkdirSync(chunks, { recursive: true });
  rmSync(record, { force: true });
  rmSync(compileCache, { recursive: true, force: true });
  for (const file of files) replace(file.path, file.contents);
  const current = new Set(files.map((file) => path.basename(file.path)));
  for (const name of readdirSync(chunks)) if (!current.has(name)) rmSync(path.join(chunks, name), { force: true });
  replace(record, JSON.stringify(build, null, 1));
}

/**
 * @param {string} file
 * @param {Uint8Array | string} contents
 */
function replace(file, contents) {
  const next = `${file}.next`;
  writeFileSync(next, contents);
  renameSync(next, file);
}

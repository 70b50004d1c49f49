// Whether an npm tree on disk is what its lockfile asks for. npm writes node_modules/.package-lock.json as the last act of an install, so
// an interrupted one is seen, and one done by hand is recognised without a marker of ours.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** @typedef {{ version?: string, integrity?: string, link?: boolean, dev?: boolean, optional?: boolean, devOptional?: boolean }} LockEntry */

/**
 * @param {string} file
 * @returns {Record<string, LockEntry> | undefined}
 */
function readEntries(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Names the first difference, or returns undefined when everything the lockfile requires is in place. Optional packages are not required
 * (each platform has its own), unless they are named in `required`.
 *
 * @param {string} folder holds node_modules
 * @param {{ lockfile?: string, dev?: boolean, required?: string[] }} [options]
 */
export function differenceFromLock(folder, { lockfile = path.join(folder, "package-lock.json"), dev = false, required = [] } = {}) {
  const wanted = readEntries(lockfile);
  if (wanted === undefined) return `${lockfile} cannot be read`;
  const present = readEntries(path.join(folder, "node_modules", ".package-lock.json"));
  if (present === undefined) return "nothing is installed";
  for (const [place, entry] of Object.entries(wanted)) {
    if (!place.includes("node_modules/")) continue;
    if (entry.link === true) {
      if (!existsSync(path.join(folder, place))) return `${place} is not linked`;
      continue;
    }
    if (!required.includes(place) && (entry.optional === true || entry.devOptional === true || (entry.dev === true && !dev))) continue;
    const found = present[place];
    if (found === undefined) return `${place} is missing`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${place} is ${found.version}, not ${entry.version}`;
  }
  return undefined;
}

/**
 * How many packages the lockfile asks for, those for other platforms and the workspace's own left out.
 *
 * @param {string} lockfile
 * @param {{ dev: boolean }} options
 */
export function countWanted(lockfile, { dev }) {
  return Object.entries(readEntries(lockfile) ?? {}).filter(
    ([place, entry]) =>
      place.includes("node_modules/") &&
      entry.link !== true &&
      entry.optional !== true &&
      (dev || (entry.dev !== true && entry.devOptional !== true)),
  ).length;
}

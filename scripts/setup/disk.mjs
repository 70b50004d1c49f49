// What a folder holds, counted without following links.
import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";

/**
 * Bytes of the files below a folder; what vanishes meanwhile is left out.
 *
 * @param {string} folder
 * @returns {number}
 */
export function sizeOf(folder) {
  let total = 0;
  for (const entry of listed(folder)) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) total += sizeOf(file);
    else if (entry.isFile()) total += lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}

/**
 * Packages at the top of a node_modules folder, scoped ones counted each.
 *
 * @param {string} nodeModules
 */
export function countPackages(nodeModules) {
  let total = 0;
  for (const entry of listed(nodeModules)) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    total += entry.name.startsWith("@") ? listed(path.join(nodeModules, entry.name)).filter((inner) => inner.isDirectory()).length : 1;
  }
  return total;
}

/** @param {string} folder */
function listed(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

// What a folder holds, counted without following links.
import { existsSync, lstatSync, readdirSync } from "node:fs";
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
 * Packages at the top of a node_modules folder whose files are there, scoped ones counted each; links to our own are left out.
 *
 * @param {string} nodeModules
 */
export function countPackages(nodeModules) {
  const folders = listed(nodeModules)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .flatMap(({ name }) => (name.startsWith("@") ? listed(path.join(nodeModules, name)).map((inner) => `${name}/${inner.name}`) : [name]));
  return folders.filter((name) => !isLink(path.join(nodeModules, name)) && existsSync(path.join(nodeModules, name, "package.json"))).length;
}

/** @param {string} file */
function isLink(file) {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** @param {string} folder */
function listed(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

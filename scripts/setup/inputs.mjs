// What a build was made from, so that it is made again only when something of that changed. A file is compared by size and time and, where
// these differ, by content.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { inCheckout } from "./checkout.mjs";

/** @typedef {{ size: number, mtimeMs: number, sha256: string }} Input */

/**
 * @param {string} file relative to the checkout
 * @param {Input} input
 */
export function isUnchanged(file, input) {
  const stat = statSync(inCheckout(file), { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (stat.size !== input.size) return false;
  return stat.mtimeMs === input.mtimeMs || describeInput(file).sha256 === input.sha256;
}

/**
 * @param {string} file relative to the checkout
 * @param {number} [startedMs] when the build began: of a file written since, it is unknown which state went in, so it counts as changed
 * @returns {Input}
 */
export function describeInput(file, startedMs = Number.POSITIVE_INFINITY) {
  const { size, mtimeMs } = statSync(inCheckout(file));
  if (mtimeMs >= startedMs && mtimeMs <= Date.now()) return { size, mtimeMs: -1, sha256: "written while building" };
  return {
    size,
    mtimeMs,
    sha256: createHash("sha256")
      .update(readFileSync(inCheckout(file)))
      .digest("hex"),
  };
}

/**
 * The package.json above each source: its `exports` and `imports` decide what an import means.
 *
 * @param {string[]} sources relative to the checkout
 */
export function manifestsOf(sources) {
  const found = new Set();
  for (const source of sources) {
    for (let folder = path.dirname(source); folder !== "."; folder = path.dirname(folder)) {
      const manifest = path.join(folder, "package.json");
      if (!existsSync(inCheckout(manifest))) continue;
      found.add(manifest);
      break;
    }
  }
  return [...found];
}

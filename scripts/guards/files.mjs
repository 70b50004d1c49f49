// The files a guard looks at: what git tracks or would track; outside of a repository, what lies there.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const skipped = new Set(["node_modules", ".git", ".runtime", ".tsbuild", "dist"]);

/**
 * Paths relative to the root, with `/`, sorted.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function listFiles(root) {
  const files = existsSync(path.join(root, ".git")) ? listed(root) : walked(root, "");
  return files.filter((file) => file !== "" && existsSync(path.join(root, file))).sort();
}

/** @param {string} root */
function listed(root) {
  const output = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  return [...new Set(output.split("\0"))];
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function walked(root, folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walked(root, file) : [file];
  });
}

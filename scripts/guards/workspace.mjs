// The packages of the workspace as their manifests describe them.
import { readFileSync } from "node:fs";
import path from "node:path";
import { listFiles } from "./files.mjs";

/**
 * @typedef {object} WorkspacePackage
 * @property {string} name
 * @property {string} folder relative to the root, with `/`
 * @property {"protocols" | "platform" | "services" | "components" | "apps"} floor
 * @property {boolean} isAgent
 * @property {Set<string>} dependencies what it declares for its own code
 * @property {Set<string>} devDependencies what it declares for its tests
 * @property {Record<string, unknown>} manifest
 */

const floors = /** @type {const} */ (["protocols", "platform", "services", "components", "apps"]);

/**
 * @param {string} root
 * @returns {WorkspacePackage[]}
 */
export function workspacePackages(root) {
  return listFiles(root)
    .filter((file) => /^(protocols|platform|services|components|apps)\/.*package\.json$/.test(file))
    .filter((file) => file.split("/").length <= 4)
    .map((file) => {
      const manifest = readJson(path.join(root, file));
      const folder = path.posix.dirname(file);
      const floor = floors.find((name) => folder.startsWith(`${name}/`));
      if (floor === undefined) throw new Error(`${file} lies on no floor`);
      return {
        name: manifest.name,
        folder,
        floor,
        isAgent: folder.startsWith("services/agents/"),
        dependencies: new Set([
          ...Object.keys(manifest.dependencies ?? {}),
          ...Object.keys(manifest.peerDependencies ?? {}),
          ...Object.keys(manifest.optionalDependencies ?? {}),
        ]),
        devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
        manifest,
      };
    });
}

/** @param {string} file */
export function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

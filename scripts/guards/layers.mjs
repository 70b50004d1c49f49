// Which package may import which. Floors, bottom up: protocols, platform, services and components, apps. An import never runs up, never
// between agents, never out of its package by a relative path, never to a package that the importing one does not declare, and from a
// service never into a driver: of a port it may use the types and the constants, not a factory.
import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { listFiles } from "./files.mjs";
import { importsOf } from "./imports.mjs";
import { readJson, workspacePackages } from "./workspace.mjs";

/** @typedef {import("./workspace.mjs").WorkspacePackage} WorkspacePackage */
/** @typedef {import("./imports.mjs").Import} Import */

const height = { protocols: 0, platform: 1, services: 2, components: 2, apps: 3 };

/** Ports with drivers beside them: the composition root chooses, everyone else sees the interface. */
const ports = /^platform\/(store|bus|queue|cache|blobs|vectors|models|sandbox)$/;

/** What stands for the machine itself in a package that is no port: only the composition root hands it out. */
const machines = new Map([["platform/egress", "systemNetwork"]]);

/** Files that may reach out of their package by a relative path, each with the reason. */
const launchers = new Map([["apps/kai/bin/kai.mjs", "runs set-up, which must work before any package is linked"]]);

/** What is not part of a package's own code may use what is there for development: tests, measuring, the settings of a build. */
const isTest = /** @param {string} file */ (file) =>
  file.endsWith("/vite.config.ts") ||
  /\.(test|contract|fixture|bench)\.[cm]?tsx?$/.test(file) ||
  /\/(test|testing|fixtures|bench)\//.test(file);

/** @type {import("./guard.mjs").Guard} */
export const layers = {
  name: "layers",
  async run(root) {
    const packages = workspacePackages(root);
    const byName = new Map(packages.map((own) => [own.name, own]));
    const rootManifest = readJson(path.join(root, "package.json"));
    const shared = new Set(Object.keys({ ...rootManifest.dependencies, ...rootManifest.devDependencies }));
    const sources = listFiles(root).filter((file) => /\.([cm]?ts|tsx|mjs)$/.test(file) && !file.endsWith(".d.ts"));
    /** @type {string[]} */
    const problems = [];
    let seen = 0;
    for (const file of sources) {
      const own = packages.find(({ folder }) => file.startsWith(`${folder}/`));
      if (own === undefined) continue;
      seen += 1;
      for (const found of importsOf(root, file)) {
        const reason = found.specifier.startsWith(".") ? leaves(own, file, found) : breaks(own, file, found, { byName, shared });
        if (reason !== undefined) problems.push(`${file}:${found.line}: ${reason}`);
      }
    }
    // A guard that looked at nothing must not pass.
    if (packages.length === 0 || seen < packages.length) problems.push(`only ${seen} files of ${packages.length} packages were found`);
    return [...problems, ...packages.flatMap((own) => outOfStep(root, own, byName)), ...missingReferences(root, packages, sources)];
  },
};

/**
 * @param {WorkspacePackage} own
 * @param {string} file
 * @param {Import} found
 */
function leaves(own, file, { specifier }) {
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (target.startsWith(`${own.folder}/`) || launchers.has(file)) return undefined;
  return `${specifier} leaves the package ${own.name}: import the other package by its name`;
}

/**
 * @param {WorkspacePackage} own
 * @param {string} file
 * @param {Import} found
 * @param {{ byName: Map<string, WorkspacePackage>, shared: Set<string> }} known
 */
function breaks(own, file, found, { byName, shared }) {
  const { specifier } = found;
  if (specifier.startsWith("#")) {
    const imports = /** @type {Record<string, unknown>} */ (own.manifest["imports"] ?? {});
    return specifier in imports ? undefined : `${specifier} is not among the imports of ${own.folder}/package.json`;
  }
  if (isBuiltin(specifier)) return specifier.startsWith("node:") ? undefined : `write node:${specifier}`;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const test = isTest(file);
  if (name !== own.name && !own.dependencies.has(name) && !(test && (own.devDependencies.has(name) || shared.has(name)))) {
    return `${name} is not among the ${test ? "dependencies or devDependencies" : "dependencies"} of ${own.folder}/package.json`;
  }
  const other = byName.get(name);
  if (other === undefined || other === own) return undefined;
  const exports = /** @type {Record<string, unknown>} */ (other.manifest["exports"] ?? {});
  const subpath = `.${specifier.slice(name.length)}`;
  if (!(subpath in exports)) return `${other.name} does not export ${subpath}`;
  if (height[other.floor] > height[own.floor]) return `${own.floor} must not import ${name} of ${other.floor}: an import never runs up`;
  if (own.floor === "apps" && other.floor === "apps") return `one app must not import another (${name})`;
  if (test) return undefined;
  if (other.isAgent && own.floor !== "apps")
    return `${name} is an agent: agents are known by their address, only an app puts them together`;
  if (own.isAgent && other.floor === "services") return `an agent must not import the service ${name}: it gets what it needs injected`;
  if (own.floor === "services" && ports.test(other.folder)) {
    const taken = found.names.filter((taken) => !/^[A-Z][A-Z0-9_]*$/.test(taken));
    if (!found.typeOnly && taken.length > 0)
      return `${taken.join(", ")} of the port ${name}: a service uses its types only, the driver is injected`;
  }
  const machine = machines.get(other.folder);
  if (own.floor !== "apps" && machine !== undefined && found.names.includes(machine)) {
    return `${machine} of ${name}: only an app takes it, everything below gets it injected`;
  }
  return undefined;
}

/**
 * The tsconfig of a package refers to exactly the workspace packages its manifest names, so that both tell the same.
 *
 * @param {string} root
 * @param {WorkspacePackage} own
 * @param {Map<string, WorkspacePackage>} byName
 */
function outOfStep(root, own, byName) {
  const file = path.join(root, own.folder, "tsconfig.json");
  if (!existsSync(file)) return [`${own.folder}: tsconfig.json is missing`];
  const referred = new Set(referencesOf(file).map((target) => path.posix.join(own.folder, target)));
  const declared = [...own.dependencies, ...own.devDependencies].flatMap((name) => byName.get(name)?.folder ?? []);
  return [
    ...declared
      .filter((folder) => !referred.has(folder))
      .map((folder) => `${own.folder}/tsconfig.json: no reference to ${folder}, which package.json names`),
    ...[...referred]
      .filter((folder) => !declared.includes(folder))
      .map((folder) => `${own.folder}/tsconfig.json: refers to ${folder}, which package.json does not name`),
  ];
}

/**
 * Whatever has types is checked: each package, and what lies beside them.
 *
 * @param {string} root
 * @param {WorkspacePackage[]} packages
 * @param {string[]} sources
 */
function missingReferences(root, packages, sources) {
  const referred = new Set(referencesOf(path.join(root, "tsconfig.json")).map((target) => path.posix.normalize(target)));
  const beside = ["scripts", "test", "bench"].filter((folder) =>
    sources.some((file) => file.startsWith(`${folder}/`) && file.endsWith(".ts")),
  );
  return [...packages.map(({ folder }) => folder), ...beside]
    .filter((folder) => !referred.has(folder))
    .map((folder) => `tsconfig.json: no reference to ${folder}, so its types are not checked`);
}

/**
 * @param {string} file
 * @returns {string[]}
 */
function referencesOf(file) {
  return (readJson(file).references ?? []).map((/** @type {{ path: string }} */ reference) => reference.path);
}

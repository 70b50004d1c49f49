// Which lock files belong to which manifests.

import type { Totals } from "../metrics/tally.ts";

const LOCKFILES: ReadonlyMap<string, readonly string[]> = new Map([
  ["npm", ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"]],
  ["deno", ["deno.lock"]],
  ["composer", ["composer.lock"]],
  ["cargo", ["Cargo.lock"]],
  ["go", ["go.sum"]],
  ["bundler", ["Gemfile.lock"]],
  ["pipfile", ["Pipfile.lock"]],
  ["mix", ["mix.lock"]],
  ["pub", ["pubspec.lock"]],
  ["swiftpm", ["Package.resolved"]],
  ["cocoapods", ["Podfile.lock"]],
]);

/** Manifests with dependencies that have no lock file of their kind in their folder or a folder above. */
export function missingLockfiles(manifests: Totals["manifests"], lockfiles: readonly string[]): readonly string[] {
  const present = new Set(lockfiles);
  return manifests.flatMap(({ path, kind, dependencies }) => {
    const names = LOCKFILES.get(kind);
    if (names === undefined || dependencies === 0 || path.split("/").includes("node_modules")) return [];
    return foldersUpFrom(path).some((folder) => names.some((name) => present.has(folder + name))) ? [] : [path];
  });
}

/** `a/b/` , `a/`, and the top as an empty text. */
function foldersUpFrom(path: string): readonly string[] {
  const segments = path.split("/").slice(0, -1);
  return [...segments.map((_, index) => `${segments.slice(0, segments.length - index).join("/")}/`), ""];
}

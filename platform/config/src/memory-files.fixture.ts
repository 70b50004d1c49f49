// Configuration files that exist only in a map, for tests.

import type { ConfigFiles } from "./config-files.ts";

/** Files by path. `modes` gives permission bits; others are 0600. */
export function memoryFiles(files: Readonly<Record<string, string>>, modes: Readonly<Record<string, number>> = {}): ConfigFiles {
  return {
    async read(path) {
      const text = files[path];
      return text === undefined ? undefined : { text, mode: modes[path] ?? 0o600 };
    },
    async list(path) {
      const names = Object.keys(files)
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1).split("/")[0] ?? "");
      return [...new Set(names)].sort();
    },
  };
}

// A small healthy checkout in a temporary folder, to plant violations in. It uses this checkout's configuration and tools.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../setup/checkout.mjs";

type Files = Readonly<Record<string, string>>;

const configuration = [".gitignore", ".npmrc", ".oxlintrc.json", "biome.json", "tsconfig.base.json", "scripts/lint"];

function manifest(name: string, dependencies: readonly string[]): string {
  const all = Object.fromEntries(dependencies.map((dependency) => [dependency, "*"]));
  return json({ name, version: "0.1.0", private: true, type: "module", exports: { ".": "./src/index.ts" }, dependencies: all });
}

function tsconfig(up: string, references: readonly string[]): string {
  return json({
    extends: `${up}/tsconfig.base.json`,
    compilerOptions: { rootDir: "src", outDir: "dist" },
    include: ["src"],
    references: references.map((reference) => ({ path: reference })),
  });
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const healthy: Files = {
  "package.json": json({
    name: "planted",
    private: true,
    type: "module",
    workspaces: ["protocols/*", "platform/*", "services/agents/*", "services/gateway", "apps/*"],
  }),
  "package-lock.json": json({ name: "planted", lockfileVersion: 3, packages: { "": {} } }),
  "scripts/runtime/package-lock.json": json({ packages: { "": {} } }),
  "tsconfig.json": json({
    files: [],
    references: [
      "protocols/klp",
      "platform/store",
      "services/agents/kCore",
      "services/agents/kPlanner",
      "services/gateway",
      "apps/kos",
    ].map((folder) => ({ path: folder })),
  }),
  "tsconfig.browser.json": json({
    extends: "./tsconfig.base.json",
    compilerOptions: {
      lib: ["ES2024", "DOM"],
      module: "ESNext",
      moduleResolution: "bundler",
      types: [],
      composite: false,
      declaration: false,
      emitDeclarationOnly: false,
      noEmit: true,
    },
    files: ["protocols/klp/src/index.ts"],
  }),
  "knip.json": json({ workspaces: { ".": { entry: "scripts/lint/plugin.mjs" }, "apps/*": { entry: "src/main.ts" } } }),
  "protocols/klp/package.json": manifest("@kos/klp", []),
  "protocols/klp/tsconfig.json": tsconfig("../..", []),
  "protocols/klp/src/index.ts": "export const LIMIT = 3;\n",
  "platform/store/package.json": manifest("@kos/store", ["@kos/klp"]),
  "platform/store/tsconfig.json": tsconfig("../..", ["../../protocols/klp"]),
  "platform/store/src/index.ts":
    'import { LIMIT } from "@kos/klp";\n\nexport interface Store {\n  size: number;\n}\n\nexport const MAX_ROWS = LIMIT;\n\nexport function sqliteStore(): Store {\n  return { size: LIMIT };\n}\n',
  "services/agents/kCore/package.json": manifest("@kos/kcore", ["@kos/klp", "@kos/store"]),
  "services/agents/kCore/tsconfig.json": tsconfig("../../..", ["../../../protocols/klp", "../../../platform/store"]),
  "services/agents/kCore/src/index.ts":
    'import { LIMIT } from "@kos/klp";\nimport { MAX_ROWS, type Store } from "@kos/store";\n\nexport function room(store: Store): number {\n  return LIMIT + MAX_ROWS - store.size;\n}\n',
  "services/agents/kPlanner/package.json": manifest("@kos/kplanner", ["@kos/klp"]),
  "services/agents/kPlanner/tsconfig.json": tsconfig("../../..", ["../../../protocols/klp"]),
  "services/agents/kPlanner/src/index.ts": 'import { LIMIT } from "@kos/klp";\n\nexport const plans = LIMIT;\n',
  "services/gateway/package.json": manifest("@kos/gateway", ["@kos/klp"]),
  "services/gateway/tsconfig.json": tsconfig("../..", ["../../protocols/klp"]),
  "services/gateway/src/index.ts": 'import { LIMIT } from "@kos/klp";\n\nexport const doors = LIMIT;\n',
  "apps/kos/package.json": manifest("@kos/node", ["@kos/gateway", "@kos/kcore", "@kos/kplanner", "@kos/store"]),
  "apps/kos/tsconfig.json": tsconfig("../..", [
    "../../services/gateway",
    "../../services/agents/kCore",
    "../../services/agents/kPlanner",
    "../../platform/store",
  ]),
  "apps/kos/src/index.ts": "export {};\n",
  "apps/kos/src/main.ts":
    'import { doors } from "@kos/gateway";\nimport { room } from "@kos/kcore";\nimport { plans } from "@kos/kplanner";\nimport { sqliteStore } from "@kos/store";\n\nconsole.log(room(sqliteStore()), plans, doors, process.env["KOS_DATA"]);\n',
};

const links: Files = {
  klp: "protocols/klp",
  store: "platform/store",
  kcore: "services/agents/kCore",
  kplanner: "services/agents/kPlanner",
  gateway: "services/gateway",
  node: "apps/kos",
};

export interface Planted extends Disposable {
  readonly root: string;
}

/** Makes the checkout with the given files changed or added; it is removed at the end of the scope. */
export function plant(files: Files = {}): Planted {
  const folder = mkdtempSync(path.join(tmpdir(), "kos-planted-"));
  for (const name of configuration) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  for (const [file, text] of Object.entries({ ...healthy, ...files })) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  mkdirSync(path.join(folder, "node_modules", "@kos"), { recursive: true });
  for (const [name, target] of Object.entries(links))
    symlinkSync(path.join(folder, target), path.join(folder, "node_modules", "@kos", name));
  for (const name of ["@types", "undici-types"])
    symlinkSync(path.join(root, "node_modules", name), path.join(folder, "node_modules", name));
  return {
    root: folder,
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

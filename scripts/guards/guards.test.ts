// Each guard passes a healthy checkout and fails a planted violation.
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { guards } from "./all.mjs";
import { browser } from "./browser.mjs";
import { deadCode } from "./dead-code.mjs";
import { format } from "./format.mjs";
import { layers } from "./layers.mjs";
import { lockfile } from "./lockfile.mjs";
import { json, plant } from "./planted.fixture.ts";
import { runTool } from "./tool.mjs";
import { types } from "./types.mjs";

async function found(guard: (typeof guards)[number], files: Record<string, string>): Promise<string> {
  using checkout = plant(files);
  return (await guard.run(checkout.root)).join("\n");
}

describe("a healthy checkout", () => {
  test.each(guards.filter((guard) => guard !== format).map((guard) => [guard.name, guard] as const))("passes %s", async (_name, guard) => {
    expect(await found(guard, {})).toBe("");
  });
});

describe("types", () => {
  test("a wrong type anywhere in the workspace is found", async () => {
    const files = { "services/agents/kPlanner/src/index.ts": 'import { LIMIT } from "@kos/klp";\n\nexport const plans: string = LIMIT;\n' };
    expect(await found(types, files)).toMatch(/kPlanner\/src\/index\.ts.*TS2322/);
  });

  test("Node's types in code for the browser are found", async () => {
    const files = { "protocols/klp/src/index.ts": 'import { platform } from "node:os";\n\nexport const LIMIT = platform().length;\n' };
    expect(await found(browser, files)).toMatch(/klp\/src\/index\.ts.*node:os/);
  });
});

describe("layers", () => {
  const core = "services/agents/kCore/src/index.ts";

  test("an import that runs up is found", async () => {
    expect(
      await found(layers, {
        "protocols/klp/package.json": json({ name: "@kos/klp", exports: { ".": "./src/index.ts" }, dependencies: { "@kos/store": "*" } }),
        "protocols/klp/src/index.ts": 'import type { Store } from "@kos/store";\n\nexport type Shelf = Store;\n',
      }),
    ).toMatch(/protocols\/klp\/src\/index\.ts:1: protocols must not import @kos\/store/);
  });

  test("an import between two agents is found, also of a type", async () => {
    expect(
      await found(layers, {
        "services/agents/kCore/package.json": json({
          name: "@kos/kcore",
          exports: { ".": "./src/index.ts" },
          dependencies: { "@kos/kplanner": "*" },
        }),
        [core]: 'import type { plans } from "@kos/kplanner";\n\nexport type Plans = typeof plans;\n',
      }),
    ).toMatch(/@kos\/kplanner is an agent/);
  });

  test("an agent that imports another service is found", async () => {
    expect(
      await found(layers, {
        "services/agents/kCore/package.json": json({
          name: "@kos/kcore",
          exports: { ".": "./src/index.ts" },
          dependencies: { "@kos/gateway": "*" },
        }),
        [core]: 'export { doors } from "@kos/gateway";\n',
      }),
    ).toMatch(/must not import the service @kos\/gateway/);
  });

  test("a relative import that leaves its package is found", async () => {
    expect(await found(layers, { [core]: 'export { LIMIT } from "../../../../protocols/klp/src/index.ts";\n' })).toMatch(
      /leaves the package @kos\/kcore/,
    );
  });

  test("a package that is used but not declared is found, loaded lazily too", async () => {
    expect(await found(layers, { [core]: 'export const load = () => import("kysely");\n' })).toMatch(
      /kCore\/src\/index\.ts:1: kysely is not among the dependencies/,
    );
  });

  test("a tool of the root is declared for tests only", async () => {
    const files = {
      "package.json": json({ name: "planted", devDependencies: { vitest: "5" } }),
      "services/agents/kCore/src/a.test.ts": 'import { test } from "vitest";\n\ntest.todo("a");\n',
    };
    expect(await found(layers, files)).toBe("");
    expect(await found(layers, { ...files, [core]: 'import { test } from "vitest";\n\nexport const a = test;\n' })).toMatch(
      /vitest is not among/,
    );
  });

  test("a driver taken by a service is found; the types and constants of the port are not", async () => {
    expect(
      await found(layers, {
        [core]: 'import { MAX_ROWS, sqliteStore } from "@kos/store";\n\nexport const store = [sqliteStore(), MAX_ROWS];\n',
      }),
    ).toMatch(/: sqliteStore of the port @kos\/store/);
  });

  test("the machine's own network taken by anything but an app is found", async () => {
    const files = {
      "tsconfig.json": json({
        files: [],
        references: [
          "protocols/klp",
          "platform/egress",
          "platform/store",
          "services/agents/kCore",
          "services/agents/kPlanner",
          "services/gateway",
          "apps/kos",
        ].map((folder) => ({ path: folder })),
      }),
      "platform/egress/package.json": json({ name: "@kos/egress", version: "0.1.0", type: "module", exports: { ".": "./src/index.ts" } }),
      "platform/egress/tsconfig.json": json({ extends: "../../tsconfig.base.json", include: ["src"], references: [] }),
      "platform/egress/src/index.ts": "export const [guarded, systemNetwork] = [1, 2];\n",
      "services/agents/kPlanner/package.json": json({
        name: "@kos/kplanner",
        version: "0.1.0",
        type: "module",
        exports: { ".": "./src/index.ts" },
        dependencies: { "@kos/egress": "*" },
      }),
      "services/agents/kPlanner/tsconfig.json": json({
        extends: "../../../tsconfig.base.json",
        include: ["src"],
        references: [{ path: "../../../platform/egress" }],
      }),
    };
    const using = (name: string) => ({
      ...files,
      "services/agents/kPlanner/src/index.ts": `import { ${name} } from "@kos/egress";\n\nexport const plans = ${name};\n`,
    });
    expect(await found(layers, using("guarded"))).toBe("");
    expect(await found(layers, using("systemNetwork"))).toMatch(/systemNetwork of @kos\/egress: only an app/);
  });

  test("a way past the exports of a package is found", async () => {
    expect(await found(layers, { [core]: 'import type { Store } from "@kos/store/src/index.ts";\n\nexport type S = Store;\n' })).toMatch(
      /does not export/,
    );
  });

  test("a tsconfig that does not say what package.json says is found", async () => {
    expect(
      await found(layers, {
        "services/gateway/tsconfig.json": json({
          extends: "../../tsconfig.base.json",
          include: ["src"],
          references: [{ path: "../../platform/store" }],
        }),
      }),
    ).toMatch(/no reference to protocols\/klp[\s\S]*refers to platform\/store/);
  });

  test("a package that the root tsconfig forgets is found", async () => {
    expect(await found(layers, { "tsconfig.json": json({ files: [], references: [{ path: "protocols/klp" }] }) })).toMatch(
      /no reference to apps\/kos/,
    );
  });

  test("a folder of tests that the root tsconfig forgets is found", async () => {
    expect(await found(layers, { "test/whole.test.ts": "export {};\n" })).toMatch(/no reference to test,/);
  });

  test("a package without a single source fails rather than passes", async () => {
    using checkout = plant();
    for (const name of ["index.ts", "main.ts"]) rmSync(`${checkout.root}/apps/kos/src/${name}`);
    expect((await layers.run(checkout.root)).join()).toMatch(/only 5 files of 6 packages/);
  });

  test("a file that does not parse stops the guard", async () => {
    expect(await found(layers, { "services/agents/kCore/src/index.ts": "syntax error here (" }).catch(String)).toMatch(/does not parse/);
  });
});

describe("dead code", () => {
  test("a file, an export and a dependency that nothing uses are found", async () => {
    const problems = await found(deadCode, {
      "services/gateway/package.json": json({
        name: "@kos/gateway",
        type: "module",
        exports: { ".": "./src/index.ts" },
        dependencies: { "@kos/klp": "*", "left-pad": "1" },
      }),
      "apps/kos/src/door.ts": "export const open = 1;\nexport const shut = 2;\n",
      "apps/kos/src/orphan.ts": "export const alone = 1;\n",
      "apps/kos/src/main.ts": 'import { doors } from "@kos/gateway";\nimport { open } from "./door.ts";\n\nconsole.log(open, doors);\n',
    });
    expect(problems).toMatch(/orphan\.ts/);
    expect(problems).toMatch(/door\.ts: shut/);
    expect(problems).toMatch(/left-pad/);
  });
});

describe("[R80] lockfile", () => {
  const good = { version: "1.0.0", integrity: "sha512-AAAA", license: "MIT" };
  const locked = (packages: Record<string, unknown>) => ({ "package-lock.json": json({ packages: { "": {}, ...packages } }) });

  test.each([
    ["without integrity", { "node_modules/a": { ...good, integrity: undefined } }, /node_modules\/a: no integrity/],
    ["with a weak integrity", { "node_modules/a": { ...good, integrity: "sha1-AAAA" } }, /not SHA-512/],
    [
      "with the address it came from",
      { "node_modules/a": { ...good, resolved: "https://packages.example/a.tgz" } },
      /names where it was fetched/,
    ],
    ["from git", { "node_modules/a": { ...good, version: "git+ssh://git@host/a.git" } }, /does not come from a registry/],
    ["with a licence that is not allowed", { "node_modules/a": { ...good, license: "AGPL-3.0" } }, /licence AGPL-3\.0/],
    ["without a licence", { "node_modules/a": { ...good, license: undefined } }, /licence unknown/],
    [
      "without the build of another platform",
      { "node_modules/a": { ...good, optionalDependencies: { "a-darwin": "1.0.0" } } },
      /a-darwin is missing, so npm ci fails/,
    ],
  ])("a package %s is found", async (_name, packages, message) => {
    expect(await found(lockfile, locked(packages))).toMatch(message);
  });

  test("a development tool may have any licence, an alternative may be chosen", async () => {
    expect(
      await found(
        lockfile,
        locked({
          "node_modules/a": { ...good, license: "MPL-2.0", dev: true },
          "node_modules/b": { ...good, license: "(GPL-3.0 OR MIT)" },
        }),
      ),
    ).toBe("");
  });

  test("install scripts that are allowed are found", async () => {
    expect(await found(lockfile, { ".npmrc": "save-exact=true\n" })).toMatch(/install scripts would run/);
  });
});

test("a formatted checkout passes format", async () => {
  using checkout = plant();
  await runTool("biome", ["check", "--linter-enabled=false", "--write", "."], checkout.root);
  expect(await format.run(checkout.root)).toEqual([]);
});

test("a file that is not formatted is found", async () => {
  expect(await found(format, { "apps/kos/src/main.ts": "const   a = 1\nconsole.log( a )\n" })).toMatch(/main\.ts/);
});

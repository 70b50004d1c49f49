// The rules of .oxlintrc.json, ours included, find what they are for: all violations are planted in one checkout and linted once.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lint } from "./lint.mjs";
import { type Planted, plant } from "./planted.fixture.ts";

/** Rule → source that breaks it, in an agent unless a file is named. */
const broken: readonly (readonly [name: string, rule: string, source: string])[] = [
  ["a floating promise", "no-floating-promises", "export function a(): void {\n  Promise.resolve(1);\n}\n"],
  [
    "a switch that forgets a case",
    "switch-exhaustiveness-check",
    'export function a(b: "x" | "y"): void {\n  switch (b) {\n    case "x":\n      break;\n  }\n}\n',
  ],
  ["any", "no-explicit-any", "export const a: any = 1;\n"],
  ["a non-null assertion", "no-non-null-assertion", "export const a = (b: string | null): number => b!.length;\n"],
  ["a default export", "no-default-export", "export default 1;\n"],
  ["console in a package", "no-console", 'console.log("a");\n'],
  ["an empty catch", "no-empty", "try {\n  JSON.parse('');\n} catch {}\n"],
  ["[R76] eval", "no-eval", 'export const a: unknown = eval("1");\n'],
  ["[R76] new Function", "no-new-func", 'export const a = new Function("return 1");\n'],
  ["[R76] node:vm", "no-restricted-imports", 'import { runInNewContext } from "node:vm";\n\nexport const a = runInNewContext;\n'],
  ["[R76] a timer given text", "no-implied-eval", 'setTimeout("1", 1);\n'],
  ["[R76] shell: true", "no-shell", 'import { spawn } from "node:child_process";\n\nspawn("ls", [], { shell: true });\n'],
  ["[R76] exec, which runs a shell", "no-shell", 'import { exec } from "node:child_process";\n\nexec("ls");\n'],
  [
    "[R30] SQL with a value in a template",
    "no-sql-text",
    "export const a = (id: string): string => `SELECT * FROM t WHERE id = '${id}'`;\n",
  ],
  ["[R30] SQL with a value behind a plus", "no-sql-text", 'export const a = (id: string): string => "delete from t where id = " + id;\n'],
  [
    "[R30] SQL with a table from outside",
    "no-sql-text",
    "export const a = (table: string): string => `INSERT OR IGNORE INTO ${table} VALUES (?)`;\n",
  ],
  ["the environment", "no-ambient", 'export const a = process.env["HOME"];\n'],
  ["the environment, taken apart", "no-ambient", "export const { env } = process;\n"],
  ["the clock", "no-ambient", "export const a = (): number => Date.now();\n"],
  ["the clock as a default", "no-ambient", "export const a = (now = Date.now): number => now();\n"],
  ["the clock by a new Date", "no-ambient", "export const a = (): Date => new Date();\n"],
  ["the clock of performance", "no-ambient", "export const a = performance.now();\n"],
  ["randomness", "no-ambient", "export const a = Math.random();\n"],
  ["randomness from node:crypto", "no-ambient", 'import { randomUUID } from "node:crypto";\n\nexport const a = randomUUID();\n'],
  ["a timer", "no-ambient", "setTimeout(() => {}, 1);\n"],
  ["a timer of node:timers/promises", "no-ambient", 'import { setTimeout } from "node:timers/promises";\n\nawait setTimeout(1);\n'],
  ["a signal that times out by itself", "no-ambient", "export const a = AbortSignal.timeout(1);\n"],
  ["the network", "no-ambient", 'export const a = fetch("http://localhost");\n'],
  ["the network as a default", "no-ambient", "export const a = (get = globalThis.fetch): unknown => get;\n"],
  ["export *", "no-export-all", 'export * from "@kos/klp";\n'],
  ["a rule silenced for nothing", "Unused oxlint-disable", "// oxlint-disable-next-line no-console -- planted\nexport const a = 1;\n"],
];

const allowed: readonly (readonly [name: string, source: string])[] = [
  [
    "an injected clock, fetch and timer",
    "export const a = (fetch: () => number, setTimeout: () => number, d: { now: () => number }): number => fetch() + setTimeout() + d.now();\n",
  ],
  ["members that only share the name", "export const a = { fetch: 1, setTimeout: 2 };\nexport const b = a.fetch + a.setTimeout;\n"],
  ["a Date of a given time", "export const a = (ms: number): string => new Date(ms).toISOString();\n"],
  ["a type of fetch", "export type A = typeof fetch;\nexport interface B {\n  fetch: A;\n  setTimeout(ms: number): void;\n}\n"],
  ["SQL of constants", "const TABLE = 't';\nexport const a = `SELECT * FROM ${TABLE} WHERE id = ?`;\n"],
  [
    "a message that begins like SQL",
    "export const a = (n: number): string => `select one of ${n}`.trim();\nexport const b = (n: number): string => `Update ${n} files`;\n",
  ],
  ["spawn with arguments", 'import { spawn } from "node:child_process";\n\nspawn("ls", ["-l"], { shell: false });\n'],
];

const folder = "services/agents/kCore/src";
let checkout: Planted;
let lines: readonly string[];

beforeAll(async () => {
  const cases = [
    ...broken.map(([, , source], at) => [`broken-${at}`, source] as const),
    ...allowed.map(([, source], at) => [`allowed-${at}`, source] as const),
  ];
  checkout = plant({
    ...Object.fromEntries(cases.map(([name, source]) => [`${folder}/${name}.ts`, source])),
    [`${folder}/ring-a.ts`]: 'import type { B } from "./ring-b.ts";\n\nexport interface A {\n  b: B;\n}\n',
    [`${folder}/ring-b.ts`]: 'import type { A } from "./ring-a.ts";\n\nexport interface B {\n  a: A;\n}\n',
    [`${folder}/CamelCase.ts`]: "export const a = 1;\n",
    "apps/kos/src/clock.ts": "export const now = Date.now();\nconsole.log(now);\n",
    [`${folder}/clock.test.ts`]:
      'import { expect, test } from "vitest";\n\ntest("now", () => {\n  expect(Date.now()).toBeGreaterThan(0);\n});\n',
    [`${folder}/empty.test.ts`]: 'import { test } from "vitest";\n\ntest("asserts nothing", () => {\n  JSON.parse("1");\n});\n',
  });
  lines = await lint.run(checkout.root);
});

afterAll(() => checkout[Symbol.dispose]());

const about = (file: string): string => lines.filter((line) => line.includes(`/${file}:`)).join("\n");

describe("is found:", () => {
  test.each(broken.map(([name, rule], at) => [name, rule, at] as const))("%s (%s)", (_name, rule, at) => {
    expect(about(`broken-${at}.ts`)).toContain(rule);
  });

  test("a cycle of types only", () => {
    expect(about("ring-a.ts")).toContain("no-cycle");
  });

  test("a file that is not named in kebab-case", () => {
    expect(about("CamelCase.ts")).toContain("filename-case");
  });

  test("a test that asserts nothing", () => {
    expect(about("empty.test.ts")).toContain("expect-expect");
  });
});

describe("is left alone:", () => {
  test.each(allowed.map(([name], at) => [name, at] as const))("%s", (_name, at) => {
    expect(about(`allowed-${at}.ts`)).toBe("");
  });

  test("the clock and the terminal in an app", () => {
    expect(about("clock.ts")).toBe("");
  });

  test("the clock in a test", () => {
    expect(about("clock.test.ts")).toBe("");
  });
});

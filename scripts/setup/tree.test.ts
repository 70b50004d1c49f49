import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { differenceFromLock } from "./tree.mjs";

const entry = (version: string, more: object = {}) => ({ version, integrity: `sha512-${version}`, ...more });
const wanted = {
  "": {},
  "apps/a": { name: "a" },
  "node_modules/a": { link: true },
  "node_modules/prod": entry("1.0.0"),
  "node_modules/tool": entry("1.0.0", { dev: true }),
  "node_modules/build-darwin": entry("1.0.0", { optional: true }),
};
const production = { "node_modules/prod": entry("1.0.0") };
const development = { ...production, "node_modules/tool": entry("1.0.0", { dev: true }) };

let folder: string;

function lay(present: object | undefined): void {
  writeFileSync(path.join(folder, "package-lock.json"), JSON.stringify({ packages: wanted }));
  mkdirSync(path.join(folder, "node_modules", "a"), { recursive: true });
  if (present !== undefined) writeFileSync(path.join(folder, "node_modules", ".package-lock.json"), JSON.stringify({ packages: present }));
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "kos-tree-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("an installed production tree is ready for running and not for testing", () => {
  lay(production);
  expect(differenceFromLock(folder)).toBeUndefined();
  expect(differenceFromLock(folder, { dev: true })).toMatch(/tool is missing/);
});

test("a development tree is ready for both", () => {
  lay(development);
  expect(differenceFromLock(folder)).toBeUndefined();
  expect(differenceFromLock(folder, { dev: true })).toBeUndefined();
});

test("an install that was cut off, which leaves no list behind, is not ready", () => {
  lay(undefined);
  expect(differenceFromLock(folder)).toMatch(/nothing is installed/);
});

test("another version or other bytes are not ready", () => {
  lay({ "node_modules/prod": entry("0.9.0") });
  expect(differenceFromLock(folder)).toMatch(/prod is 0\.9\.0, not 1\.0\.0/);
  lay({ "node_modules/prod": { version: "1.0.0", integrity: "sha512-other" } });
  expect(differenceFromLock(folder)).toMatch(/prod/);
});

test("a missing link to a package of ours is not ready", () => {
  lay(production);
  rmSync(path.join(folder, "node_modules", "a"), { recursive: true });
  expect(differenceFromLock(folder)).toMatch(/node_modules\/a is not linked/);
});

test("an optional package is required only where it is named", () => {
  lay(production);
  expect(differenceFromLock(folder, { required: ["node_modules/build-darwin"] })).toMatch(/build-darwin is missing/);
});

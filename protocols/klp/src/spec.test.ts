import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL(".", import.meta.url));
const rules = [...readFileSync(join(folder, "../SPEC.md"), "utf8").matchAll(/^- \*\*\[(K[0-9]+)\]\*\*/gm)].map(([, rule]) => rule);
const suites = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(test|contract)\.ts$/.test(name));
const named = new Set(
  suites.flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/\[(K[0-9]+)\]/g)].map(([, rule]) => rule)),
);

test("every rule of SPEC.md has a test that names it, and every number in a test is a rule", () => {
  expect(named).toEqual(new Set(rules));
  expect(rules).toEqual(rules.map((_, index) => `K${index + 1}`));
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { declaredNeeds, installCommand, missingPrograms } from "./test-services.mjs";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "kos-needs-"));
  mkdirSync(path.join(folder, "bin"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lay = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);

test("what test files declare is collected with its Debian package", () => {
  lay("a.test.ts", "// About disks.\n// needs: strace\n");
  lay("b.test.ts", "// needs: promtool, strace\n");
  lay("c.ts", "// needs: chromium\n");
  expect(declaredNeeds(folder)).toEqual([
    { program: "strace", package: "strace", files: ["a.test.ts", "b.test.ts"] },
    { program: "promtool", package: "prometheus", files: ["b.test.ts"] },
  ]);
});

test("a need that the table does not know is an error that names the file", () => {
  lay("a.test.ts", "// needs: oracle\n");
  expect(() => declaredNeeds(folder)).toThrow(/a\.test\.ts needs oracle/);
});

test("what is not on the search path is missing, and the command to install it names each package once", () => {
  lay("a.test.ts", "// needs: strace, promtool, prometheus\n");
  lay("bin/strace", "");
  const missing = missingPrograms(declaredNeeds(folder), `/nowhere${path.delimiter}${path.join(folder, "bin")}`);
  expect(missing.map(({ program }) => program)).toEqual(["promtool", "prometheus"]);
  expect(installCommand(missing)).toBe("apt-get install --no-install-recommends prometheus");
});

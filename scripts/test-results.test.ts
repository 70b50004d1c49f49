import { expect, test } from "vitest";
import { countResults, plainLine } from "./test-results.mjs";

const file = (status: string, ...statuses: string[]) => ({ status, assertionResults: statuses.map((own) => ({ status: own })) });

test("tests are counted by how they ended; what was not run counts as skipped", () => {
  const report = { testResults: [file("passed", "passed", "skipped", "todo"), file("failed", "passed", "failed", "failed")] };
  expect(countResults(report)).toEqual({ passed: 2, failed: 2, skipped: 2 });
});

test("a file that could not be loaded counts as a failure", () => {
  expect(countResults({ testResults: [file("failed"), file("failed", "passed")] })).toEqual({ passed: 1, failed: 2, skipped: 0 });
});

test("the last line is plain, with what was skipped only where something was", () => {
  expect(plainLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(plainLine({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});

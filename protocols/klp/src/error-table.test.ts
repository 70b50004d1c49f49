import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ERROR_CODES, ERROR_TABLE, type ErrorCode, isErrorCode } from "./error-table.ts";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("[K1] docs/errors.md has one row for every code and none for anything else", () => {
  expect(rows.map(([, code = ""]) => code.replaceAll("`", "")).sort()).toEqual([...ERROR_CODES].sort());
});

test("docs/errors.md gives the status, retry rule, visibility and advice of the table, and says when", () => {
  for (const [, code = "", status, retry, shown, when = "", advice] of rows) {
    const entry = ERROR_TABLE[code.replaceAll("`", "") as ErrorCode];
    expect([code, status, retry, shown, advice]).toEqual([
      code,
      String(entry.status),
      yesNo(entry.retryable),
      yesNo(entry.public),
      entry.advice,
    ]);
    expect(when.length).toBeGreaterThan(20);
  }
});

test("the table has exactly the listed codes", () => {
  expect(Object.keys(ERROR_TABLE).sort()).toEqual([...ERROR_CODES].sort());
  expect(new Set(ERROR_CODES).size).toBe(36);
});

test("every entry has an HTTP error status and speaks in sentences", () => {
  for (const entry of Object.values(ERROR_TABLE)) {
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.title).toMatch(/^[A-Z].*\.$/);
    expect(entry.advice).toMatch(/^[A-Z].*\.$/);
  }
});

test("names that every object has are not codes", () => {
  for (const name of ["toString", "constructor", "__proto__", "", "not_found", 4, null]) expect(isErrorCode(name)).toBe(false);
});

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

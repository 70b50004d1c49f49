// Reads the demonstration's report back and holds its numbers against what the files were made of.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { KosError } from "@kos/klp";
import type { DemoFacts } from "./demo-files.ts";

interface ReportCheck {
  readonly what: string;
  readonly found: number;
  readonly expected: number;
}

interface ReportNumbers {
  readonly files_total: number;
  readonly bytes_total: number;
  readonly todos: number;
  readonly duplicates: readonly unknown[];
}

const SHOWN_LINES = 6;

/** `lines`: the beginning of the report's text. Errors: NOT_FOUND when a part of the report is not there. */
export async function checkReport(
  files: readonly string[],
  facts: DemoFacts,
): Promise<{ readonly checks: readonly ReportCheck[]; readonly lines: readonly string[] }> {
  const read = async (name: string) => {
    const path = files.find((file) => basename(file) === name);
    if (path === undefined) throw new KosError("NOT_FOUND", `The report has no ${name}.`);
    return readFile(path, "utf8");
  };
  const numbers = JSON.parse(await read("report.json")) as ReportNumbers;
  const text = await read("report.md");
  return {
    checks: [
      { what: "files", found: numbers.files_total, expected: facts.files },
      { what: "bytes", found: numbers.bytes_total, expected: facts.bytes },
      { what: "lines marked for later", found: numbers.todos, expected: facts.todos },
      { what: "groups of duplicates", found: numbers.duplicates.length, expected: facts.duplicates },
    ],
    lines: text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(0, SHOWN_LINES),
  };
}

import { describe, expect, test } from "vitest";
import { createStyle } from "../format/style.ts";
import { outputLines } from "./run-summary.ts";

describe("fields of an output", () => {
  test.each([
    ["numbers and sizes", { files_total: 1234, bytes_total: 1200 }, ["files total  1,234", "bytes total  1.2 kB"]],
    ["texts in a list", { risks: ["no_ci", "no_readme"] }, ["risks  2: no_ci, no_readme"]],
    ["more than are shown", { columns: ["a", "b", "c", "d", "e"].map((name) => ({ name })) }, ["columns  5: a, b, c, d, …"]],
    ["terms with their weights", { keywords: [{ weight: 1, term: "apples" }] }, ["keywords  1: apples"]],
    ["sentences", { warnings: ["One is too few.", "Two, though, is not."] }, ["warnings  2: One is too few.; Two, though, is not."]],
    ["things without a name", { offsets: [{ start: 1 }, { start: 2 }] }, ["offsets  2"]],
    ["nothing in a list", { dead_links: [] }, ["dead links  none"]],
  ])("%s", (_name, output, lines) => {
    expect(outputLines(output, 80, createStyle(false)).slice(1)).toEqual(lines.map((line) => `  ${line}`));
  });
});

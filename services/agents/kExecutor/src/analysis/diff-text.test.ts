import { applyPatch } from "diff";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderMarkdown } from "../render/markdown-html.ts";
import { call } from "../testing/call.fixture.ts";
import { activeParts } from "../testing/html-tags.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { diffText } from "./diff-text.ts";
import { diffLines, MAX_EDITS, unifiedDiff } from "./line-diff.ts";

const compare = (before: string, after: string, more: { name?: string; context?: number } = {}) =>
  call(diffText, { before, after, ...more }, testContext());

const numbered = (count: number, mark: string) => Array.from({ length: count }, (_, n) => `${mark} ${n}\n`).join("");

describe("diff.text", () => {
  test("equal texts have not changed", async () => {
    expect(await compare("a\nb\n", "a\nb\n")).toEqual({
      changed: false,
      added_lines: 0,
      removed_lines: 0,
      minimal: true,
      unified: "",
      hunks: [],
      truncated: false,
      markdown: "Nothing changed.\n",
    });
  });

  test("counts and shows what changed, as diff -u does", async () => {
    const result = await compare("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n", { name: "list.txt", context: 1 });
    expect(result).toMatchObject({ changed: true, added_lines: 2, removed_lines: 1, minimal: true, truncated: false });
    expect(result.unified).toBe("--- a/list.txt\n+++ b/list.txt\n@@ -1,4 +1,5 @@\n a\n-b\n+B\n c\n d\n+e\n");
    expect(result.hunks).toEqual([{ old_start: 1, old_lines: 4, new_start: 1, new_lines: 5, lines: [" a", "-b", "+B", " c", " d", "+e"] }]);
    expect(result.markdown).toContain("**2 lines added, 1 line removed** in list.txt");
  });

  test("the whole diff is an artifact, and turns the one text into the other", async () => {
    const context = testContext();
    const [before, after] = [numbered(3000, "the older line"), numbered(3000, "the newer line")];
    const result = await call(diffText, { before, after }, context);
    expect(result).toMatchObject({ truncated: true, minimal: false, added_lines: 3000, removed_lines: 3000 });
    expect(result.unified.length).toBe(65_536);
    expect(applyPatch(before, context.textOf("changes.diff"))).toBe(after);
  });

  test("texts may be artifacts; a binary one is refused", async () => {
    const context = testContext();
    const put = (content: string) => context.artifacts.put({ name: "a", media_type: "text/plain", content });
    const [old, now, binary] = [await put("one\n"), await put("two\n"), await put("\0\0")];
    const result = await call(diffText, { before_artifact: old.hash, after_artifact: now.hash }, context);
    expect(result).toMatchObject({ added_lines: 1, removed_lines: 1 });
    await expect(call(diffText, { before_artifact: old.hash, after_artifact: binary.hash }, context)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      details: { at: "/after_artifact" },
    });
  });

  test("a text beyond the bound is refused: its beginning would say nothing", async () => {
    const context = testContext();
    const { hash } = await context.artifacts.put({ name: "a", media_type: "text/plain", content: "line\n".repeat(1_100_000) });
    await expect(call(diffText, { before: "a", after_artifact: hash }, context)).rejects.toMatchObject({
      code: "TOO_LARGE",
      details: { at: "/after_artifact" },
    });
  });

  test("one text missing or given twice is refused", async () => {
    const context = testContext();
    await expect(diffText.run({ before: "a" }, context)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    const hash = `sha256:${"0".repeat(64)}`;
    await expect(diffText.run({ before: "a", before_artifact: hash, after: "b" }, context)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("in paragraphs the changed words are marked", async () => {
    const paragraph = (opening: string) =>
      `The library opens ${opening} for readers of every age, who may borrow books, films and records as before.\n`;
    const { markdown } = await compare(paragraph("at nine"), paragraph("at ten"));
    expect(markdown).toContain("~~nine~~**ten**");
    const { html } = renderMarkdown(markdown, { chart: () => undefined });
    expect(html).toContain("<s>nine</s><strong>ten</strong>");
  });

  test("[R95] lines that look like Markdown or HTML stay text in what people see", async () => {
    const hostile = ["```", "<script>alert(1)</script>", "![x](https://evil.example/x.png)", "[x](javascript:alert(1))", "\u202etxt.exe"];
    for (const wide of [0, 120]) {
      const line = (text: string) => `${text}${" and so on".repeat(wide / 10)}\n`;
      const { markdown } = await compare("nothing here\n", hostile.map(line).join(""), { name: "<img src=x> `name`" });
      const { html } = renderMarkdown(markdown, { chart: () => undefined });
      expect(activeParts(html)).toEqual([]);
      expect(html).not.toContain("\u202e");
    }
  });

  test("the work is bounded by the number of changes, not by time, and the result says so", async () => {
    const few = await diffLines(numbered(50, "a"), numbered(50, "b"), { context: 3, maxEdits: 100 });
    expect(few.minimal).toBe(true);
    const many = await diffLines(numbered(51, "a"), numbered(51, "b"), { context: 3, maxEdits: 100 });
    expect(many).toMatchObject({ minimal: false, addedLines: 51, removedLines: 51 });
    expect(MAX_EDITS).toBeLessThanOrEqual(5000);
  });
});

test("what is common before and after costs nothing, and lines are numbered as in the whole text", async () => {
  const [head, tail] = ["same\n".repeat(200_000), "end\n".repeat(200_000)];
  const { hunks } = await diffLines(`${head}old\n${tail}`, `${head}new\nnewer\n${tail}`, { context: 1, maxEdits: 10 });
  expect(hunks).toEqual([
    { oldStart: 200_000, oldLines: 3, newStart: 200_000, newLines: 4, lines: [" same", "-old", "+new", "+newer", " end"] },
  ]);
});

test("a unified diff turns the one text into the other, also beyond the bound", async () => {
  const line = fc.constantFrom("a", "b", "c", "", " x", "-y", "+z", "\\ n");
  const text = fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
    .map(([lines, ends]) => lines.join("\n") + (ends && lines.length > 0 ? "\n" : ""));
  await fc.assert(
    fc.asyncProperty(text, text, fc.integer({ min: 0, max: 4 }), fc.constantFrom(0, 2, 100), async (before, after, context, maxEdits) => {
      const { hunks } = await diffLines(before, after, { context, maxEdits });
      expect(applyPatch(before, await unifiedDiff("x", hunks))).toBe(after);
    }),
    { numRuns: 2000 },
  );
});

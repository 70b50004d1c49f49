import type { Capability } from "@kos/agent";
import { describe, expect, test } from "vitest";
import { reportRender } from "../render/report-render.ts";
import { call as callIn } from "../testing/call.fixture.ts";
import { activeParts } from "../testing/html-tags.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { reportFromDiff } from "./report-from-diff.ts";
import { reportFromDocument } from "./report-from-document.ts";
import { reportFromKeywords } from "./report-from-keywords.ts";
import { reportFromSummary } from "./report-from-summary.ts";
import type { ReportParts } from "./report-parts.ts";

const DOCUMENT = { title: "A  title\nin two lines", author: "Ada", markdown: "# Body\n\nText.", words: 1200, pages: 3, format: "pdf" };
const EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://evil.example/p.png) | a `b` \u202e";

const call: <Input, Output>(capability: Capability<Input, Output>, params: Input) => Promise<Output> = (capability, params) =>
  callIn(capability, params, testContext());

async function rendered(parts: ReportParts): Promise<string> {
  const context = testContext();
  const { html } = await callIn(reportRender, { ...parts }, context);
  return Buffer.from(await context.artifacts.get(html.hash, { maxBytes: 1_000_000 })).toString();
}

describe("the parts of a report", () => {
  test("of a document are its text, its title on one line and what is known of it", async () => {
    expect(await call(reportFromDocument, { document: DOCUMENT })).toEqual({
      title: "A title in two lines",
      subtitle: "",
      facts: [
        { label: "Author", value: "Ada" },
        { label: "Words", value: "1,200" },
        { label: "Pages", value: "3" },
      ],
      markdown: "# Body\n\nText.",
      charts: [],
    });
    expect((await call(reportFromDocument, { document: { markdown: "", title: " " } })).title).toBe("Report");
    expect((await call(reportFromDocument, { document: DOCUMENT, title: "Mine" })).title).toBe("Mine");
  });

  test("of a summary are its sentences, and what comes along", async () => {
    const keywords = { keywords: [{ term: "light", weight: 1, count: 4 }] };
    const summary = { sentences: [{ text: "One *sentence*." }], language: "en", sentences_total: 9, words: 80 };
    const parts = await call(reportFromSummary, { summary, keywords, document: DOCUMENT });
    expect(parts.subtitle).toBe("Summary: 1 sentence of 9");
    expect(parts.markdown).toBe(
      "## Summary\n\n- One \\*sentence\\*.\n\n## Keywords\n\n| Keyword | Weight | Times |\n| :-- | --: | --: |\n| light | 1.00 | 4 |",
    );
    expect((await call(reportFromSummary, { summary: { sentences: [], language: "und" } })).facts).toEqual([]);
  });

  test("of keywords are a table and a chart, of changes the changes", async () => {
    const keywords = { keywords: [{ term: "light", weight: 0.5, count: 4 }], words: 80 };
    expect(await call(reportFromKeywords, { keywords })).toMatchObject({
      subtitle: "1 keyword",
      charts: [{ id: "keywords", series: [{ label: "light", value: 4 }] }],
    });
    const diff = { changed: true, added_lines: 2, removed_lines: 1, markdown: "- a\n+ b" };
    expect(await call(reportFromDiff, { diff })).toMatchObject({ title: "What changed", markdown: "- a\n+ b", subtitle: "" });
    expect((await call(reportFromDiff, { diff: { ...diff, changed: false } })).markdown).toBe("Both texts are the same.");
  });

  test("[R95] of hostile texts become pages in which nothing runs or loads", async () => {
    const document = { title: EVIL, author: EVIL, markdown: EVIL, words: 1 };
    const keywords = { keywords: [{ term: EVIL, weight: 1, count: 1 }] };
    const pages = [
      await call(reportFromDocument, { document }),
      await call(reportFromSummary, { summary: { sentences: [{ text: EVIL }] }, keywords, document }),
      await call(reportFromKeywords, { keywords, document }),
      await call(reportFromDiff, { diff: { changed: true, added_lines: 1, removed_lines: 0, markdown: EVIL }, title: EVIL }),
    ];
    for (const parts of pages) expect(activeParts(await rendered(parts))).toEqual([]);
  });

  test("of a page without a title get one from the name of the files", async () => {
    expect(await rendered({ title: "", subtitle: "", facts: [], markdown: "x", charts: [] })).toContain("<title>report</title>");
  });
});

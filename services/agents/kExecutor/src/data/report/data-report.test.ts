import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { reportRender } from "../../render/report-render.ts";
import { call } from "../../testing/call.fixture.ts";
import { profiled, recounted } from "../../testing/data-call.fixture.ts";
import { type DataSet, delimited, peopleData } from "../../testing/data-set.fixture.ts";
import { activeParts } from "../../testing/html-tags.fixture.ts";
import { testContext } from "../../testing/test-context.fixture.ts";
import { dataReport } from "./data-report.ts";
import type { DataReport } from "./report-document.ts";

async function reported(content: string, change: (recount: Awaited<ReturnType<typeof recounted>>) => void = () => undefined) {
  const [{ output: profile, context: before }, recount] = [await profiled(content), await recounted(content)];
  change(recount);
  const context = testContext({ taskId: "report", after: before });
  const output = await call(dataReport, { profile, recount }, context);
  const pages = testContext({ taskId: "render", after: context });
  const { title, subtitle, facts, markdown, charts } = output;
  await call(reportRender, { title, subtitle, facts, markdown, charts }, pages);
  const document = JSON.parse(context.textOf("report.json")) as DataReport;
  return { output, document, html: pages.textOf("report.html"), text: pages.textOf("report.md"), profile, context };
}

const PEOPLE = delimited(peopleData(300));

describe("data.report", () => {
  test("carries every number of the profile, with its definition, its task and the second count", async () => {
    const { document, profile, output } = await reported(PEOPLE);
    expect(document).toMatchObject({ report: "data-profile", rows: profile.rows, duplicate_rows: profile.duplicate_rows });
    expect(document.columns.map(({ name, missing, distinct, min, max, mean }) => ({ name, missing, distinct, min, max, mean }))).toEqual(
      profile.columns.map(({ name, missing, distinct, min, max, mean }) => ({ name, missing, distinct, min, max, mean })),
    );
    for (const key of ["rows", "missing", "distinct", "numbers", "mean", "min_max"])
      expect([key, document.provenance[key]]).toEqual([
        key,
        { task: "profile", capability: "data.profile", checked_by: { task: "recount", capability: "data.recount", agrees: true } },
      ]);
    for (const column of profile.columns) expect(output.markdown).toContain(`### ${column.name}`);
    expect(output.facts.find(({ label }) => label === "Rows")).toMatchObject({ value: "315", note: "SQL counts the same" });
  });

  test.each([
    ["rows", (recount: { rows: number }) => void (recount.rows += 1)],
    ["missing", ({ columns: [first] }: { columns: { missing: number }[] }) => void (first && (first.missing += 1))],
    ["mean", ({ columns: [first] }: { columns: { sum: number | null }[] }) => void (first && (first.sum = 0))],
    ["min_max", ({ columns: [first] }: { columns: { max: number | null }[] }) => void (first && (first.max = null))],
  ])("says where the second count does not agree: %s", async (key, change) => {
    const { document, text } = await reported(PEOPLE, change);
    const disagreeing = Object.entries(document.provenance).filter(([, { checked_by: check }]) => check?.agrees === false);
    expect(disagreeing.map(([name]) => name)).toEqual([key]);
    expect(text).toContain("not the same");
  });

  test("[R95] what a column is called and what it holds stays text", async () => {
    const evil = [
      "<script>alert(1)</script>",
      "![x](http://evil.example/p.png)",
      "[a](javascript:alert(1))",
      "a|b`c`",
      "![c](chart:missing)",
      "\u202egnp.exe",
      "</svg><img src=x onerror=alert(1)>",
    ];
    const rows = Array.from({ length: 30 }, (_, index) => evil.map((text) => (index % 3 === 0 ? null : text)));
    const { html, text } = await reported(delimited({ columns: evil, rows } satisfies DataSet));
    expect(activeParts(html)).toEqual([]);
    expect(html).not.toContain('evil.example/p.png"');
    expect(html).not.toContain("\u202e");
    expect(html).not.toContain('href="http://evil');
    expect(text).not.toContain("\u202e");
    expect(html.match(/id="chart-missing"/g)).toHaveLength(1);
  });

  test("has no more charts than a page takes, and says what it leaves out", async () => {
    const columns = Array.from({ length: 120 }, (_, index) => `c${index}`);
    const rows = Array.from({ length: 12 }, (_, row) => columns.map((_name, column) => (row === 3 ? null : (row * column) % 7)));
    const { output, html, document } = await reported(delimited({ columns, rows }));
    expect(output.charts.length).toBeLessThanOrEqual(50);
    expect(html).toContain("The other 80 columns");
    expect(document.columns).toHaveLength(120);
  });

  test("of an empty table says that there is nothing", async () => {
    const { output, html } = await reported("a,b\n");
    expect(output.warnings[0]).toBe("There are no rows.");
    expect(activeParts(html)).toEqual([]);
  });

  test("takes only a profile that belongs together", async () => {
    const { profile, context } = await reported("a\n1\n");
    const other = await context.artifacts.put({ name: "x.json", media_type: "application/json", content: "{}" });
    for (const wrong of [
      { ...profile, rows: 2 },
      { ...profile, profile: { ...profile.profile, hash: other.hash } },
    ])
      await expect(call(dataReport, { profile: wrong }, context)).rejects.toSatisfy((error) => isKosError(error, "BAD_REQUEST"));
  });
});

import { createHash } from "node:crypto";
import { isKosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { activeParts, htmlTags } from "../testing/html-tags.fixture.ts";
import { type TestContext, testContext } from "../testing/test-context.fixture.ts";
import { CHART_TYPES, type Chart } from "./chart.ts";
import { markdownCode, markdownText } from "./markdown-text.ts";
import { reportRender } from "./report-render.ts";

type Params = Parameters<typeof reportRender.run>[0];

async function render(params: Partial<Params>): Promise<TestContext> {
  const context = testContext();
  await call(reportRender, { title: "Title", markdown: "", ...params }, context);
  return context;
}

async function page(markdown: string, params: Partial<Params> = {}): Promise<string> {
  return (await render({ markdown, ...params })).textOf("report.html");
}

/** The main part of the page, without markup. */
async function shown(markdown: string): Promise<string> {
  const main = /<main>\n([\s\S]*)<\/main>/.exec(await page(markdown))?.[1] ?? "";
  const text = main.replace(/<[^>]*>/g, "").trim();
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => ({ "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" })[entity] ?? "&");
}

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt&colon;alert(1))",
  "[a](java\tscript:alert(1))",
  "[a](data:text/html;base64,PHNjcmlwdD4=)",
  "[a](vbscript:x)",
  "[a](file:///etc/passwd)",
  "[a](//evil.example/x)",
  "[a](/relative)",
  "[a](chart:x)",
  "![a](http://canary.example/pixel.png)",
  '![a](https://canary.example/p.png "t" onload="x")',
  "![a](//canary.example/p.png)",
  "![a](data:image/svg+xml;base64,PHN2Zz4=)",
  "![a](javascript:alert(1))",
  '![a" onerror="x](data:image/png;base64,AAAA)',
  '![a" onclick="x](https://example.org/)',
  "<javascript:alert(1)>",
  "[x]: javascript:alert(1)\n[x]",
  "![x][y]\n\n[y]: http://canary.example/p.png",
  "`<script>`",
  '```html"onload=x\n<script>\n```',
  "# <b>h</b> {#id onload=x}",
  "| a<script> | b |\n| :-: | --: |\n| <img src=x onerror=y> | ![a](http://canary.example) |",
  "<style>*{background:url(http://canary.example)}</style>",
  "<!-- --><base href=http://evil.example>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  '```diff\n+<script>alert(1)</script>\n-"><img src=x onerror=alert(1)>\n```',
  "\u0000<scr\u0000ipt>",
];

describe("report.render", () => {
  test.each(HOSTILE)("[R95] %j can do nothing", async (markdown) => {
    expect(activeParts(await page(markdown))).toEqual([]);
  });

  test("[R95] no text at all gives a page that runs or loads anything", async () => {
    const piece = fc.oneof(
      fc.constantFrom(...HOSTILE, "\n", "\n\n", "> ", "- ", "1. ", "|", "**", "_", "~~", "\\", "<", ">", '"', "'", "&", "]", "(", ")", "#"),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.string({ unit: "binary", minLength: 1 }), async (pieces, text) => {
        const facts = [{ label: text.slice(0, 50), value: text.slice(0, 50), note: text.slice(0, 50) }];
        const charts: Chart[] = CHART_TYPES.map((type) => ({
          id: type,
          type,
          title: text.slice(0, 100),
          unit: text.slice(0, 20),
          series: [{ label: text, value: 1 }],
        }));
        const markdown = `${pieces.join("")}\n\n${CHART_TYPES.map((type) => `![x](chart:${type})`).join("\n\n")}`;
        expect(activeParts(await page(markdown, { title: text.slice(0, 100), subtitle: text, facts, charts }))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("[R95] the page forbids scripts and everything from elsewhere, and allows only its own style", async () => {
    const html = await page("x");
    const policy =
      htmlTags(html)
        .find(({ attributes }) => attributes.get("http-equiv") === "Content-Security-Policy")
        ?.attributes.get("content") ?? "";
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(style).not.toMatch(/url\(|@import/);
  });

  test("[R95] a remote picture becomes a link that says so, an inline one is shown", async () => {
    const html = await page("![photo](https://example.org/p.png) ![dot](data:image/png;base64,AAAA)");
    expect(html).toContain('<a href="https://example.org/p.png" rel="noopener noreferrer nofollow">image: photo</a>');
    expect(html).toContain('<img src="data:image/png;base64,AAAA" alt="dot">');
  });

  test("links the contents to the headings, each with an id of its own", async () => {
    const html = await page("## Same\n\n### Same\n\n## Same `code` & more\n\n## \u00dcber\n\n## !!!");
    const tags = htmlTags(html);
    const ids = tags.flatMap(({ attributes }) => attributes.get("id") ?? []);
    const links = tags.flatMap(({ attributes }) => attributes.get("href") ?? []);
    expect(links).toEqual(["#s-same", "#s-same--2", "#s-same-code-more", "#s-\u00fcber", "#s-section"]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of links) expect(ids).toContain(link.slice(1));
  });

  test("tells the lines of a diff apart, and nothing of other code", async () => {
    const html = await page("```diff\n@@ -1,2 +1,2 @@\n same & so\n-old\n+new\n```\n\n```\n+code\n```");
    expect(html).toContain(
      '<pre class="diff"><code><span class="place">@@ -1,2 +1,2 @@\n</span><span class="same"> same &amp; so\n</span><span class="removed">-old\n</span><span class="added">+new\n</span></code></pre>',
    );
    expect(html).toContain("<pre><code>+code\n</code></pre>");
  });

  test("aligns table columns without a style attribute", async () => {
    const html = await page("| a | b |\n| :-- | --: |\n| 1 | 2 |");
    expect(html).toContain('<td class="right">2</td>');
    expect(html).not.toContain("style=");
  });

  test.each(CHART_TYPES)("draws a %s with title, description and its numbers as a table", async (type) => {
    const series = [
      { label: "one", value: 1234 },
      { label: "two <b>", value: 1 },
      { label: "nothing", value: 0 },
    ];
    const html = await page("![Chart](chart:it)", {
      charts: [{ id: "it", type, title: "A chart", description: "What it is", unit: "things", series }],
    });
    const figure = /<figure id="chart-it"[\s\S]*?<\/figure>/.exec(html)?.[0] ?? "";
    expect(figure).toContain('<title id="chart-it-title">A chart</title>');
    expect(figure).toContain("What it is. one: 1,234; two &lt;b&gt;: 1; nothing: 0.");
    expect(figure).toContain('<th scope="row">two &lt;b&gt;</th><td class="right">1</td>');
    expect(figure).not.toMatch(/NaN|Infinity|undefined/);
    expect(html).not.toContain("<p><figure");
  });

  test("draws any numbers without a coordinate that is none", async () => {
    const value = fc.oneof(
      fc.nat(),
      fc.constantFrom(0, 1e-9, Number.MAX_SAFE_INTEGER, 5e-324),
      fc.double({ min: 0, max: 1e12, noNaN: true }),
    );
    const series = fc.array(fc.record({ label: fc.string(), value }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CHART_TYPES), series, async (type, points) => {
        const html = await page("![x](chart:c)", { charts: [{ id: "c", type, title: "t", series: points }] });
        const svg = /<svg[\s\S]*?<\/svg>/.exec(html)?.[0].replace(/<(title|desc|text)\b[\s\S]*?<\/\1>/g, "") ?? "";
        expect(svg).not.toMatch(/NaN|Infinity|="-|e[+-]\d/);
      }),
      { numRuns: 80 },
    );
  });

  test("writes a Markdown file in which charts are tables, unless the text has the numbers", async () => {
    const chart: Chart = { id: "a", type: "bar", title: "Sizes", unit: "bytes", series: [{ label: "x|y", value: 1500 }] };
    const markdown = "before\n\n![Sizes](chart:a)\n\n![Other](chart:b)\n\nafter ![in text](chart:a)";
    const context = await render({
      subtitle: "Sub_title",
      facts: [{ label: "L", value: "V" }],
      markdown,
      charts: [chart, { ...chart, id: "b", in_text: true }],
    });
    expect(context.textOf("report.md")).toBe(
      "# Title\n\nSub\\_title\n\n| | | |\n| :-- | --: | :-- |\n| L | V |  |\n\nbefore\n\n**Sizes**\n\n| | bytes |\n| :-- | --: |\n| x\\|y | 1.5 kB |\n\n\nafter ![in text](chart:a)\n",
    );
    expect(context.written.map(({ name, media_type }) => [name, media_type])).toEqual([
      ["report.html", "text/html; charset=utf-8"],
      ["report.md", "text/markdown; charset=utf-8"],
    ]);
  });

  test("refuses two charts of one id, and shows the text of a chart that is not there", async () => {
    const chart: Chart = { id: "a", type: "bar", title: "t", series: [] };
    await expect(render({ charts: [chart, chart] })).rejects.toSatisfy(
      (error) => isKosError(error, "BAD_REQUEST") && error.details?.["at"] === "/charts/1/id",
    );
    expect(await shown("![not there](chart:nope)")).toBe("not there");
  });
});

describe("markdownText and markdownCode", () => {
  test("[R95] any text is shown as it is, in a paragraph and in a table", async () => {
    const text = fc.string({
      unit: fc.constantFrom(
        "a",
        "*",
        "_",
        "`",
        "|",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "!",
        "#",
        "-",
        "+",
        "1",
        ".",
        "&",
        "\\",
        "~",
        ":",
        "/",
        "h",
        "$",
        "^",
        "{",
        " x",
      ),
      minLength: 1,
      maxLength: 15,
    });
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const expected = value.trim().replace(/ +/g, " ");
        expect((await shown(markdownText(value))).replace(/ +/g, " ")).toBe(expected);
        expect((await shown(`| h |\n| - |\n| ${markdownText(value)} |`)).replace(/\s+/g, " ")).toBe(`h ${expected}`.trim());
        expect((await shown(`| h |\n| - |\n| ${markdownCode(value)} |`)).replace(/\s+/g, " ")).toBe(`h ${expected}`.trim());
      }),
      { numRuns: 150 },
    );
  });

  test.each(CHART_TYPES)("[R95] [R107] control and direction characters in the words of a %s chart become visible", async (type) => {
    const evil = "a\u202egnp.exe\u0000\u2066\u{e0041}";
    const chart: Chart = { id: "c", type, title: evil, description: evil, unit: evil, series: [{ label: evil, value: 1 }] };
    const figure = /<figure id="chart-c"[\s\S]*?<\/figure>/.exec(await page("![x](chart:c)", { charts: [chart] }))?.[0] ?? "";
    expect(figure).toContain("a\\u{202e}gnp.exe\\u{0}\\u{2066}\\u{e0041}");
    expect(figure).not.toMatch(/[\p{Cf}\ufffd]/u);
  });

  test("[R95] [R107] control and direction characters in a page's title and facts become visible", async () => {
    const evil = "a\u202egnp.exe";
    const html = await page("text", { title: evil, subtitle: evil, facts: [{ label: evil, value: evil, note: evil }] });
    expect(html).not.toContain("\u202e");
    expect(html.split("a\\u{202e}gnp.exe")).toHaveLength(7);
  });

  test("[R95] control and direction characters become visible", () => {
    expect(markdownCode("a\nb\u202ec\u0000")).toBe("`a\\nb\\u{202e}c\\u{0}`");
  });
});

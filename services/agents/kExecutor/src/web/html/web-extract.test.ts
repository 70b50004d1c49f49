import { describe, expect, test } from "vitest";
import { renderMarkdown } from "../../render/markdown-html.ts";
import { call } from "../../testing/call.fixture.ts";
import { activeParts } from "../../testing/html-tags.fixture.ts";
import { temporaryTree } from "../../testing/temporary-tree.fixture.ts";
import { testContext } from "../../testing/test-context.fixture.ts";
import { webExtract } from "./web-extract.ts";

const SENTENCE = "The harbour was built of granite, brought from the north by ships, and it has stood there for two hundred years. ";

function article(inside: string): string {
  return `<!doctype html><html lang="en"><head><title>The harbour - A site</title><meta name="author" content="Ann Example">
<meta name="description" content="About a harbour"><meta property="og:site_name" content="A site"><link rel="canonical" href="/harbour">
</head><body><nav>${'<a href="/n">nav</a> '.repeat(20)}</nav><article><h1>The harbour</h1><p>${SENTENCE.repeat(6)}</p>${inside}<p>${SENTENCE.repeat(6)}</p></article>
<footer>imprint</footer></body></html>`;
}

const read = (html: string, url?: string) => call(webExtract, { html, ...(url !== undefined && { url }) }, testContext());

describe("web.extract", () => {
  test("gives the article as Markdown and text, and what the page says of itself", async () => {
    const inside = `<ul><li>one</li><li>two</li></ul><table><tr><th>Year</th><th>Ships</th></tr><tr><td>1800</td><td>12</td></tr></table>
      <p>See <a href="../quay?x=1#top">the quay</a>, <a href="mailto:a@b.example">write</a>. ${SENTENCE}</p><img src="/pier.jpg" alt="The pier">`;
    const page = await read(article(inside), "https://harbour.example/docs/page");
    expect(page).toMatchObject({
      title: "The harbour - A site",
      byline: "Ann Example",
      language: "en",
      description: "About a harbour",
      site_name: "A site",
      canonical: "https://harbour.example/harbour",
      is_article: true,
      truncated: false,
      links_total: 21,
      images_total: 1,
      images: [{ src: "https://harbour.example/pier.jpg", alt: "The pier" }],
      headings: [{ level: 1, text: "The harbour" }],
      notes: [],
    });
    expect(page.markdown).toContain("[the quay](https://harbour.example/quay?x=1#top)");
    expect(page.markdown).toContain("| Year | Ships |");
    expect(page.markdown).toMatch(/^- +one$/m);
    expect(page.markdown).not.toContain("imprint");
    expect(page.text).toContain("See the quay, write.");
    expect(page.metadata["og:site_name"]).toBe("A site");
    expect(page.words).toBeGreaterThan(200);
  });

  test("[R95] [WH2] what a page smuggles in stays text or goes: scripts, handlers, javascript: links, frames, titles", async () => {
    const hostile = `<script>alert(1)</script><p onclick="alert(1)">click ${SENTENCE}</p><a href="javascript:alert(1)">run</a><iframe src="https://evil.example/"></iframe>
      <img src=x onerror="alert(1)"><svg><a xlink:href="javascript:1"><text>x</text></a></svg><p>&lt;img src=x onerror=alert(1)&gt; [x](javascript:alert(1)) ${SENTENCE}</p>
      <a href="data:text/html,<script>1</script>">data</a><a href="&#106;avascript:alert(1)">enc</a><form action="https://evil.example"><button>go</button></form>`;
    const page = await read(
      article(hostile).replace("The harbour - A site", "</title><script>alert(1)</script>"),
      "https://harbour.example/",
    );
    const { html } = renderMarkdown(page.markdown, { chart: () => undefined });
    expect(activeParts(html)).toEqual([]);
    expect(page.markdown).not.toMatch(/evil\.example|onerror="|alert\(1\)"/);
    expect(page.links.map(({ to }) => to)).toEqual(["https://harbour.example/n"]);
  });

  test("a page without an article is given whole, and a relative link without an address of the page is left out", async () => {
    const page = await read("<title>Menu</title><ul><li><a href=/a>Soup</a><li><a href=https://x.example/b>Bread</a></ul>");
    expect(page).toMatchObject({ title: "Menu", is_article: false, links: [{ to: "https://x.example/b", text: "Bread" }] });
    expect(page.markdown).toContain("Soup");
  });

  test.each([
    ["deep nesting", "<div>".repeat(200_000) + "deep inside"],
    ["a million tags", "<b>x".repeat(400_000)],
    ["huge attributes", `<p title="${"a".repeat(3_000_000)}" class="${"b ".repeat(500_000)}">short</p>`],
    ["unclosed everything", "<table><tr><td><ul><li><a href=/x><b><i>".repeat(20_000)],
    ["closing tags of nothing", "</div></p></table>".repeat(200_000)],
    ["endless entities", "&amp;".repeat(1_000_000)],
    ["a comment that never ends", `<p>before</p><!-- ${"x".repeat(1_000_000)}`],
    ["an attribute that never ends", `<p>before</p><a href="${"x".repeat(1_000_000)}`],
  ])("[R89] [WH1] hostile HTML is read within bounds: %s", { timeout: 60_000 }, async (_name, html) => {
    const page = await read(html, "https://hostile.example/");
    expect(page.markdown.length).toBeLessThanOrEqual(131_072);
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_000_000);
  });

  test("a long page is cut inline, and whole as an artifact", async () => {
    const context = testContext();
    const html = `<article>${`<p>${SENTENCE.repeat(20)}</p>`.repeat(200)}</article>`;
    const page = await call(webExtract, { html }, context);
    expect(page.truncated).toBe(true);
    expect(page.artifact?.bytes).toBeGreaterThan(page.markdown.length);
    expect(context.textOf("page.md").startsWith(page.markdown.slice(0, 1000))).toBe(true);
  });

  test("[R92] reads a file under a granted root and no other, and takes exactly one source", async () => {
    using tree = temporaryTree();
    tree.write("page.html", "<meta charset=windows-1252><title>caf\u00e9</title>");
    const context = testContext({ fsRoots: [tree.path] });
    expect(await call(webExtract, { path: `${tree.path}/page.html` }, context)).toMatchObject({
      title: "caf\u00e9",
      notes: [expect.stringContaining("windows-1252")],
    });
    await expect(call(webExtract, { path: "/etc/passwd" }, context)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(call(webExtract, { path: `${tree.path}/page.html`, html: "x" }, context)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(call(webExtract, { html: "x", url: "ftp://x/" }, context)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    tree.write("binary.html", Buffer.from([0, 1, 2, 0]));
    await expect(call(webExtract, { path: `${tree.path}/binary.html` }, context)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});

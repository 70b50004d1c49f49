import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readHtmlFacts } from "./html-facts.ts";

const ADDRESS = "http://site.example/docs/page";
const read = (html: string) => readHtmlFacts(html, ADDRESS);

describe("what a page says of itself", () => {
  test.each([
    ["<title> A\n title  &amp; more </title>", "A title & more"],
    ["<svg><title>picture</title></svg><title>page</title>", "page"],
    ["<title>first</title><title>second</title>", "first"],
    ["<template><title>hidden</title></template><title>shown</title>", "shown"],
    ["<title><b>bold</b> &lt;i&gt;</title>", "<b>bold</b> <i>"],
    ["<title>never closed", "never closed"],
    ["<body><p>no title</p>", ""],
    ["<title></title>", ""],
    ["<!-- <title>comment</title> --><title>real</title>", "real"],
    ["<script>document.write('<title>script</title>')</script><title>real</title>", "real"],
  ])("[WC5] title of %j", async (html, expected) => {
    expect((await read(html)).title).toBe(expected);
  });

  test("language, description, canonical address, robots, refresh and metadata", async () => {
    const facts = await read(
      `<html lang="de-CH"><meta name="Description" content=" About  it "><meta property="og:title" content="OG"><meta name="description" content="second">
       <link rel="Canonical" href="/c"><meta name=robots content="NOINDEX, follow"><meta http-equiv=Refresh content="5; URL='../next'">`,
    );
    expect(facts).toMatchObject({
      language: "de-CH",
      description: "About it",
      canonical: "http://site.example/c",
      robots: "noindex, follow",
      refresh: "http://site.example/next",
      metadata: { description: "About it", "og:title": "OG" },
    });
  });
});

describe("links", () => {
  test("[WC5] each target once with its count and the text of the first; everything that is no web address is none", async () => {
    const facts = await read(
      `<a href="a">one <b>two</b></a><a href="/docs/a#x">again</a><map><area href="/b"></map><a name=x>anchor</a><a href="javascript:x">js</a>
       <a href="mailto:a@b.example">m</a><a href="tel:1">t</a><a href="data:,x">d</a><template><a href="/t">t</a></template><!-- <a href="/c">c</a> -->
       <noscript><a href="/n">n</a></noscript><script>'<a href="/s">s</a>'</script><A HREF='https://other.example/x?a=1&amp;b=2' REL=NoFollow>o</A>`,
    );
    expect(facts.links).toEqual(
      [
        { to: "http://site.example/docs/a", text: "one two", rel: "", count: 2 },
        { to: "http://site.example/b", text: "anchor", rel: "", count: 1 },
        { to: "http://site.example/n", text: "n", rel: "", count: 1 },
        { to: "https://other.example/x?a=1&b=2", text: "o", rel: "nofollow", count: 1 },
      ].map((link) => (link.to.endsWith("/b") ? { ...link, text: "" } : link)),
    );
    expect(facts.linksTotal).toBe(5);
  });

  test("are resolved against the first base, which holds for those after it", async () => {
    const facts = await read('<base href="/other/"><base href="/third/"><a href="x">x</a><a href="#y">y</a>');
    expect(facts.links.map(({ to }) => to)).toEqual(["http://site.example/other/x", "http://site.example/other/"]);
  });

  test("resources are what a page loads, with their kind", async () => {
    const facts = await read(
      '<img src=/i.png alt=""><img src="data:image/gif;base64,x"><link rel="alternate stylesheet" href=/s.css><link rel=preload href=/p><script src=/j.js></script><iframe src=/f></iframe><video src=/v></video><link rel="shortcut icon" href=/favicon.ico>',
    );
    expect(facts.resources.map(({ to, kind }) => `${kind} ${new URL(to).pathname}`)).toEqual([
      "image /i.png",
      "stylesheet /s.css",
      "script /j.js",
      "frame /f",
      "media /v",
      "image /favicon.ico",
    ]);
    expect([facts.imagesTotal, facts.imagesWithoutAlt]).toEqual([2, 1]);
  });
});

describe("the text of a page", () => {
  test("is its content, a block a line, without what stands around it", async () => {
    const facts = await read(
      "<header>Site</header><nav><a href=/>Home</a></nav><main><h1>Title</h1><p>One <em>and</em> two.</p><ul><li>first<li>second</ul><script>x</script><style>y</style></main><footer>(c)</footer>",
    );
    expect(facts.text).toBe("Title\nOne and two.\nfirst\nsecond");
    expect(facts.headings).toEqual([{ level: 1, text: "Title" }]);
  });

  test("is all of it where the content is in what usually stands around it", async () => {
    expect((await read("<form><p>Everything is in a form here.</p></form>")).text).toBe("Everything is in a form here.");
  });
});

test("any text at all is read without an error, and no list grows beyond its bound", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.constantFrom(
            "<a href=",
            "<",
            ">",
            "</a>",
            "<title>",
            '"',
            "<!--",
            "-->",
            "<script>",
            "<base href=//x>",
            "&#0;",
            "\ud800",
            "<svg>",
            "</",
          ),
          fc.string(),
        ),
        { maxLength: 30 },
      ),
      async (parts) => {
        const facts = await read(parts.join(""));
        expect(JSON.stringify(facts).isWellFormed()).toBe(true);
        expect(facts.links.every(({ to }) => /^https?:\/\//.test(to))).toBe(true);
      },
    ),
  );
  const many = await read(
    '<a href="/">x</a>'.repeat(10) + Array.from({ length: 30_000 }, (_, index) => `<a href="/${index}">x</a>`).join(""),
  );
  expect([many.links.length, many.linksTotal]).toEqual([20_000, 30_010]);
});

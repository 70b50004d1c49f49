import { describe, expect, test } from "vitest";
import { renderMarkdown } from "../render/markdown-html.ts";
import { fsScan } from "../scan/fs-scan.ts";
import { call } from "../testing/call.fixture.ts";
import { digestFolder, type FolderDigest } from "../testing/digest-folder.fixture.ts";
import { makeDocuments, makeUnreadable } from "../testing/document-folder.fixture.ts";
import { markdownFile } from "../testing/documents.fixture.ts";
import { activeParts } from "../testing/html-tags.fixture.ts";
import { temporaryRepository, temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import type { DigestData } from "./digest-data.ts";
import { digestReport } from "./digest-report.ts";
import { docCount } from "./doc-count.ts";
import { docDigest } from "./doc-digest.ts";
import { docRemaining } from "./doc-remaining.ts";
import { documentFormatOf } from "./document-name.ts";

function dataOf({ context }: FolderDigest): DigestData {
  return JSON.parse(context.textOf("digest.json")) as DigestData;
}

const reasonsOf = (data: DigestData) =>
  Object.fromEntries(data.documents.flatMap(({ path, error }) => (error === undefined ? [] : [[path, error.reason]])));

describe("the digest of a folder", () => {
  test("knows each document as it was made, in seven formats and three languages", async () => {
    using tree = temporaryTree();
    const made = makeDocuments(tree.path, 36);
    const digest = await digestFolder(tree.path);
    const data = dataOf(digest);
    expect(data).toMatchObject({ documents_total: 36, documents_read: 36, documents_failed: 0, files_total: 36, others_total: 0 });
    const found = data.documents.map(({ path, format, language, title, words }) => ({ path, format, language, title, words }));
    const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);
    expect(found.toSorted(byPath)).toEqual([...made].sort(byPath));
    expect(data.words_total).toBe(made.reduce((sum, { words }) => sum + words, 0));
    expect(data.by_language).toEqual({ en: 12, de: 12, fr: 12 });
    expect(data.by_format).toEqual({ markdown: 6, html: 5, pdf: 5, docx: 5, odt: 5, epub: 5, text: 5 });
    for (const { summary, keywords, reading, sentences } of data.documents) {
      expect(summary.split(/[.”"»]\s/).length).toBeGreaterThanOrEqual(2);
      expect(keywords.length).toBeGreaterThanOrEqual(5);
      expect(sentences).toBeGreaterThan(8);
      expect(reading?.lix).toBeGreaterThan(20);
    }
    expect(data.provenance["documents_total"]?.checked_by).toEqual({ task: "walk", capability: "doc.count", value: 36, agrees: true });
  });

  test("names what cannot be read with its reason, and goes on", async () => {
    using tree = temporaryTree();
    makeDocuments(tree.path, 7);
    const reasons = makeUnreadable(tree.path);
    const digest = await digestFolder(tree.path);
    const data = dataOf(digest);
    const bad = Object.keys(reasons).length;
    expect(data).toMatchObject({ documents_total: 7 + bad, documents_read: 7, documents_failed: bad, others_total: 3 });
    expect(reasonsOf(data)).toEqual(reasons);
    expect(data.others).toEqual([
      { ending: "", files: 1 },
      { ending: "log", files: 1 },
      { ending: "png", files: 1 },
    ]);
    for (const path of Object.keys(reasons)) expect(digest.report.markdown).toContain(`\`${path}\` |`);
    expect(Object.values(data.by_format).reduce((sum, count) => sum + count, 0)).toBe(7 + bad);
    expect(Object.values(data.by_language).reduce((sum, count) => sum + count, 0)).toBe(7);
  });

  test("a chunk whose process is lost is read again one by one, and only the document at fault is given up", async () => {
    using tree = temporaryTree();
    makeDocuments(tree.path, 45);
    const digest = await digestFolder(tree.path, { loses: ({ index, from }, single) => (single ? from === 25 : index === 1) });
    expect(digest.parts.map((part) => part === null)).toEqual([false, true, false]);
    expect(digest.singles).toHaveLength(20);
    expect(digest.report).toMatchObject({ documents_total: 45, documents_read: 44, documents_failed: 1, lost: 1 });
    const data = dataOf(digest);
    expect(Object.values(reasonsOf(data))).toEqual(["lost"]);
    expect(data.documents[25]?.error?.reason).toBe("lost");
  });

  test("the same text in two documents is noticed, whatever they are called", async () => {
    using tree = temporaryTree();
    const text = "The harbour is closed for the winter. Ships go to the other port until the ice has gone.";
    tree.write("a.txt", text);
    tree.write("b/c.md", text);
    tree.write("d.txt", `${text} Not quite.`);
    expect(dataOf(await digestFolder(tree.path)).duplicates).toEqual([{ paths: ["a.txt", "b/c.md"] }]);
  });

  test("a folder without documents has an honest digest", async () => {
    using tree = temporaryTree();
    tree.write("picture.png", "x");
    const { report, list } = await digestFolder(tree.path);
    expect(list.chunks).toEqual([]);
    expect(report).toMatchObject({ documents_total: 0, words_total: 0, lost: 0 });
    expect(report.markdown).toContain("There are no documents in this folder.");
  });

  test("[R95] whatever documents are called and say stays text", async () => {
    using tree = temporaryTree();
    const evil = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](https://evil.example/y.png)";
    const sections = [{ heading: evil, paragraphs: [`${evil} is what the visitors of the harbour wrote into the guest book this year.`] }];
    tree.write(
      "a|b `c` <script>.md",
      markdownFile({ language: "en", title: JSON.stringify(evil), author: JSON.stringify(evil), sections }),
    );
    tree.write("<b>.pdf", "%PDF-1.7 <script>alert(1)</script>");
    tree.write("\u202egnp.txt", `${evil} and the rest of the text is as it should be for a guest book of a harbour.`);
    const { report } = await digestFolder(tree.path, { title: evil });
    const { html } = renderMarkdown(report.markdown, { chart: () => undefined });
    expect(activeParts(html).filter((part) => !part.startsWith("href=#"))).toEqual([]);
    expect(html).not.toContain("\u202e");
    expect(html).not.toContain('evil.example/y.png"');
  });

  test("a thousand documents fit: chunks of twenty, small outputs, a report that the page takes", async () => {
    using tree = temporaryTree();
    for (let index = 0; index < 1000; index += 1)
      tree.write(
        `${index % 50}/note-${index}.txt`,
        `Note number ${index} of the harbour office. Ship ${index % 89} was moved to hall ${index % 31}.\n`,
      );
    const digest = await digestFolder(tree.path);
    expect(digest.list.chunks).toHaveLength(50);
    expect(digest.report).toMatchObject({ documents_total: 1000, documents_read: 1000 });
    for (const part of digest.parts) expect(JSON.stringify(part).length).toBeLessThan(1000);
    expect(JSON.stringify(digest.list).length).toBeLessThan(32_768);
    expect(digest.report.markdown.length).toBeLessThan(1_000_000);
    expect(digest.report.markdown).toContain("more, in the JSON");
    expect(dataOf(digest).documents).toHaveLength(1000);
  });
});

describe("what counts as a document", () => {
  test("is decided by the ending, in any case", () => {
    const names = ["a.md", "b/C.PDF", "d.tar.docx", ".hidden.txt", "e.htm", "f.epub", "g.odt", "h.rst"];
    expect(names.map((name) => documentFormatOf(name) !== undefined)).toEqual(names.map(() => true));
    const others = ["a", "md", ".md", "a.log", "b.doc", "c.csv", "d.json", "e.md/f", "g.txt~", "h.pdf.gz"];
    expect(others.filter((name) => documentFormatOf(name) !== undefined)).toEqual([]);
  });

  test("symlinks and folders do not count, hidden files do, and both counts agree", async () => {
    using tree = temporaryTree();
    tree.write(".hidden/.notes.txt", "one");
    tree.write("folder.md/real.md", "two");
    tree.write(".md", "no");
    tree.link("link.txt", "folder.md/real.md");
    const { list, count } = await digestFolder(tree.path);
    expect([list.documents_total, count.documents, count.comparable]).toEqual([2, 2, true]);
  });

  test("where ignore files or repositories decide, the walk says that it cannot be compared", async () => {
    using repository = temporaryRepository();
    repository.write(".gitignore", "*.txt\n");
    repository.write("kept.md", "one");
    repository.write("ignored.txt", "two");
    const { list, count } = await digestFolder(repository.path);
    expect([list.documents_total, count.documents, count.comparable]).toEqual([1, 2, false]);
    await expect(call(docCount, { path: `${repository.path}/kept.md` }, testContext({ fsRoots: [repository.path] }))).rejects.toMatchObject(
      {
        code: "BAD_REQUEST",
      },
    );
    await expect(call(docCount, { path: "/etc" }, testContext({ fsRoots: [repository.path] }))).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });
});

test("parts that do not belong together are refused", async () => {
  using one = temporaryTree();
  using other = temporaryTree();
  one.write("a.txt", "one");
  other.write("b.txt", "two");
  const [first, second] = [await digestFolder(one.path), await digestFolder(other.path)];
  await expect(call(docRemaining, { chunks: first.list.chunks, parts: [] }, testContext())).rejects.toMatchObject({
    details: { at: "/parts" },
  });
  const scan = await call(fsScan, { path: one.path }, testContext({ fsRoots: [one.path], after: first.context }));
  const [part] = second.parts;
  const strange = await first.context.artifacts.put({
    name: "strange.ndjson",
    media_type: "application/x-ndjson",
    content: await second.context.artifacts.get(part?.details.hash ?? ""),
  });
  const broken = await first.context.artifacts.put({ name: "broken.ndjson", media_type: "application/x-ndjson", content: '{"path":1}\n' });
  const report = (details: { hash: string }) =>
    call(digestReport, { scan, list: first.list, parts: [{ details, measured_by: { task: "digest[0]" } }] }, first.context);
  await expect(report(strange)).rejects.toMatchObject({ code: "BAD_REQUEST", details: { at: "/parts" } });
  await expect(report(broken)).rejects.toMatchObject({ code: "BAD_REQUEST", details: { at: "/parts/0/details" } });
});

test("a document that is gone when it is to be read is named", async () => {
  using tree = temporaryTree();
  tree.write("a.txt", "one");
  const first = await digestFolder(tree.path);
  const [chunk] = first.list.chunks;
  if (chunk === undefined) throw new Error("there is no chunk");
  using empty = temporaryTree();
  const context = testContext({ fsRoots: [empty.path], after: first.context });
  const part = await call(docDigest, { path: empty.path, chunk }, context);
  expect(part).toMatchObject({ documents: 1, read: 0, failed: 1, words: 0 });
  expect(JSON.parse(context.textOf("digest-0001.ndjson"))).toMatchObject({ path: "a.txt", error: { reason: "unreachable" } });
});

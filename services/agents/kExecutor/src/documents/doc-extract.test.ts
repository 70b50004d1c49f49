import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { docxFile, epubFile, htmlFile, markdownFile, odtFile, SAMPLES, type SampleText } from "../testing/documents.fixture.ts";
import { pdfFile } from "../testing/pdf.fixture.ts";
import { temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { type TestContext, testContext } from "../testing/test-context.fixture.ts";
import { docExtract } from "./doc-extract.ts";

type Params = Parameters<typeof docExtract.run>[0];
type Output = Awaited<ReturnType<typeof docExtract.run>>;

async function extract(
  name: string,
  content: Uint8Array | string,
  params: Partial<Params> = {},
): Promise<Output & { readonly context: TestContext }> {
  using tree = temporaryTree();
  tree.write(name, content);
  const context = testContext({ fsRoots: [tree.path] });
  return { ...(await call(docExtract, { path: `${tree.path}/${name}`, ...params }, context)), context };
}

function pdfOf(sample: SampleText): Buffer {
  const lines = sample.sections.flatMap(({ heading, paragraphs }) => [
    "",
    { text: heading, size: 14 },
    ...paragraphs.flatMap((paragraph) => ["", ...paragraph.split(/(?<=\. )/)]),
  ]);
  return pdfFile([[{ text: sample.title, size: 20 }, ...lines]], { title: sample.title, author: sample.author, language: sample.language });
}

const FORMATS: readonly (readonly [Output["format"], string, (sample: SampleText) => Buffer])[] = [
  ["markdown", "a.md", markdownFile],
  ["html", "a.html", htmlFile],
  ["pdf", "a.pdf", pdfOf],
  ["docx", "a.docx", docxFile],
  ["odt", "a.odt", odtFile],
  ["epub", "a.epub", epubFile],
];

describe("doc.extract", () => {
  for (const sample of SAMPLES) {
    test.each(FORMATS)(`reads ${sample.language} as %s`, async (format, name, make) => {
      const got = await extract(name, make(sample));
      const { title, author, language, sections } = sample;
      expect(got).toMatchObject({ format, title, author, language, truncated: false, warnings: [] });
      expect(got.headings).toEqual([{ level: 1, text: title }, ...sections.map(({ heading }) => ({ level: 2, text: heading }))]);
      const paragraphs = sections.flatMap(({ heading, paragraphs: texts }) => [heading, ...texts]);
      expect(got.text.split(/\n\n/)).toEqual([title, ...paragraphs]);
      expect(got.markdown.replaceAll("\\", "").split(/\n\n/)).toEqual([
        `# ${title}`,
        ...sections.flatMap((section) => [`## ${section.heading}`, ...section.paragraphs]),
      ]);
      expect(got.context.textOf(`${name}.txt`)).toBe(got.text);
      expect(got.context.textOf(`${name}.md`)).toBe(got.markdown);
      expect(got.words).toBe(got.text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length);
    });
  }
});
void isKosError;

import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { summaryCases } from "../testing/summaries.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { diffText } from "./diff-text.ts";
import { textKeywords } from "./text-keywords.ts";
import { textLanguage } from "./text-language.ts";
import { MAX_TEXT_CHARS } from "./text-source.ts";
import { textSummarize } from "./text-summarize.ts";

const german = summaryCases("de")[1]?.text ?? "";
const unknown = `sha256:${"0".repeat(64)}`;

describe("text capabilities", () => {
  test("a text and an artifact of it give the same, and the language is detected", async () => {
    const context = testContext();
    const { hash } = await context.artifacts.put({ name: "a.txt", media_type: "text/plain", content: german });
    const given = await call(textSummarize, { text: german }, context);
    expect(given).toMatchObject({ language: "de", sentences_total: 13, truncated: false });
    expect(await call(textSummarize, { artifact: hash }, context)).toEqual(given);
    expect(await call(textKeywords, { artifact: hash }, context)).toEqual(await call(textKeywords, { text: german }, context));
    expect(await call(textLanguage, { artifact: hash }, context)).toMatchObject({ language: "de" });
  });

  test("a UTF-16 artifact is read by its byte order mark", async () => {
    const context = testContext();
    const { hash } = await context.artifacts.put({
      name: "a.txt",
      media_type: "text/plain",
      content: Buffer.from(`\ufeff${german}`, "utf16le"),
    });
    expect((await call(textSummarize, { artifact: hash }, context)).summary).toBe(
      (await call(textSummarize, { text: german }, context)).summary,
    );
  });

  test.each([{}, { text: "a", artifact: unknown }])("%j is refused: one text and no more", async (params) => {
    for (const capability of [textSummarize, textKeywords, textLanguage])
      await expect(capability.run(params, testContext())).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("an unknown artifact, a binary one, and both lengths at once are named", async () => {
    const context = testContext();
    const { hash } = await context.artifacts.put({
      name: "a.bin",
      media_type: "application/octet-stream",
      content: new Uint8Array([0, 1, 2]),
    });
    await expect(call(textSummarize, { artifact: unknown }, context)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(call(textLanguage, { artifact: hash }, context)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      details: { at: "/artifact" },
    });
    await expect(call(textSummarize, { text: german, sentences: 2, ratio: 0.5 }, context)).rejects.toMatchObject({
      details: { at: "/ratio" },
    });
  });

  test("of a text beyond the bound the beginning is read, and that is said", async () => {
    const long = "The harbour is closed. ".repeat(1 + MAX_TEXT_CHARS / 23);
    const result = await call(textLanguage, { text: long }, testContext());
    expect(result.language).toBe("en");
    const keywords = await call(textKeywords, { text: long, language: "en", max: 2 }, testContext());
    expect(keywords).toMatchObject({ truncated: true, sampled: true });
    expect(keywords.words).toBeLessThan(MAX_TEXT_CHARS / 20);
    expect(keywords.keywords[0]?.count).toBeLessThanOrEqual(keywords.words / 4);
  });

  test("take exactly one text, mark what is foreign, and say of every property what it is", () => {
    for (const { description } of [textSummarize, textKeywords, textLanguage, diffText]) {
      const [input, output] = [description.input, description.output].map((schema) => JSON.parse(JSON.stringify(schema)) as SchemaNode);
      expect([description.name, untitled(input ?? {}), untitled(output ?? {})]).toEqual([description.name, [], []]);
      expect([description.name, description.placement, description.idempotent, description.effects]).toEqual([
        description.name,
        "worker",
        true,
        [],
      ]);
      for (const [property, schema] of Object.entries(input?.properties ?? {}))
        if (schema["x-kos-type"] === "artifact.hash") expect([property, schema["x-kos-sink"]]).toEqual([property, "control"]);
    }
  });
});

interface SchemaNode {
  readonly title?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly [keyword: string]: unknown;
}

function untitled(schema: SchemaNode): readonly string[] {
  const children = { ...schema.properties, ...schema.items?.properties };
  return Object.entries(children).flatMap(([name, child]) => [...(child.title === undefined ? [name] : []), ...untitled(child)]);
}

import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { summaryCases } from "../testing/summaries.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { textKeywords } from "./text-keywords.ts";

const keywordsOf = async (text: string, options: { language?: string; max?: number } = {}) =>
  (await call(textKeywords, { text, ...options }, testContext())).keywords;

function example(id: string): string {
  const found = [...summaryCases("en"), ...summaryCases("de"), ...summaryCases("fr")].find((document) => document.id === id);
  return found?.text ?? "";
}

describe("text.keywords", () => {
  test.each([
    ["en-bees", ["wild bees", "hives"]],
    ["en-outage", ["servers", "certificate", "update"]],
    ["de-kartoffel", ["Mulch", "Kleegras", "Kartoffeln"]],
    ["de-streik", ["Kreis", "Gewerkschaft", "Tonnen"]],
    ["fr-phare", ["phare", "lampe"]],
    ["fr-archives", ["registres"]],
  ])("of %s are among others %j", async (id, expected) => {
    const terms = (await keywordsOf(example(id))).map(({ term }) => term);
    for (const term of expected) expect(terms).toContain(term);
  });

  test("counts and places are those of the text", async () => {
    const text = example("en-outage");
    for (const { term, count, offsets, weight } of await keywordsOf(text, { max: 20 })) {
      expect(count).toBeGreaterThanOrEqual(1);
      expect(offsets).toHaveLength(Math.min(20, count));
      expect(weight).toBeGreaterThan(0);
      const spelled = offsets.map(({ start, end }) => text.slice(start, end));
      expect(spelled).toContain(term);
      expect(new Set(spelled.map((spelling) => spelling.toLowerCase().slice(0, 4))).size).toBe(1);
    }
    const [best, ...rest] = await keywordsOf(text);
    expect(best?.weight).toBe(1);
    expect(rest.map(({ weight }) => weight)).toEqual(rest.map(({ weight }) => weight).sort((one, other) => other - one));
  });

  test("an elided article is no part of a French keyword, nor a possessive of an English one", async () => {
    const french = "L'eau manque. On garde l'eau dans une cuve. Il faut de l'eau. Personne n'a d'eau.";
    expect((await keywordsOf(french, { language: "fr" }))[0]).toMatchObject({ term: "eau", count: 4 });
    const english = "The harbour's wall fell. Nobody saw the harbour. The harbour is closed.";
    expect((await keywordsOf(english, { language: "en" }))[0]).toMatchObject({ term: "harbour", count: 3 });
  });

  test("no keyword is a part of another, begins or ends with a stop word, or is a number", async () => {
    for (const document of summaryCases("en")) {
      const terms = (await keywordsOf(document.text, { language: "en", max: 15 })).map(({ term }) => term.toLowerCase());
      for (const term of terms) {
        expect(term).not.toMatch(/^(?:the|of|and|in|a)\s|\s(?:the|of|and|in|a)$|^[\d.,]+$/);
        expect(terms.filter((other) => other !== term && ` ${other} `.includes(` ${term} `))).toEqual([]);
      }
    }
  });

  test("Japanese words are found in the flow of the text", async () => {
    const text = "図書館は日曜日も開きます。図書館の利用者は増えました。新しい図書館には本が多い。";
    expect((await keywordsOf(text, { language: "ja" })).map(({ term }) => term).join()).toContain("図書");
  });

  test("a language without a list gets its stop words from the text", async () => {
    const sentence = (n: number) => `Ang ka bato ng ${["lumaro", "kapitan", "sundalo", "dalampasigan"][n % 4]} ka ng bahay.`;
    const text = Array.from({ length: 30 }, (_, n) => sentence(n)).join(" ");
    const terms = (await keywordsOf(text, { language: "xh" })).map(({ term }) => term);
    expect(terms).not.toContain("ang");
    expect(terms.join(" ")).toContain("kapitan");
  });

  test.each(["", "…", "123 456", "the of and"])("a text without content has no keywords: %j", async (text) => {
    expect(await keywordsOf(text, { language: "en" })).toEqual([]);
  });
});

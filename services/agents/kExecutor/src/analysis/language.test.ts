import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { summaryCases } from "../testing/summaries.fixture.ts";
import { detectLanguage } from "./language.ts";

const SHORT_TEXTS = parse(readFileSync(join(import.meta.dirname, "../testing/short-texts.yaml"), "utf8")) as Readonly<
  Record<string, readonly string[]>
>;

describe("detectLanguage", () => {
  test("tells thirty languages by a phrase of three words", async () => {
    expect(Object.keys(SHORT_TEXTS)).toHaveLength(30);
    const wrong: string[] = [];
    for (const [language, texts] of Object.entries(SHORT_TEXTS))
      for (const text of texts) {
        const detected = await detectLanguage(text);
        if (detected.language !== language) wrong.push(`${text}: ${detected.language}`);
      }
    expect(wrong).toEqual([]);
  });

  test("is surer of a text than of a phrase, and of a text of one language than of a mixed one", async () => {
    const [phrase = "", , sentence = ""] = SHORT_TEXTS["cs"] ?? [];
    const whole = summaryCases("de")[0]?.text ?? "";
    const mixed = `${whole.slice(0, 900)} ${summaryCases("fr")[0]?.text.slice(0, 900)}`;
    const confidenceOf = async (text: string) => (await detectLanguage(text)).confidence;
    expect(await confidenceOf(sentence)).toBeGreaterThan(await confidenceOf(phrase));
    expect(await confidenceOf(whole)).toBeGreaterThan(0.85);
    expect(await confidenceOf(mixed)).toBeLessThan((await confidenceOf(whole)) - 0.05);
    const { alternatives } = await detectLanguage(phrase);
    expect(alternatives[0]?.language).toBe("sk");
  });

  test("reads samples from all of a long text", async () => {
    const lead = summaryCases("en")[0]?.text ?? "";
    const body = summaryCases("fr")
      .map(({ text }) => text)
      .join("\n");
    expect((await detectLanguage(`${lead.slice(0, 1200)}\n${body}`)).language).toBe("fr");
  });

  test.each(["", "   ", "12345 67.89", "!!! ??? ...", "\0\0\0"])("says und with no confidence for %j", async (text) => {
    expect(await detectLanguage(text)).toEqual({ language: "und", confidence: 0, alternatives: [] });
  });

  test("every confidence is between 0 and 1, best first", async () => {
    for (const texts of Object.values(SHORT_TEXTS)) {
      const { confidence, alternatives } = await detectLanguage(texts[0] ?? "");
      const all = [confidence, ...alternatives.map((other) => other.confidence)];
      expect(all).toEqual([...all].sort((one, other) => other - one));
      expect(all.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });
});

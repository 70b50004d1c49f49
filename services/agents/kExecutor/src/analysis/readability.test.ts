import { describe, expect, test } from "vitest";
import { summaryCases } from "../testing/summaries.fixture.ts";
import { LEAST_WORDS, readabilityOf } from "./readability.ts";

describe("readabilityOf", () => {
  test("LIX is the mean sentence plus the share of long words", () => {
    // Ten words, two of them of more than six letters, four times.
    const text = "The children played outside until the rain came at noon. ".repeat(4);
    expect(readabilityOf(text, "en")).toMatchObject({ words: 40, sentences: 4, lix: 30, level: "easy" });
  });

  test("Flesch is that of the formula where syllables are plain", () => {
    // Ten words of one syllable each a sentence.
    const text = "The cat sat on the mat and ate a fish. ".repeat(4);
    expect(readabilityOf(text, "en")?.flesch).toBeCloseTo(206.835 - 1.015 * 10 - 84.6, 1);
    // Sechs Wörter, neun Silben je Satz.
    const german = "Die Katze sitzt auf dem Sofa. ".repeat(6);
    expect(readabilityOf(german, "de")?.flesch).toBeCloseTo(180 - 6 - 58.5 * (8 / 6), 1);
  });

  test("a text for children is easier than a law", () => {
    const easy =
      "Tom has a dog. The dog is big. It runs and plays all day. Tom likes the dog. They go to the park. The sun is out. They are glad and they sing. ";
    const hard =
      "Notwithstanding the aforementioned provisions, the responsible authority may authorise supplementary expenditures whenever extraordinary circumstances, " +
      "documented in accordance with the applicable administrative regulations, necessitate immediate interventions for maintaining essential infrastructure. ";
    const [one, other] = [readabilityOf(easy, "en"), readabilityOf(hard.repeat(2), "en")];
    expect(one?.level).toBe("very_easy");
    expect(other?.level).toBe("very_hard");
    expect(one?.flesch).toBeGreaterThan((other?.flesch ?? 100) + 60);
  });

  test("syllables are counted within a twentieth in three languages", () => {
    const counted: Readonly<Record<string, readonly [string, number]>> = {
      en: [
        "The council voted to close the old stone bridge because cracks were found in two arches before the winter season and nobody wanted to wait any longer for money.",
        42,
      ],
      de: [
        "Der Gemeinderat beschloss am Mittwoch die Erneuerung des großen Beckens und bezahlt den Schulen die Busse in das Hallenbad der Nachbarstadt und hofft auf Geld vom Land und vom Bund.",
        47,
      ],
      fr: [
        "La ville de Valmont construira une deuxième ligne de tramway entre la gare et le grand parc du nord et les travaux commenceront au printemps pour durer trois ans et coûter cher.",
        44,
      ],
    };
    for (const [language, [text, syllables]] of Object.entries(counted)) {
      const { words, sentences, flesch } = readabilityOf(`${text} ${text}`, language) ?? { words: 1, sentences: 1, flesch: 0 };
      const [base, weight, slope] = { en: [206.835, 1.015, 84.6], de: [180, 1, 58.5], fr: [207, 1.015, 73.6] }[language] ?? [0, 0, 1];
      const found = (((base ?? 0) - ((weight ?? 0) * words) / sentences - (flesch ?? 0)) / (slope ?? 1)) * words;
      expect([language, Math.abs(found / 2 - syllables) / syllables < 0.05 || found]).toEqual([language, true]);
    }
  });

  test("ordinary articles are neither very easy nor absurd", () => {
    for (const language of ["en", "de", "fr"] as const)
      for (const { text } of summaryCases(language)) {
        const { lix = 0, flesch = 0 } = readabilityOf(text, language) ?? {};
        expect(lix).toBeGreaterThan(20);
        expect(lix).toBeLessThan(70);
        expect(flesch).toBeGreaterThan(20);
        expect(flesch).toBeLessThan(100);
      }
  });

  test("says nothing where there is nothing to say", () => {
    expect(readabilityOf("Too short to tell.", "en")).toBeUndefined();
    expect(readabilityOf("word ".repeat(LEAST_WORDS), "en")).toBeUndefined();
    expect(readabilityOf("委员会同意在冬季之前重建旧桥。".repeat(10), "zh")).toBeUndefined();
    expect(readabilityOf("Dörren är öppen och tåget går klockan halv tio till kusten idag. ".repeat(3), "sv")).not.toHaveProperty("flesch");
  });
});
